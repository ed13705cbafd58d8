//! SK308: compiled code, which nobody can review.
//!
//! Told by its first bytes, whatever it is called. WebAssembly is left alone: it runs in a sandbox, on every system, and
//! only where a skill brings a runtime for it.

use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// A file of a skill is compiled code: a program, a library, or the bytecode of Python.
    ///
    /// ## Why
    ///
    /// Nobody can review what compiled code does, and it runs on one kind of system only, while a skill is served to all.
    /// Over MCP a file also arrives without the permission to be executed.
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
    /// === pdf/scripts/fill escaped
    /// \x7fELF\x02\x01\x01\x00
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
    /// === pdf/scripts/fill.py
    /// print("fill the form")
    /// ```
    NATIVE_BINARY = "SK308", "native-binary", Resources, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for &id in &cx.skill.own_files {
        let file = cx.tree.file(id);
        if let Some(what) = binary(&file.bytes) {
            let finding = Finding::at_path(&NATIVE_BINARY, &file.path, format!("this file is {what}"))
                .note("nobody can review compiled code, and it runs only on the kind of system that it was built for");
            out.push(finding.help(
                "ship the source as a script, or let the skill say how the tool is installed",
            ));
        }
    }
}

/// What kind of compiled code a file is.
pub(super) fn binary(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x7f, b'E', b'L', b'F', ..] => Some("a Linux executable or library (ELF)"),
        [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] => {
            Some("a macOS executable or library (Mach-O)")
        }
        // A class file of Java begins with the same four bytes, but no universal binary holds as many architectures as
        // the version of a class file, which stands in the next four.
        [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 0..=30, ..] => Some("a macOS universal binary (Mach-O)"),
        [b'M', b'Z', ..] if is_pe(bytes) => Some("a Windows executable or library (PE)"),
        [b'!', b'<', b'a', b'r', b'c', b'h', b'>', b'\n', ..] => {
            Some("a static library or a package of one system (ar)")
        }
        // The version of Python 3.0 to 3.15 and later, a line end, and flags; the zeros keep text out.
        [_, 0x0b..=0x0f, b'\r', b'\n', 0..=3, 0, 0, 0, ..] => Some("Python bytecode"),
        _ => None,
    }
}

/// Whether the header of MS-DOS leads to one of Windows, as its field at 60 says.
fn is_pe(bytes: &[u8]) -> bool {
    let field = bytes
        .get(60..64)
        .and_then(|field| <[u8; 4]>::try_from(field).ok());
    let at = field.map_or(0, |field| u32::from_le_bytes(field) as usize);
    bytes
        .get(at..)
        .is_some_and(|header| header.starts_with(b"PE\0\0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_file_is_not_a_universal_binary_and_text_is_nothing() {
        assert_eq!(binary(&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52]), None);
        assert!(binary(&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2]).is_some());
        assert_eq!(binary(b"MZ is how this text begins"), None);
        assert_eq!(binary(b"a\x0d\r\ntext"), None);
        assert_eq!(binary(b"\0asm\x01\0\0\0"), None);
    }
}
