//! SK410: text that nobody can read.

use std::ops::Range;

use super::code::is_script;
use super::occurrence::and_more;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// A Markdown file or script holds 400 or more characters of Base64 or hexadecimal digits in a row.
    ///
    /// Images, fonts and certificates are left alone, and so are rows of letters without digits, such as those of genes.
    ///
    /// ## Why
    ///
    /// Nobody can review what is encoded, and it is how harmful code gets past those who would. To a model it is a waste of
    /// context.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Run [the script](scripts/fill.py).
    /// === pdf/scripts/fill.py
    /// import base64
    /// exec(base64.b64decode("aW1wb3J0IG9zLCBzeXMKZGVmIGZpbGwoZm9ybSwgdmFsdWVzKToKICAgIGZvciBrZXksIHZhbHVlIGluIHZhbHVlcy5pdGVtcygpOgogICAgICAgIGZvcm1ba2V5XSA9IHZhbHVlCiAgICByZXR1cm4gZm9ybQoKZGVmIG1haW4oKToKICAgIHBhdGggPSBzeXMuYXJndlsxXQogICAgd2l0aCBvcGVuKHBhdGgsICJyYiIpIGFzIGhhbmRsZToKICAgICAgICBwcmludChmaWxsKGhhbmRsZS5yZWFkKCksIHt9KSkKCmlmIF9fbmFtZV9fID09ICJfX21haW5fXyI6CiAgICBtYWluKCkKaW1wb3J0IG9zLCBzeXMKZGVmIGZpbGwoZm9ybSwgdmFsdWVzKToKICAgIGZvciBrZXksIHZhbHVl"))
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
    /// Run [the script](scripts/fill.py).
    /// === pdf/scripts/fill.py
    /// def fill(form, values):
    ///     for key, value in values.items():
    ///         form[key] = value
    ///     return form
    /// ```
    ENCODED_BLOB = "SK410", "encoded-blob", Security, Warn, Check::Skill(check)
}

/// The kinds of `data:` address that a page shows.
const MEDIA: &[&str] = &[
    "image/",
    "font/",
    "audio/",
    "video/",
    "application/font",
    "application/x-font",
];

/// How images, fonts, certificates and public keys begin in Base64; a character or two of an escape may stand before it.
const KNOWN: &[&str] = &[
    "PHN2Zy",
    "iVBORw0KGgo",
    "/9j/",
    "R0lGOD",
    "UklGR",
    "d09GM",
    "d09GR",
    "MII",
    "AAEAAAA",
];

/// How many characters in a row are no longer an identifier, a digest or a key.
const LEAST: usize = 400;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for (file, text) in cx.texts() {
        if !cx.skill.outlines.contains_key(&file) && !is_script(&cx.tree.file(file).path) {
            continue;
        }
        let found: Vec<_> = blobs(text.as_bytes())
            .filter(|blob| is_encoded(text, blob))
            .collect();
        let Some(first) = found.first() else {
            continue;
        };
        let message = format!(
            "{} characters that nobody can read stand here{}",
            first.len(),
            and_more(found.len())
        );
        out.push(
            Finding::at(&ENCODED_BLOB, file, first.start..first.start + 16, message)
                .label("what begins here is encoded")
                .note("no review can tell what is in it, and to a model it is a waste of context")
                .help("store what it holds as a file of the skill, decoded"),
        );
    }
}

/// All rows of at least [`LEAST`] characters of an encoding. Only one byte in so many is looked at as long as there is none.
fn blobs(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let probe = from + LEAST - 1;
            if !is_part(*bytes.get(probe)?) {
                from = probe + 1;
                continue;
            }
            let before = bytes
                .get(from..probe)?
                .iter()
                .rev()
                .take_while(|&&byte| is_part(byte))
                .count();
            let after = bytes
                .get(probe..)?
                .iter()
                .take_while(|&&byte| is_part(byte))
                .count();
            let start = probe - before;
            from = probe + after;
            if before + after >= LEAST {
                return Some(start..from);
            }
        }
    })
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// Whether a row looks encoded and is not what a page shows.
fn is_encoded(text: &str, blob: &Range<usize>) -> bool {
    let bytes = text.as_bytes().get(blob.clone()).unwrap_or_default();
    let count = |wanted: fn(&u8) -> bool| {
        bytes.iter().filter(|byte| wanted(byte)).count() * 100 / bytes.len().max(1)
    };
    let is_hex = count(u8::is_ascii_hexdigit) == 100
        && count(u8::is_ascii_digit) >= 20
        && count(u8::is_ascii_alphabetic) >= 5;
    let is_base64 = count(u8::is_ascii_digit) >= 3
        && count(u8::is_ascii_lowercase) >= 15
        && count(u8::is_ascii_uppercase) >= 15;
    // A set of bits: what is in a blob is ASCII.
    let seen = bytes
        .iter()
        .fold(0_u128, |seen, byte| seen | 1 << (byte & 127));
    let varies = seen.count_ones() >= 12;
    let head = text.get(..blob.start).unwrap_or_default();
    let near = head.len().saturating_sub(80);
    let near = (near..head.len())
        .find_map(|at| head.get(at..))
        .unwrap_or_default();
    let media = near.ends_with(";base64,") && MEDIA.iter().any(|kind| near.contains(kind))
        || KNOWN.iter().any(|known| {
            bytes
                .windows(known.len())
                .take(3)
                .any(|start| start == known.as_bytes())
        });
    (is_hex || is_base64) && varies && !media
}
