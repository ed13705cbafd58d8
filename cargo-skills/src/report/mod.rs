//! Findings in the format that somebody asked for; one format, one file.
//!
//! Every format makes the text of skills harmless by its own means: text formats escape what acts on a terminal, JSON formats
//! escape it as JSON does, and no format shows a secret.

mod chosen;
mod github;
mod human;
mod json;
mod place;
mod rustc_json;
mod sarif;
mod short;

use clap::ValueEnum;
use skills_compiler::diagnostics::Finding;
use skills_compiler::parallel;
use skills_compiler::source::SourceTree;

pub(crate) use human::{Done, count};
pub(crate) use json::harmless as harmless_json;

use crate::checked::Checked;
use crate::discovery::Looked;
use crate::error::Error;
use crate::output::{Output, pass};

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: the text of the build, with source, reasons and repairs
    #[default]
    Human,
    /// One line a finding: `path:line:column: level[CODE] message`
    Short,
    /// One JSON object a finding and line; docs/cli.md has its fields
    Json,
    /// The messages of `cargo check --message-format json`, for editors
    RustcJson,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

/// Prints the findings.
pub(crate) fn print(
    format: Format,
    checked: &[Checked],
    done: &Done,
    looked: &Looked,
    is_everything: bool,
    output: Output,
) -> Result<(), Error> {
    match format {
        Format::Human => output.print(&human::report(checked, done, looked, is_everything, output)),
        Format::Short => output.print(&lines(checked, short::line)),
        Format::Github => pass(&lines(checked, github::line)),
        Format::Json => pass(&try_lines(checked, json::line)?),
        Format::RustcJson => pass(&rustc_json::report(checked)?),
        Format::Sarif => pass(&sarif::report(checked)?),
    }
}

fn lines(checked: &[Checked], line: impl Fn(&SourceTree, &Finding) -> String + Sync) -> String {
    let findings: Vec<_> = all(checked).collect();
    let lines = parallel::map(&findings, |(tree, finding)| line(tree, finding) + "\n");
    lines.concat()
}

fn try_lines(
    checked: &[Checked],
    line: impl Fn(&SourceTree, &Finding) -> serde_json::Result<String> + Sync,
) -> Result<String, Error> {
    let findings: Vec<_> = all(checked).collect();
    let lines = parallel::map(&findings, |(tree, finding)| line(tree, finding));
    let lines = lines.into_iter().map(|line| Ok(line? + "\n"));
    lines.collect()
}

fn all(checked: &[Checked]) -> impl Iterator<Item = (&SourceTree, &Finding)> {
    checked
        .iter()
        .flat_map(|one| one.findings.iter().map(move |finding| (&one.tree, finding)))
}
