//! Comments of any text that could allow a rule.
#![no_main]

use libfuzzer_sys::fuzz_target;
use skills_compiler::source::SourceTree;
use skills_fuzz::judge;

fuzz_target!(|comment: &str| {
    let document = format!(
        "---\nname: pdf\ndescription: Fills PDF forms.\n---\n<!-- skills:{comment} -->\n[a](b.md) <!-- skills: allow({comment}) reason=\"{comment}\" -->\n"
    );
    judge(&SourceTree::new("skills", "skills").with_file("pdf/SKILL.md", document));
});
