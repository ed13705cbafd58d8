//! A skill as a model reads it: the instructions, and where its other files are.

use std::fmt::Write;

use skills_model::{Resource, Skill, ToolNames};

use crate::catalog::{relative_path, relative_uri, root_uri};

/// The body of the skill, followed by how to read its other files.
pub(super) fn instructions(skill: Skill, names: &ToolNames) -> String {
    let path = skill.path();
    let mut text = format!("Follow this skill, `{path}`:\n\n{}", skill.body().trim());
    let mut others = supporting_files(skill).peekable();
    if others.peek().is_some() {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n\n---\n\nPaths in this skill are relative to {}/. Read one of its files when the instructions call for \
             it: with the tool {}, the skill `{path}` and the path, or as the MCP resource at its URI.\n",
            root_uri(skill),
            names.read_skill_file
        );
    }
    for file in others {
        let _ = write!(text, "\n- {}", describe(skill, file));
    }
    text
}

/// The files of a skill beside its `SKILL.md`.
pub(super) fn supporting_files(skill: Skill) -> impl Iterator<Item = Resource> {
    let files = skill.resources().iter();
    files.filter(move |file| file.uri() != skill.uri())
}

/// One line on a file; with its URI where that is not simply the directory of the skill and the path.
fn describe(skill: Skill, file: Resource) -> String {
    let path = relative_path(skill, file);
    let (media_type, size) = (file.media_type(), file.size());
    let line = format!("`{path}` ({media_type}, {size} bytes)");
    if relative_uri(skill, file) == Some(path) {
        line
    } else {
        format!("{line}: {}", file.uri())
    }
}
