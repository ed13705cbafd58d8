//! `audit verify` and `audit summary`: what is to be read from a record of decisions, as text for people or as JSON for
//! programs.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;

use crate::audit::Key;
use crate::audit::summary::{Counts, Summary};
use crate::audit::verify::{Remark, Report};
use crate::audit::{summary as counting, verify as checking};
use crate::error::Error;
use crate::text::{count, escape_line, printable_json};

/// How many remarks a person gets to read; a program gets all.
const SHOWN_REMARKS: usize = 50;

/// How many rows a table has for a person; a program gets all.
const SHOWN_ROWS: usize = 20;

/// What is to be done with files of a record.
#[derive(Debug)]
pub(crate) enum Inspection {
    Verify {
        files: Vec<PathBuf>,
        key_file: Option<PathBuf>,
        json: bool,
    },
    Summary {
        files: Vec<PathBuf>,
        json: bool,
    },
}

/// What is asked of an audit log.
#[derive(Debug, Subcommand)]
pub(super) enum Question {
    /// Check that no line was changed, left out, put in or moved
    ///
    /// The exit code is 0 if the chain holds, 1 if it does not, and 2 if a file cannot be read.
    Verify {
        /// The files, rotated ones included, in any order
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// The key that the server was given, to check the seals, which nobody can make without it
        #[arg(long, value_name = "FILE")]
        key_file: Option<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Count events by kind, method, skill, reason, status and subject
    Summary {
        /// The files, in any order
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

impl From<Question> for Inspection {
    fn from(question: Question) -> Self {
        match question {
            Question::Verify {
                files,
                key_file,
                json,
            } => Self::Verify {
                files,
                key_file,
                json,
            },
            Question::Summary { files, json } => Self::Summary { files, json },
        }
    }
}

/// What is printed, and how many lines do not fit.
pub(super) fn inspect(inspection: &Inspection) -> Result<(String, usize), Error> {
    match inspection {
        Inspection::Verify {
            files,
            key_file,
            json,
        } => {
            let key = key_file.as_deref().map(Key::read).transpose()?;
            let report = checking::verify(files, key.as_ref())?;
            let faults = report.faults();
            let text = if *json {
                as_json(&report)?
            } else {
                report_text(&report)
            };
            Ok((text, faults))
        }
        Inspection::Summary { files, json } => {
            let summary = counting::summary(files)?;
            let text = if *json {
                as_json(&summary)?
            } else {
                summary_text(&summary)
            };
            Ok((text, 0))
        }
    }
}

fn as_json(value: &impl Serialize) -> Result<String, Error> {
    let text = serde_json::to_string_pretty(value)?;
    Ok(printable_json(&text) + "\n")
}

fn report_text(report: &Report) -> String {
    let Report {
        files,
        lines,
        first,
        last,
        seals,
        sealed_up_to,
        remarks,
    } = report;
    let mut text = String::new();
    // Writing to a string cannot fail.
    for remark in remarks.iter().take(SHOWN_REMARKS) {
        let Remark {
            file,
            line,
            is_fault,
            text: what,
        } = remark;
        let word = if *is_fault { "error" } else { "note" };
        let file = escape_line(&file.to_string_lossy(), usize::MAX);
        let _ = writeln!(text, "{file}:{line}: {word}: {}", escape_line(what, 500));
    }
    if let Some(more @ 1..) = remarks.len().checked_sub(SHOWN_REMARKS) {
        let _ = writeln!(text, "... and {more} more; --json has all");
    }
    let events = count(usize::try_from(*lines).unwrap_or(usize::MAX), "line");
    let _ = write!(text, "{events} in {}", count(files.len(), "file"));
    if let (Some(first), Some(last)) = (first, last) {
        let _ = write!(text, ", numbers {first} to {last}");
    }
    let _ = match (seals, sealed_up_to) {
        (None, _) => write!(text, "; seals were not checked (--key-file)"),
        (Some(_), None) => write!(text, "; nothing is sealed"),
        (Some(seals), Some(number)) => write!(
            text,
            "; {} of this key, for everything up to number {number}",
            count(usize::try_from(*seals).unwrap_or(usize::MAX), "seal")
        ),
    };
    let verdict = match report.faults() {
        0 => "the chain holds".to_owned(),
        faults => format!("{} not fit", plural(faults)),
    };
    let _ = writeln!(text, "\n{verdict}");
    text
}

fn plural(faults: usize) -> String {
    let verb = if faults == 1 { "does" } else { "do" };
    format!("{} {verb}", count(faults, "line"))
}

fn summary_text(summary: &Summary) -> String {
    let Summary {
        events,
        unreadable,
        dropped,
        first,
        last,
        kinds,
        methods,
        skills,
        reasons,
        statuses,
        subjects,
    } = summary;
    let mut text = format!("events      {events}\n");
    // Writing to a string cannot fail.
    if let (Some(first), Some(last)) = (first, last) {
        let span = format!("{first} to {last}");
        let _ = writeln!(text, "time        {}", escape_line(&span, 100));
    }
    for (name, number) in [("unreadable", unreadable), ("dropped", dropped)] {
        if *number > 0 {
            let _ = writeln!(text, "{name:<10}  {number}");
        }
    }
    for (title, counts) in [
        ("KIND", kinds),
        ("METHOD", methods),
        ("SKILL", skills),
        ("REASON", reasons),
        ("STATUS", statuses),
        ("SUBJECT (keyed digest)", subjects),
    ] {
        table(&mut text, title, counts);
    }
    text
}

/// The most frequent first.
fn table(text: &mut String, title: &str, counts: &Counts) {
    if counts.is_empty() {
        return;
    }
    let mut rows: Vec<_> = counts.iter().collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\n     COUNT  {title}");
    for (name, count) in rows.iter().take(SHOWN_ROWS) {
        let _ = writeln!(text, "{count:>10}  {}", escape_line(name, 200));
    }
    if let Some(more @ 1..) = rows.len().checked_sub(SHOWN_ROWS) {
        let _ = writeln!(text, "            ... and {more} more; --json has all");
    }
}
