//! `show`: one skill as a page for people, as JSON for programs, or as the `SKILL.md` that it is.

use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;
use skills_model::{Resource, Skill};

use super::terminal::{Style, Terminal, markdown, wrap};
use crate::catalog::{Catalog, relative_path};
use crate::error::Error;
use crate::text::{count, escape_line, printable, printable_json, size};

/// How a skill is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Page,
    Json,
    Raw,
}

/// The header with the facts, the files, and the instructions.
pub(super) fn page(catalog: Catalog, skill: Skill, terminal: &Terminal) -> String {
    let mut page = header(skill, terminal);
    page.push_str(&facts(catalog, skill, terminal));
    page.push_str(&files(skill, terminal));
    page.push('\n');
    let body = printable(skill.body().trim());
    if terminal.is_interactive {
        page.push_str(&markdown(&body, terminal));
    } else {
        page.push_str(&body);
        page.push('\n');
    }
    page
}

/// Everything that is known of the skill.
pub(super) fn json(catalog: Catalog, skill: Skill) -> Result<String, Error> {
    let files = skill.resources().iter();
    let document = Document {
        name: skill.name(),
        path: skill.path(),
        uri: skill.uri(),
        description: skill.description(),
        prompt: catalog.prompt_name(skill),
        size: skill.size(),
        digest: skill.digest().to_string(),
        frontmatter: serde_json::from_str(skill.frontmatter())?,
        files: files.map(|file| FileEntry::of(skill, file)).collect(),
        body: skill.body(),
    };
    let text = serde_json::to_string_pretty(&document)?;
    Ok(printable_json(&text) + "\n")
}

/// A skill as a program gets it.
#[derive(Serialize)]
struct Document {
    name: &'static str,
    path: &'static str,
    uri: &'static str,
    description: &'static str,
    prompt: Option<&'static str>,
    size: u64,
    digest: String,
    frontmatter: Value,
    files: Vec<FileEntry>,
    body: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FileEntry {
    path: &'static str,
    uri: &'static str,
    media_type: &'static str,
    size: u64,
    digest: String,
    executable: bool,
}

impl FileEntry {
    fn of(skill: Skill, file: Resource) -> Self {
        Self {
            path: relative_path(skill, file),
            uri: file.uri(),
            media_type: file.media_type(),
            size: file.size(),
            digest: file.digest().to_string(),
            executable: file.is_executable(),
        }
    }
}

fn header(skill: Skill, terminal: &Terminal) -> String {
    let name = terminal.style(Style::Bold, &escape_line(skill.name(), usize::MAX));
    let description = printable(skill.description());
    let mut header = format!("{name}\n");
    for line in wrap(&description, terminal.columns) {
        header.push_str(&line);
        header.push('\n');
    }
    header
}

fn facts(catalog: Catalog, skill: Skill, terminal: &Terminal) -> String {
    let digest = skill.digest().to_string();
    let content = format!(
        "{}, {}",
        count(skill.resources().len(), "file"),
        size(skill.size())
    );
    let facts = [
        ("path", skill.path()),
        ("uri", skill.uri()),
        (
            "prompt",
            catalog
                .prompt_name(skill)
                .unwrap_or("none: not for users to invoke"),
        ),
        ("digest", &digest),
        ("content", &content),
    ];
    let mut text = String::from("\n");
    for (name, value) in facts {
        let name = terminal.style(Style::Dim, &format!("{name:<8}"));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name}  {}", escape_line(value, usize::MAX));
    }
    text
}

fn files(skill: Skill, terminal: &Terminal) -> String {
    let mut text = String::new();
    for file in skill.resources() {
        let path = escape_line(relative_path(skill, file), usize::MAX);
        let mark = if file.is_executable() { "*" } else { "" };
        let note = format!("({}, {})", size(file.size()), file.media_type());
        let note = terminal.style(Style::Dim, &escape_line(&note, usize::MAX));
        let _ = writeln!(text, "    {path}{mark}  {note}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::guard::Permit;
    use crate::testing::BUNDLE;

    #[test]
    fn a_page_has_the_facts_the_files_and_the_body() {
        let terminal = Terminal {
            is_interactive: false,
            is_styled: false,
            columns: 80,
        };
        let catalog = Catalog::new(&BUNDLE, Permit::owner());
        let skill = catalog.skill("commit-message").unwrap();
        let page = page(catalog, skill, &terminal);
        for part in [
            "commit-message\nWrite a Git commit message.\n",
            "  content   4 files, 90 B\n",
            "    scripts/check.sh*  (15 B, application/x-sh)\n",
            "\n# Commit messages\n",
        ] {
            assert!(page.contains(part), "{part:?} in {page}");
        }
    }

    #[test]
    fn nothing_of_a_skill_is_obeyed_by_a_terminal() {
        let terminal = Terminal {
            is_interactive: true,
            is_styled: false,
            columns: 80,
        };
        let catalog = Catalog::new(&BUNDLE, Permit::owner());
        let skill = catalog.skill("internal-notes").unwrap();
        for text in [
            page(catalog, skill, &terminal),
            json(catalog, skill).unwrap(),
        ] {
            let obeyed = |character: char| character.is_control() && character != '\n';
            assert!(!text.chars().any(obeyed), "{text:?}");
            assert!(!text.contains('\u{202e}'), "{text:?}");
        }
    }
}
