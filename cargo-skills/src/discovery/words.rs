//! What a person reads about the search: where was looked, what was left out, and why.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::listing::{below, is_at_or_below, parent};
use super::place::pattern;
use super::{Copy, Discovery, Folder, Why, is_nested};

/// How many places are named.
const NAMED: usize = 5;

/// Where was looked, for the last line of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Looked {
    /// The folders that were checked, as a report names them.
    pub(crate) places: Vec<String>,
    /// What was not checked, one remark each.
    pub(crate) remarks: Vec<String>,
}

impl Looked {
    /// ` in x, y and z`; nothing where nothing was found.
    pub(crate) fn places(&self) -> String {
        match self.places.as_slice() {
            [] => String::new(),
            places => format!(" in {}", listed(&together(places))),
        }
    }
}

impl Discovery {
    /// What the last line of a report says of the search.
    pub(crate) fn looked(&self) -> Looked {
        let mut remarks = Vec::new();
        let mut copies = BTreeMap::<_, usize>::new();
        for copy in &self.copies {
            *copies.entry(self.shown(parent(&copy.place))).or_default() += 1;
        }
        if !copies.is_empty() {
            let places: Vec<_> = copies.keys().cloned().collect();
            let number: usize = copies.values().sum();
            remarks.push(format!(
                "{} in {} not checked again",
                if number == 1 {
                    "1 copy".to_owned()
                } else {
                    format!("{number} copies")
                },
                listed(&together(&places))
            ));
        }
        let mut places = BTreeMap::<_, usize>::new();
        for left_out in &self.left_out {
            *places.entry(self.shown(&left_out.place)).or_default() += 1;
        }
        if !places.is_empty() {
            let number: usize = places.values().sum();
            let places: Vec<_> = places.into_keys().collect();
            remarks.push(format!(
                "{number} SKILL.md below {} left out",
                listed(&together(&places))
            ));
        }
        if !self.empty.is_empty() {
            let places: Vec<_> = self.empty.iter().map(|path| self.shown(path)).collect();
            remarks.push(format!("no skill in {}", listed(&together(&places))));
        }
        if !self.unsearched.is_empty() {
            let places: Vec<_> = self
                .unsearched
                .iter()
                .map(|path| self.shown(path))
                .collect();
            remarks.push(format!("{} not searched", listed(&together(&places))));
        }
        if self.is_cut {
            remarks.push("the search was cut short: there are too many files".to_owned());
        }
        let checked = self
            .folders
            .iter()
            .filter(|folder| !folder.skills.is_empty());
        Looked {
            places: checked.map(|folder| self.shown(&folder.path)).collect(),
            remarks,
        }
    }

    /// A path from where the user is.
    pub(crate) fn shown(&self, path: &str) -> String {
        if is_at_or_below(path, &self.start) {
            return match below(path, &self.start) {
                "" => ".".to_owned(),
                path => path.to_owned(),
            };
        }
        let start: Vec<_> = self.start.split('/').collect();
        let segments: Vec<_> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .collect();
        let shared = start
            .iter()
            .zip(&segments)
            .take_while(|(left, right)| left == right)
            .count();
        let up = start.iter().skip(shared).map(|_| "..");
        let down = segments.iter().skip(shared).copied();
        up.chain(down).collect::<Vec<_>>().join("/")
    }

    /// A path below where the user is; nothing for one that lies elsewhere.
    pub(crate) fn below_start(&self, path: &str) -> Option<String> {
        let is_here = is_at_or_below(path, &self.start);
        is_here.then(|| below(path, &self.start).to_owned())
    }

    /// What `--list` prints.
    pub(crate) fn list(&self) -> String {
        let mut text = String::new();
        for folder in &self.folders {
            for skill in &folder.skills {
                let _ = writeln!(text, "{}: {}", self.shown(skill), self.why(folder, skill));
            }
        }
        for Copy {
            place,
            original,
            is_link,
        } in &self.copies
        {
            let what = if *is_link { "a link to" } else { "a copy of" };
            let _ = writeln!(
                text,
                "{}: not checked again, {what} `{}`",
                self.shown(place),
                self.shown(original)
            );
        }
        for left_out in &self.left_out {
            let reason = if left_out.place == left_out.path {
                left_out.reason.clone()
            } else {
                format!("`{}`: {}", self.shown(&left_out.place), left_out.reason)
            };
            let _ = writeln!(text, "{}: left out, {reason}", self.shown(&left_out.path));
        }
        for path in &self.empty {
            let _ = writeln!(text, "{}: no skill in it", self.shown(path));
        }
        for path in &self.unsearched {
            let _ = writeln!(text, "{}: not searched", self.shown(path));
        }
        text
    }

    fn why(&self, folder: &Folder, skill: &str) -> String {
        let place = self.shown(&folder.path);
        if is_nested(&folder.skills, skill) {
            return "a `SKILL.md` in the directory of another skill".to_owned();
        }
        let plugin = folder.reading.plugin(below(skill, &folder.path));
        match (&folder.why, plugin) {
            (Why::Top, _) => format!("a `SKILL.md` at the top of `{place}`"),
            (Why::Host, _) => format!("hosts look for skills in `{place}`"),
            (Why::Folder, "") => format!("`{place}` is a folder of skills"),
            (_, plugin) if !plugin.is_empty() => format!("the plugin `{plugin}` has it"),
            _ => "it has a `SKILL.md`".to_owned(),
        }
    }
}

/// Paths that differ in one segment become one with `*`.
fn together(paths: &[String]) -> Vec<String> {
    let mut rest: Vec<_> = paths.to_vec();
    rest.sort();
    rest.dedup();
    let mut depth = 0;
    while depth < 8 {
        let mut groups = BTreeMap::<String, Vec<String>>::new();
        for path in &rest {
            groups
                .entry(pattern(path, depth).unwrap_or_else(|| path.clone()))
                .or_default()
                .push(path.clone());
        }
        let is_group = |pattern: &str, paths: &[String]| {
            paths.len() > 1 && pattern != "*" && !pattern.starts_with("*/")
                || paths.len() > 3 && pattern.starts_with("*/")
        };
        let mut next: Vec<_> = groups
            .into_iter()
            .flat_map(|(pattern, paths)| {
                if is_group(&pattern, &paths) {
                    vec![pattern]
                } else {
                    paths
                }
            })
            .collect();
        next.sort();
        next.dedup();
        rest = next;
        depth += 1;
    }
    rest
}

/// `a`, `b` and `c`.
fn listed(paths: &[String]) -> String {
    let mut names: Vec<_> = paths
        .iter()
        .take(NAMED)
        .map(|path| format!("`{path}`"))
        .collect();
    if paths.len() > NAMED {
        names.push(format!("{} more", paths.len() - NAMED));
    }
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}
