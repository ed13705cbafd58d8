//! SK307: a checkout without the content of its large files.

use super::size::shown;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// A file is a pointer of Git LFS instead of the content that it stands for.
    ///
    /// ## Why
    ///
    /// Git LFS keeps large files elsewhere and leaves a note of three lines in the repository. A checkout without
    /// `git lfs pull`, which is what many CI systems make, would embed and publish the note.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// === pdf/assets/form.pdf
    /// version https://git-lfs.github.com/spec/v1
    /// oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
    /// size 132735
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// === pdf/assets/form.pdf
    /// %PDF-1.7 and all that belongs to the form
    /// ```
    LFS_POINTER = "SK307", "lfs-pointer", Resources, Deny, Check::Skill(check)
}

/// How every pointer begins (Git LFS specification).
const BEGINNING: &str = "version https://git-lfs.github.com/spec/v1\n";

/// Below which size in bytes a file can be a pointer (Git LFS specification).
const MAX_BYTES: usize = 1024;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for &id in &cx.skill.own_files {
        let Some(pointer) = pointer(&cx.tree.file(id).bytes) else {
            continue;
        };
        let size = pointer
            .lines()
            .find_map(|line| line.strip_prefix("size ")?.parse().ok());
        let what = size.map_or_else(String::new, |size| format!(" for {}", shown(size)));
        let message = "this file holds a Git LFS pointer, not the content it stands for";
        let finding = Finding::at(&LFS_POINTER, id, 0..BEGINNING.len() - 1, message)
            .label(format!("a pointer{what}"))
            .note("the pointer would be embedded and served in place of the content");
        let help = "fetch the content with `git lfs pull`; in GitHub Actions set `lfs: true` for `actions/checkout`";
        out.push(finding.help(help));
    }
}

/// The text of a pointer, if that is what a file holds.
pub(super) fn pointer(bytes: &[u8]) -> Option<&str> {
    let is_pointer = bytes.len() < MAX_BYTES && bytes.starts_with(BEGINNING.as_bytes());
    let text = is_pointer.then(|| std::str::from_utf8(bytes).ok())??;
    text.contains("\noid ").then_some(text)
}
