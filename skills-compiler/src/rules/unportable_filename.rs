//! SK305: a path that some system cannot store, or that is none of a file.

use crate::diagnostics::Finding;
use crate::rules::rule::{BundleContext, Check, declare_rule};
use crate::source::OddityKind;

declare_rule! {
    /// A file or directory of a skill has a name that Windows cannot store, or is neither a file nor a directory.
    ///
    /// ## Why
    ///
    /// A host writes the files of a skill to the user's disk. A name with a colon or a question mark, a trailing dot, or
    /// the name of a device such as `aux` cannot be written on Windows; a name that is not UTF-8 cannot even be part of a
    /// URI. Pipes and sockets have no content.
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
    /// === pdf/references/forms:tax.md
    /// # Tax forms
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
    /// === pdf/references/forms-tax.md
    /// # Tax forms
    /// ```
    UNPORTABLE_FILENAME = "SK305", "unportable-filename", Resources, Deny, Check::Bundle(check)
}

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    let owners = cx.owners;
    let files = cx.tree.files().map(|(_, file)| file.path.as_str());
    // The directory of a skill bears the skill's name, which the rules about names judge.
    for path in files
        .chain(cx.tree.directories())
        .filter(|path| (owners.is_inside(path) || owners.is_above(path)) && !owners.is_skill(path))
    {
        let name = path.rsplit('/').next().unwrap_or_default();
        if let Some(fault) = fault(name) {
            let message = format!("the name `{name}` {fault}");
            let finding = Finding::at_path(&UNPORTABLE_FILENAME, path, message);
            out.push(
                finding
                    .note("a host writes the files of a skill to the user's disk, which may be one of Windows")
                    .help("rename it"),
            );
        }
    }
    // Outside of skills, too: what could not be read may be one.
    for oddity in cx.tree.oddities() {
        out.extend(odd(&oddity.path, &oddity.kind));
    }
}

/// Why a name cannot be stored, as the end of a sentence.
fn fault(name: &str) -> Option<String> {
    if let Some(control) = name.chars().find(|symbol| symbol.is_control()) {
        return Some(format!(
            "contains the control character U+{:04X}, which Windows does not allow",
            u32::from(control)
        ));
    }
    if let Some(sign) = name
        .chars()
        .find(|symbol| matches!(symbol, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\\'))
    {
        return Some(format!("contains `{sign}`, which Windows does not allow"));
    }
    if name.ends_with(['.', ' ']) {
        return Some(format!(
            "ends with a {}, which Windows does not allow",
            if name.ends_with('.') { "dot" } else { "blank" }
        ));
    }
    device(name).map(|device| {
        format!("stands for the device `{device}` on Windows, whatever its extension")
    })
}

/// The device of MS-DOS that a name stands for on Windows.
pub(super) fn device(name: &str) -> Option<String> {
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_ascii_uppercase();
    let numbered = |prefix: &str| {
        let number = stem.strip_prefix(prefix).unwrap_or_default();
        matches!(
            number,
            "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"
        )
    };
    let is_device = matches!(&*stem, "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered("COM")
        || numbered("LPT");
    is_device.then_some(stem)
}

fn odd(path: &str, kind: &OddityKind) -> Option<Finding> {
    let (message, note, help) = match kind {
        OddityKind::NameNotUtf8 => (
            "this name is not UTF-8".to_owned(),
            "a file is served under a URI, which is made of Unicode; the name is shown as far as it can be read",
            "rename it",
        ),
        OddityKind::Special(what) => (
            format!("this is {what}, not a file"),
            "only files and directories have content that could be embedded",
            "remove it, or move it out of the skill",
        ),
        OddityKind::TooDeep => (
            "this directory is nested too deeply to be read".to_owned(),
            "Windows stores paths of 260 characters, and clients look for skills a few levels deep",
            "move it up",
        ),
        _ => return None,
    };
    Some(
        Finding::at_path(&UNPORTABLE_FILENAME, path, message)
            .note(note)
            .help(help),
    )
}
