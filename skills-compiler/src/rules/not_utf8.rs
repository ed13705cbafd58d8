//! SK010: a `SKILL.md` in another encoding.

use super::charset::{conversion, is_damaged_utf8, single_byte, utf16};
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::FaultKind;

declare_rule! {
    /// A `SKILL.md` is not text in UTF-8.
    ///
    /// ## Why
    ///
    /// Every loader reads UTF-8 and nothing else, as does JSON, in which skills travel over MCP. An editor that saves UTF-16 or
    /// Latin-1 makes a file that cannot be served.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md escaped
    /// ---
    /// name: pdf
    /// description: Fills PDF forms in a caf\xE9. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms in a café. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    NOT_UTF8 = "SK010", "not-utf8", Format, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for fault in cx
        .skill
        .faults
        .iter()
        .filter(|fault| fault.kind == FaultKind::NotUtf8)
    {
        let bytes = &cx.tree.file(cx.skill.document).bytes;
        let finding = finding(cx, bytes, fault.span.start);
        out.push(finding.note("loaders read a skill as UTF-8 and fail on anything else"));
    }
}

fn finding(cx: &SkillContext<'_>, bytes: &[u8], at: usize) -> Finding {
    let here =
        |at: usize, message: String| Finding::at(&NOT_UTF8, cx.skill.document, at..at + 1, message);
    let path = cx.tree.display(&cx.tree.file(cx.skill.document).path);
    if let Some(charset) = utf16(bytes) {
        let finding = here(0, format!("this file is {charset}, not UTF-8"));
        return finding.help(conversion(charset, &path));
    }
    match bytes.get(at) {
        Some(0) | None => here(at, "this file holds a NUL character".to_owned())
            .help("remove it; text has no use for it"),
        Some(byte) => {
            let charset = single_byte(bytes);
            let symbol = char::from(*byte);
            let guess = if charset == "ISO-8859-1" {
                format!("; in {charset} it is `{symbol}`")
            } else {
                String::new()
            };
            let finding = here(at, format!("the byte 0x{byte:02X} is not UTF-8{guess}"));
            if is_damaged_utf8(bytes) {
                finding.help("write what was meant in its place: the rest of the file is UTF-8, and a conversion would spoil it")
            } else {
                finding.help(conversion(charset, &path))
            }
        }
    }
}
