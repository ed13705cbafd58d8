//! What has to hold for any tree: it can be checked, and everything that is said of it is about text that is there.

use skills_compiler::diagnostics::{Finding, Place, Style, render, summary};
use skills_compiler::source::{FileId, SourceTree};
use skills_compiler::{Options, lint};
use std::ops::Range;

/// Checks a tree with all rules on.
pub fn judge(tree: &SourceTree) {
    let mut options = Options::default();
    for group in skills_compiler::rules::Group::ALL.map(skills_compiler::rules::Group::name) {
        options.set_level(group, skills_compiler::diagnostics::Level::Warn, "the fuzzer").expect("a group");
    }
    for finding in lint(tree, &options) {
        places(tree, &finding);
        assert!(!render(tree, &finding, Style::Plain).is_empty());
        assert_eq!(summary(tree, &finding).lines().count(), 1);
    }
}

fn places(tree: &SourceTree, finding: &Finding) {
    if let Place::Bytes(file, span) = &finding.place {
        in_text(tree, *file, span);
    }
    for label in &finding.related {
        in_text(tree, label.file, &label.span);
    }
    for help in &finding.helps {
        let mut end = 0;
        for patch in &help.patches {
            in_text(tree, help.file.expect("a patch is in a file"), &patch.span);
            assert!(patch.span.start >= end, "patches are in order and apart");
            end = patch.span.end;
        }
    }
}

fn in_text(tree: &SourceTree, file: FileId, span: &Range<usize>) {
    let bytes = &tree.file(file).bytes;
    assert!(span.start <= span.end && span.end <= bytes.len(), "{span:?}");
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end), "{span:?}");
    }
}
