//! `SKILL.md` of any bytes: where the frontmatter begins and ends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use skills_compiler::source::SourceTree;
use skills_fuzz::judge;

fuzz_target!(|bytes: &[u8]| {
    judge(&SourceTree::new("skills", "skills").with_file("pdf/SKILL.md", bytes));
});
