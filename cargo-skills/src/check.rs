//! `check`: from paths to a verdict.

use std::path::PathBuf;

use crate::checked::{Checked, Linter};
use crate::discovery::Copies;
use crate::error::Error;
use crate::levels::Levels;
use crate::output::Output;
use crate::progress::Progress;
use crate::repair::{Repaired, diff, repair, write};
use crate::report::{self, Done, Format, count};
use crate::target::{self, Target, Targets};

use skills_compiler::diagnostics::Level;

/// What to check, and how.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) paths: Vec<PathBuf>,
    /// Which file standard input is, if it is to be checked.
    pub(crate) buffer: Option<PathBuf>,
    pub(crate) fix: Fix,
    pub(crate) format: Format,
    /// Whether a person sees every finding, however many there are.
    pub(crate) is_everything: bool,
    pub(crate) levels: Levels,
}

impl Order {
    /// Copies that are to be repaired are looked at each for itself.
    pub(crate) fn copies(&self) -> Copies {
        match self.fix {
            Fix::No => Copies::Once,
            Fix::DryRun | Fix::Yes => Copies::Each,
        }
    }
}

/// What to do about what can be repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fix {
    /// Nothing.
    No,
    /// Show it.
    DryRun,
    /// Do it.
    Yes,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing is denied.
    Clean,
    /// Something is.
    Denied,
}

/// Reads what the order names, checks it, repairs it if that is wanted, and reports. What was checked comes along with the
/// verdict, because whoever ends now has no need to free it.
pub(crate) fn check(order: &Order, output: Output) -> Result<(Verdict, Vec<Checked>), Error> {
    let linter = Linter::new(&order.levels)?;
    let Targets { all, looked } =
        target::resolve(&order.paths, order.buffer.as_deref(), order.copies())?;
    let progress = Progress::start(output);
    let mut checked = read(all, &linter, &progress)?;
    let verdict = verdict(&checked);
    if order.fix == Fix::DryRun {
        let repaired = propose(checked, &linter, &progress);
        drop(progress);
        show(&repaired, output)?;
        return Ok((verdict, Vec::new()));
    }
    let (mut done, mut failure) = (Done::NotAsked, None);
    if order.fix == Fix::Yes {
        (checked, done, failure) = apply(checked, &linter, &progress)?;
    }
    drop(progress);
    report::print(
        order.format,
        &checked,
        &done,
        &looked,
        order.is_everything,
        output,
    )?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    Ok((self::verdict(&checked), checked))
}

/// The same for somebody who goes on and says the rest: what is denied is reported, and nothing is said where nothing is.
pub(crate) fn check_for_others(order: &Order, output: Output) -> Result<Verdict, Error> {
    let linter = Linter::new(&order.levels)?;
    let Targets { all, looked } = target::resolve(&order.paths, None, order.copies())?;
    let checked = read(all, &linter, &Progress::start(output))?;
    let verdict = verdict(&checked);
    if verdict == Verdict::Denied {
        report::print(
            order.format,
            &checked,
            &Done::NotAsked,
            &looked,
            order.is_everything,
            output,
        )?;
    }
    Ok(verdict)
}

fn read(targets: Vec<Target>, linter: &Linter, progress: &Progress) -> Result<Vec<Checked>, Error> {
    let checked = targets.into_iter().map(|target| {
        progress.step(format!("checking {}", target.name()));
        Checked::read(target, linter)
    });
    checked.collect()
}

fn verdict(checked: &[Checked]) -> Verdict {
    if checked.iter().any(|one| one.count(Level::Deny) > 0) {
        Verdict::Denied
    } else {
        Verdict::Clean
    }
}

/// What `--fix` would do, by the paths that messages show.
fn propose(checked: Vec<Checked>, linter: &Linter, progress: &Progress) -> Vec<(String, Repaired)> {
    let repaired = checked.into_iter().flat_map(|one| {
        progress.step(format!("repairing {}", one.target.name()));
        let (one, repaired) = repair(one, linter);
        repaired
            .into_iter()
            .map(move |repaired| (one.tree.display(&repaired.path), repaired))
    });
    repaired.collect()
}

fn show(repaired: &[(String, Repaired)], output: Output) -> Result<(), Error> {
    let diffs: String = repaired
        .iter()
        .map(|(path, repaired)| diff(path, repaired))
        .collect();
    output.print(&diffs)?;
    let findings = repaired.iter().map(|(_, repaired)| repaired.count).sum();
    let (findings, files) = (count(findings, "finding"), count(repaired.len(), "file"));
    output.tell(&format!("{findings} in {files} would be repaired\n"));
    Ok(())
}

/// Repairs what can be repaired, and checks again what is then on the disk. The first file that could not be written keeps
/// nobody from writing the others.
fn apply(
    checked: Vec<Checked>,
    linter: &Linter,
    progress: &Progress,
) -> Result<(Vec<Checked>, Done, Option<Error>), Error> {
    let (mut findings, mut files) = (0, 0);
    let mut failure = None;
    let checked = checked.into_iter().map(|one| {
        progress.step(format!("repairing {}", one.target.name()));
        let (one, repaired) = repair(one, linter);
        for file in &repaired {
            if let Err(error) = write(&one.target.root, file) {
                failure.get_or_insert(error);
                continue;
            }
            findings += file.count;
            files += 1;
        }
        Checked::read(one.target, linter)
    });
    let checked = checked.collect::<Result<_, _>>()?;
    Ok((checked, Done::Repaired { findings, files }, failure))
}
