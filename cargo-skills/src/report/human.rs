//! `human`: what the build prints, and a line that sums it up.

use anstyle::{AnsiColor, Style};
use skills_compiler::diagnostics::{Level, Style as Look, render, visible};

use super::chosen;
use crate::checked::Checked;
use crate::discovery::Looked;
use crate::output::Output;

/// What `--fix` did, if it was asked to do anything.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Done {
    /// It was not.
    NotAsked,
    Repaired {
        /// How many findings were repaired.
        findings: usize,
        /// In how many files.
        files: usize,
    },
}

pub(super) fn report(
    checked: &[Checked],
    done: &Done,
    looked: &Looked,
    is_everything: bool,
    output: Output,
) -> String {
    let look = if output.is_styled() {
        Look::Coloured
    } else {
        Look::Plain
    };
    let found: Vec<_> = super::all(checked).collect();
    let mut text = chosen::text(&found, is_everything, |tree, finding| {
        render(tree, finding, look) + "\n\n"
    });
    if !output.is_quiet() {
        let repairable = match done {
            Done::NotAsked => checked.iter().map(Checked::repairable).sum(),
            Done::Repaired { .. } => 0,
        };
        text += &visible_lines(&chosen::first_steps(&found, repairable));
        text += &styled(&summary(checked, done, looked), checked, output);
        text.push('\n');
    }
    text
}

/// Text whose lines have no sign that acts on a terminal.
fn visible_lines(text: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| visible(line.trim_end_matches('\n')) + "\n")
        .collect()
}

/// How it went, on one line.
fn summary(checked: &[Checked], done: &Done, looked: &Looked) -> String {
    let skills: usize = checked.iter().map(Checked::skills).sum();
    let total = |level| checked.iter().map(|one| one.count(level)).sum::<usize>();
    let found = match (total(Level::Deny), total(Level::Warn)) {
        (0, 0) => ", nothing found".to_owned(),
        (0, warnings) => format!(": {}", count(warnings, "warning")),
        (errors, 0) => format!(": {}", count(errors, "error")),
        (errors, warnings) => {
            format!(
                ": {}, {}",
                count(errors, "error"),
                count(warnings, "warning")
            )
        }
    };
    let repairs = repairs(checked, done).unwrap_or_default();
    let places = looked.places();
    let said = std::iter::once("").chain(looked.remarks.iter().map(String::as_str));
    let remarks = said.collect::<Vec<_>>().join("; ");
    let places = visible(&places);
    let remarks = visible(&remarks);
    format!(
        "{} checked{places}{found}{remarks}{repairs}",
        count(skills, "skill")
    )
}

/// What was repaired, and what could be or could not.
fn repairs(checked: &[Checked], done: &Done) -> Option<String> {
    let repairable: usize = checked.iter().map(Checked::repairable).sum();
    let Done::Repaired { findings, files } = *done else {
        return (repairable > 0).then(|| format!("; `--fix` repairs {repairable} of them"));
    };
    let repaired = format!(
        "; {} in {} repaired",
        count(findings, "finding"),
        count(files, "file")
    );
    Some(match repairable {
        0 if findings == 0 => return None,
        0 => repaired,
        left => format!(
            "{repaired}, and {left} not: that would bring other findings to light, or a file cannot be written"
        ),
    })
}

/// `1 skill`, `2 skills`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

fn styled(summary: &str, checked: &[Checked], output: Output) -> String {
    let has = |level| checked.iter().any(|one| one.count(level) > 0);
    let colour = match () {
        () if has(Level::Deny) => AnsiColor::BrightRed,
        () if has(Level::Warn) => AnsiColor::Yellow,
        () => AnsiColor::Green,
    };
    let style = Style::new().bold().fg_color(Some(colour.into()));
    if output.is_styled() {
        format!("{style}{summary}{style:#}")
    } else {
        summary.to_owned()
    }
}
