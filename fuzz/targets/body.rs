//! A body and a second page of any text: Markdown, and every rule about what it says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use skills_compiler::source::SourceTree;
use skills_fuzz::judge;

fuzz_target!(|markdown: &str| {
    let document = format!("---\nname: pdf\ndescription: Fills PDF forms.\n---\n{markdown}");
    let tree = SourceTree::new("skills", "skills")
        .with_file("pdf/SKILL.md", document)
        .with_file("pdf/references/forms.md", markdown)
        .with_file("pdf/scripts/run.sh", markdown);
    judge(&tree);
});
