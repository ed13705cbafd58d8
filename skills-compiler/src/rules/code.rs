//! Which places of a file are code: something that is run, or shown as a command to run.

use super::rule::SkillContext;
use crate::source::FileId;
use crate::syntax::Outline;

/// What of a file is code.
#[derive(Clone, Copy, Debug)]
pub(super) enum Code<'a> {
    /// The blocks and spans of a page.
    In(&'a Outline),
    /// All of it: a script, or a file of commands.
    Everything,
    /// Nothing: data, or text of which nothing is known.
    Nothing,
}

impl<'a> Code<'a> {
    /// What of this file is code.
    pub(super) fn of(cx: &SkillContext<'a>, file: FileId) -> Self {
        let path = cx.tree.file(file).path.as_str();
        match cx.skill.outlines.get(&file) {
            Some(outline) => Self::In(outline),
            None if is_script(path) => Self::Everything,
            None => Self::Nothing,
        }
    }

    /// Whether an offset is in code.
    pub(super) fn contains(self, at: usize) -> bool {
        match self {
            Self::In(outline) => outline.is_code(at),
            Self::Everything => true,
            Self::Nothing => false,
        }
    }
}

/// Whether a file is run, by its name.
pub(super) fn is_script(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(name, "Makefile" | "Dockerfile" | "justfile")
        || matches!(
            extension.to_ascii_lowercase().as_str(),
            "sh" | "bash"
                | "zsh"
                | "fish"
                | "ps1"
                | "psm1"
                | "bat"
                | "cmd"
                | "py"
                | "js"
                | "mjs"
                | "cjs"
                | "ts"
                | "rb"
                | "pl"
                | "php"
                | "lua"
                | "mk"
        )
}
