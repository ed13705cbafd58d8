//! SK314: files inside of a file. Told by its first bytes, whatever it is called.

use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// A file of a skill is an archive, or a document that is one, such as a `.docx`.
    ///
    /// This rule is off by default: a skill may well bring a template in such a form.
    ///
    /// ## Why
    ///
    /// What is packed is not seen in a review or in a diff, and no rule looks into it. It is a place to hide instructions
    /// and programs. A model cannot read it either without unpacking it first.
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
    /// === pdf/assets/forms.zip escaped
    /// PK\x03\x04\x14\x00\x00\x00\x08\x00
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
    /// === pdf/assets/forms/tax.txt
    /// Name:
    /// ```
    ARCHIVE = "SK314", "archive", Resources, Allow, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for &id in &cx.skill.own_files {
        let file = cx.tree.file(id);
        if let Some(what) = archive(&file.bytes) {
            let message = format!("this file is {what}, and nobody sees what is in it");
            out.push(
                Finding::at_path(&ARCHIVE, &file.path, message)
                    .note(
                        "reviews, diffs and rules do not look into it, and a model cannot read it",
                    )
                    .help("put the files themselves into the skill"),
            );
        }
    }
}

/// Where a tar archive has its name.
const TAR: usize = 257;

/// What kind of archive a file is.
fn archive(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => {
            Some("a ZIP archive, or a document that is one")
        }
        [0x1f, 0x8b, 8, ..] => Some("compressed with gzip"),
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Some("compressed with bzip2"),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some("compressed with xz"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("compressed with Zstandard"),
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Some("a 7-Zip archive"),
        [b'R', b'a', b'r', b'!', 0x1a, 7, ..] => Some("a RAR archive"),
        _ => bytes
            .get(TAR..)
            .is_some_and(|rest| rest.starts_with(b"ustar"))
            .then_some("a tar archive"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_told_by_their_first_bytes() {
        let tar = [&[b'x'; TAR][..], b"ustar\0"].concat();
        assert_eq!(archive(&tar), Some("a tar archive"));
        assert_eq!(archive(b"\x1f\x8b\x08\0"), Some("compressed with gzip"));
        assert_eq!(archive(b"BZh is how this text begins"), None);
        assert_eq!(archive(b""), None);
    }
}
