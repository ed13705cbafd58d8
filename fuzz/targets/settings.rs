//! `skills.toml` of any bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use skills_compiler::source::SourceTree;
use skills_fuzz::judge;

fuzz_target!(|bytes: &[u8]| {
    let document = "---\nname: pdf\ndescription: Fills PDF forms.\n---\n[a](b.md)\n";
    let tree = SourceTree::new("skills", "skills")
        .with_file("pdf/SKILL.md", document)
        .with_configuration("skills.toml", bytes);
    judge(&tree);
});
