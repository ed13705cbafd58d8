//! Frontmatter of any text: the YAML, and every rule about fields.
#![no_main]

use libfuzzer_sys::fuzz_target;
use skills_compiler::source::SourceTree;
use skills_fuzz::judge;

fuzz_target!(|yaml: &str| {
    let document = format!("---\nname: pdf\ndescription: Fills PDF forms.\n{yaml}\n---\nText.\n");
    judge(&SourceTree::new("skills", "skills").with_file("pdf/SKILL.md", document));
});
