//! Which findings a person sees of many: as much as can be read, of every rule something, and what was left out is counted.

use std::collections::{BTreeMap, BTreeSet};

use skills_compiler::diagnostics::{Finding, Level};
use skills_compiler::parallel;
use skills_compiler::source::SourceTree;

use super::count;

/// The most lines of findings.
const MOST_LINES: usize = 250;

/// How many findings of one rule are looked at: a finding has four lines at least.
const MOST_OF_RULE: usize = MOST_LINES / 4;

/// A finding, and its tree.
pub(super) type Found<'a> = (&'a SourceTree, &'a Finding);

/// The findings of one rule and level.
struct Kind<'a> {
    rule: &'a str,
    name: &'a str,
    level: Level,
    all: Vec<(usize, Found<'a>)>,
}

/// The text of the findings, each made by `render`; with `is_everything`, of all of them.
pub(super) fn text(
    found: &[Found<'_>],
    is_everything: bool,
    render: impl Fn(&SourceTree, &Finding) -> String + Sync,
) -> String {
    let render = |&(tree, finding): &Found<'_>| render(tree, finding);
    if is_everything || found.len() <= MOST_LINES / 40 {
        return parallel::map(found, render).concat();
    }
    let kinds = kinds(found);
    // One of each kind, then the second of each, and so on, as long as there is room.
    let rounds = kinds
        .iter()
        .map(|kind| kind.all.len())
        .max()
        .unwrap_or_default();
    let order = (0..rounds.min(MOST_OF_RULE))
        .flat_map(|round| kinds.iter().filter_map(move |kind| kind.all.get(round)));
    let mut shown = BTreeMap::new();
    let mut lines = 0;
    let mut is_full = false;
    for (place, finding) in order {
        let text = render(finding);
        lines += text.lines().count();
        if lines > MOST_LINES && !shown.is_empty() {
            is_full = true;
            break;
        }
        shown.insert(*place, text);
    }
    let mut text: String = shown.values().map(String::as_str).collect();
    if is_full || shown.len() < found.len() {
        text.push_str(&rest(&kinds, &shown));
    }
    text
}

/// The kinds of findings: what is denied first, and of that what there is most of.
fn kinds<'a>(found: &[Found<'a>]) -> Vec<Kind<'a>> {
    let mut kinds = BTreeMap::<_, Kind<'_>>::new();
    for (place, &(tree, finding)) in found.iter().enumerate() {
        let kind = kinds
            .entry((finding.level, finding.rule.code))
            .or_insert(Kind {
                rule: finding.rule.code,
                name: finding.rule.name,
                level: finding.level,
                all: Vec::new(),
            });
        kind.all.push((place, (tree, finding)));
    }
    let mut kinds: Vec<_> = kinds.into_values().collect();
    kinds.sort_by_key(|kind| {
        (
            std::cmp::Reverse(kind.level),
            std::cmp::Reverse(kind.all.len()),
            kind.rule,
        )
    });
    kinds
}

/// How many kinds of findings that are not shown are named one by one.
const NAMED: usize = 15;

/// What is not shown, by kind.
fn rest(kinds: &[Kind<'_>], shown: &BTreeMap<usize, String>) -> String {
    let hidden = kinds.iter().filter_map(|kind| {
        let hidden: Vec<_> = kind
            .all
            .iter()
            .filter(|(place, _)| !shown.contains_key(place))
            .collect();
        let mut files: Vec<_> = hidden
            .iter()
            .map(|(_, (tree, finding))| finding.path(tree))
            .collect();
        files.dedup();
        (!hidden.is_empty()).then_some((hidden.len(), files.len(), kind))
    });
    let hidden: Vec<_> = hidden.collect();
    let mut text = String::from("not shown; `--all` shows everything:\n");
    for (number, files, kind) in hidden.iter().take(NAMED) {
        let what = match kind.level {
            Level::Deny => "error",
            _ => "warning",
        };
        let what = if *number == 1 {
            what.to_owned()
        } else {
            format!("{what}s")
        };
        let files = count(*files, "file");
        let line = format!(
            "  {number} more {what} of {} ({}) in {files}\n",
            kind.name, kind.rule
        );
        text.push_str(&line);
    }
    if hidden.len() > NAMED {
        let more: usize = hidden.iter().skip(NAMED).map(|(number, ..)| number).sum();
        let kinds = hidden.len() - NAMED;
        let line = format!("  {more} more findings of {}\n", count(kinds, "other rule"));
        text.push_str(&line);
    }
    text.push('\n');
    text
}

/// How many things to do first are named.
const FIRST: usize = 3;

/// How many findings need no advice on where to begin.
const FEW: usize = 10;

/// What to do first; nothing where there is little to do.
pub(super) fn first_steps(found: &[Found<'_>], repairable: usize) -> String {
    if found.len() <= FEW {
        return String::new();
    }
    let repair = (repairable > 0).then(|| {
        format!(
            "run `cargo skills check --fix`: it repairs {}",
            count(repairable, "finding")
        )
    });
    let mut named = BTreeSet::new();
    let steps = kinds(found).into_iter().filter_map(|kind| {
        let (_, (tree, finding)) = kind.all.first()?;
        // What `--fix` does needs nobody to do it.
        if repairable > 0
            && kind
                .all
                .iter()
                .all(|(_, (_, finding))| finding.certain_repair().is_some())
        {
            return None;
        }
        if !named.insert(kind.rule) {
            return None;
        }
        let what = match kind.level {
            Level::Deny => "error",
            _ => "warning",
        };
        Some(format!(
            "{}: {}, the first in {}; `cargo skills explain {}` says what to do",
            kind.name,
            count(kind.all.len(), what),
            tree.display(finding.path(tree)),
            kind.rule
        ))
    });
    let steps = repair.into_iter().chain(steps).take(FIRST);
    let steps = steps
        .enumerate()
        .map(|(index, step)| format!("  {}. {step}\n", index + 1));
    format!("do first:\n{}\n", steps.collect::<String>())
}
