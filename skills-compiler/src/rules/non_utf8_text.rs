//! SK312: text in another encoding, beside the `SKILL.md` that `not-utf8` is about.

use super::charset::{conversion, is_damaged_utf8, single_byte, utf16};
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::{FileId, SourceFile};

declare_rule! {
    /// A file of a skill is text, but not in UTF-8.
    ///
    /// ## Why
    ///
    /// What is not UTF-8 is served as a blob in Base64, which hosts do not show to a model as text. So the agent cannot read
    /// the file, and scripts that read UTF-8 fail on it.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Read [the glossary](references/glossary.md) first.
    /// === pdf/references/glossary.md escaped
    /// Pi\xE8ce jointe: a file that comes with the form.
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
    /// Read [the glossary](references/glossary.md) first.
    /// === pdf/references/glossary.md
    /// Pièce jointe: a file that comes with the form.
    /// ```
    NON_UTF8_TEXT = "SK312", "non-utf8-text", Resources, Warn, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let others = cx
        .skill
        .own_files
        .iter()
        .filter(|id| **id != cx.skill.document && !cx.skill.texts.contains_key(id));
    for &id in others {
        let file = cx.tree.file(id);
        let Err(error) = std::str::from_utf8(&file.bytes) else {
            continue;
        };
        if let Some(charset) = text_charset(&file.path, &file.bytes) {
            out.push(finding(cx, id, error.valid_up_to(), charset));
        }
    }
}

fn finding(cx: &SkillContext<'_>, file: FileId, at: usize, charset: &str) -> Finding {
    let SourceFile { path, bytes, .. } = cx.tree.file(file);
    let here = |message: String| {
        Finding::at(&NON_UTF8_TEXT, file, at..at + 1, message)
            .note("it is served as a blob, which a model cannot read")
    };
    let conversion = conversion(charset, &cx.tree.display(path));
    match bytes.get(at) {
        _ if charset.starts_with("UTF-16") => {
            here(format!("this text is {charset}, not UTF-8")).help(conversion)
        }
        Some(byte) if is_damaged_utf8(bytes) => {
            here(format!("the byte 0x{byte:02X} makes this text no UTF-8"))
                .help("write the character anew: it was damaged, or cut off in its middle")
        }
        _ => here(format!("this text is not UTF-8, but perhaps {charset}")).help(conversion),
    }
}

/// Extensions of files that are text, whatever they hold.
const TEXTS: &[&str] = &[
    "csv", "html", "js", "json", "md", "ps1", "py", "rst", "sh", "sql", "srt", "tex", "toml", "ts",
    "tsv", "txt", "xml", "yaml", "yml",
];

/// The encoding that the bytes of a file are in if they are text at all.
fn text_charset(path: &str, bytes: &[u8]) -> Option<&'static str> {
    if let Some(charset) = utf16(bytes) {
        return is_utf16(charset, bytes).then_some(charset);
    }
    let has_text_name = || {
        path.rsplit_once('.').is_some_and(|(_, extension)| {
            TEXTS
                .iter()
                .any(|text| extension.eq_ignore_ascii_case(text))
        })
    };
    let is_mostly_ascii =
        || bytes.iter().filter(|byte| byte.is_ascii()).count() > bytes.len() / 4 * 3;
    let is_text =
        bytes.iter().all(|&byte| is_textual(byte)) && (has_text_name() || is_mostly_ascii());
    is_text.then(|| single_byte(bytes))
}

fn is_textual(byte: u8) -> bool {
    byte >= b' ' && byte != 0x7f || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b)
}

/// Whether all pairs of bytes are characters that text has.
fn is_utf16(charset: &str, bytes: &[u8]) -> bool {
    let is_big_endian = charset == "UTF-16BE" || bytes.starts_with(&[0xfe, 0xff]);
    let units = bytes.chunks(2).map(|pair| match *pair {
        [high, low] if is_big_endian => u16::from_be_bytes([high, low]),
        [low, high] => u16::from_le_bytes([low, high]),
        _ => 0,
    });
    char::decode_utf16(units).all(|symbol| {
        symbol.is_ok_and(|symbol| !symbol.is_control() || matches!(symbol, '\t' | '\n' | '\r'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_what_is_none() {
        let check = |bytes: &[u8], expected| {
            assert_eq!(text_charset("notes", bytes), expected, "{bytes:?}");
        };
        check(b"caf\xe9 au lait\r\n", Some("ISO-8859-1"));
        check(b"\x93all that is quoted\x94", Some("WINDOWS-1252"));
        check(b"\xff\xfea\0b\0", Some("UTF-16"));
        check(b"\xff\xfb\x90\x00\x00", None);
        check(b"\x89PNG\r\n\x1a\n", None);
        check(b"\xff\xfe\x01\x00", None);
        check(b"\x82\xb1\x82", None);
        assert!(text_charset("a.txt", b"\x82\xb1\x82").is_some());
    }
}
