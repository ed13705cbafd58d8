//! SK510: a file of which nobody can tell what it is.

use super::native_binary::binary;
use crate::diagnostics::Finding;
use crate::lower::media_type::is_known;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// A file is not text, and neither is its extension one that a media type is known for.
    ///
    /// Text is left alone: without a known extension it is served as `text/plain`, which is right. This rule is off by
    /// default.
    ///
    /// ## Why
    ///
    /// The file is served as `application/octet-stream`, which tells a host nothing. It can show it to nobody and give it to
    /// no model.
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
    /// === pdf/assets/logo escaped
    /// \x89PNG\r
    /// \x1a
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
    /// === pdf/assets/logo.png escaped
    /// \x89PNG\r
    /// \x1a
    /// ```
    MIME_UNKNOWN = "SK510", "mime-unknown", Protocol, Allow, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for &id in &cx.skill.own_files {
        let file = cx.tree.file(id);
        let name = file.path.rsplit('/').next().unwrap_or_default();
        // Compiled code has no place in a skill, whatever it is called; `native-binary` says so.
        if is_known(name)
            || binary(&file.bytes).is_some()
            || std::str::from_utf8(&file.bytes).is_ok()
        {
            continue;
        }
        let extension = match name.rsplit_once('.') {
            Some((_, extension)) => format!("the extension `.{extension}`"),
            None => "a name without an extension".to_owned(),
        };
        let message = format!("the media type of this file cannot be told from {extension}");
        out.push(
            Finding::at_path(&MIME_UNKNOWN, &file.path, message)
                .note("it is served as `application/octet-stream`, which a host can show to nobody")
                .help("give it the usual extension of its format, or leave it out if the agent has no use for it"),
        );
    }
}
