//! `list`: the skills as a table for people, or as JSON for programs.

use std::fmt::Write;

use serde::Serialize;
use skills_model::Skill;

use super::terminal::{Style, Terminal, shorten, width};
use crate::catalog::Catalog;
use crate::error::Error;
use crate::text::{count, escape_line, printable_json, size};

/// The widest that the column of paths is made; a longer path pushes its own line out.
const PATH_COLUMNS: usize = 32;

/// The narrowest that the column of descriptions is made.
const DESCRIPTION_COLUMNS: usize = 20;

pub(super) fn list(catalog: Catalog, json: bool, terminal: &Terminal) -> Result<String, Error> {
    if json {
        let skills = catalog.skills().map(|skill| item(catalog, skill));
        let skills: Vec<Item> = skills.collect();
        let text = serde_json::to_string_pretty(&skills)?;
        return Ok(printable_json(&text) + "\n");
    }
    Ok(table(catalog.skills(), terminal))
}

/// A skill as a program gets it.
#[derive(Serialize)]
struct Item {
    name: &'static str,
    path: &'static str,
    uri: &'static str,
    description: &'static str,
    prompt: Option<&'static str>,
    files: usize,
    size: u64,
    digest: String,
}

fn item(catalog: Catalog, skill: Skill) -> Item {
    Item {
        name: skill.name(),
        path: skill.path(),
        uri: skill.uri(),
        description: skill.description(),
        prompt: catalog.prompt_name(skill),
        files: skill.resources().len(),
        size: skill.size(),
        digest: skill.digest().to_string(),
    }
}

fn table(skills: impl Iterator<Item = Skill>, terminal: &Terminal) -> String {
    let rows: Vec<Row> = skills.map(Row::of).collect();
    let widest = rows.iter().map(|row| width(&row.path)).max();
    let paths = widest.unwrap_or(0).clamp(4, PATH_COLUMNS);
    let heading = format!("{}  FILES        SIZE  DESCRIPTION", pad("PATH", paths));
    let mut table = terminal.style(Style::Bold, &heading) + "\n";
    for row in &rows {
        row.push(&mut table, paths, terminal);
    }
    let total = count(rows.len(), "skill");
    // Writing to a string cannot fail.
    let _ = writeln!(table, "\n{}", terminal.style(Style::Dim, &total));
    table
}

struct Row {
    path: String,
    files: usize,
    size: String,
    description: String,
}

impl Row {
    fn of(skill: Skill) -> Self {
        let description = skill.description().split_whitespace().collect::<Vec<_>>();
        Self {
            path: escape_line(skill.path(), usize::MAX),
            files: skill.resources().len(),
            size: size(skill.size()),
            description: escape_line(&description.join(" "), usize::MAX),
        }
    }

    fn push(&self, table: &mut String, paths: usize, terminal: &Terminal) {
        let start = format!(
            "{}  {:>5}  {:>10}  ",
            pad(&self.path, paths),
            self.files,
            self.size
        );
        // A program gets the whole line; a person one that fits.
        let description = if terminal.is_interactive {
            let room = terminal.columns.saturating_sub(width(&start));
            shorten(&self.description, room.max(DESCRIPTION_COLUMNS))
        } else {
            self.description.clone()
        };
        let _ = writeln!(table, "{start}{description}");
    }
}

fn pad(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(missing))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::guard::Permit;
    use crate::testing::BUNDLE;

    const PLAIN: Terminal = Terminal {
        is_interactive: true,
        is_styled: false,
        columns: 62,
    };

    #[test]
    fn a_person_gets_a_table_that_fits() {
        let table = list(Catalog::new(&BUNDLE, Permit::owner()), false, &PLAIN).unwrap();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines[0], "PATH            FILES        SIZE  DESCRIPTION");
        assert_eq!(
            lines[1],
            "acme/refunds        1        32 B  Refund a customer of Acme."
        );
        assert_eq!(
            lines[4],
            "internal-notes      1        29 B  Notes \\u{1b}[31mred."
        );
        assert_eq!(
            lines[2],
            "commit-message      4        90 B  Write a Git commit message."
        );
        assert_eq!(lines[6], "4 skills");
    }

    #[test]
    fn a_program_gets_json_without_control_characters() {
        let text = list(Catalog::new(&BUNDLE, Permit::owner()), true, &PLAIN).unwrap();
        assert!(
            !text
                .chars()
                .any(|character| character.is_control() && character != '\n')
        );
        let skills: Vec<Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(skills[3]["description"], "Notes \u{1b}[31mred.");
    }
}
