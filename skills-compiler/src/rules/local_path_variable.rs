//! SK506: paths that only a client with the skill on its own disk can find.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use skills_model::limits::SKILL_FILE;

use super::destination::{directory_of, relative};
use super::occurrence::{line_around, near};
use super::quoted::is_quoted;
use super::target::links;
use super::unseen::MAX_EDITS;
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::FileId;
use crate::syntax::Outline;
use crate::words::Words;

declare_rule! {
    /// A path in the text of a skill begins with a variable of one client, such as `${CLAUDE_PLUGIN_ROOT}` or `{baseDir}`,
    /// or with the place where one client installs skills, such as `~/.claude/skills/pdf/`.
    ///
    /// ## Why
    ///
    /// Over MCP the files of a skill lie on no disk: a host reads them from the server by their paths in the skill. No
    /// client but one replaces the variable, so that the agent looks for a directory that is not there. A place of
    /// installation that stands beside the path in the skill, as another place to look in, is left alone.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Run `python3 {baseDir}/scripts/fill.py`.
    /// === pdf/scripts/fill.py
    /// print("fill the form")
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Run `python3 scripts/fill.py`.
    /// === pdf/scripts/fill.py
    /// print("fill the form")
    /// ```
    LOCAL_PATH_VARIABLE = "SK506", "local-path-variable", Protocol, Warn, Check::Skill(check)
}

/// What clients replace by a directory of theirs, with the slash that makes it the beginning of a path.
const VARIABLES: &[&str] = &[
    "${CLAUDE_PLUGIN_ROOT}/",
    "$CLAUDE_PLUGIN_ROOT/",
    "${CLAUDE_SKILL_DIR}/",
    "$CLAUDE_SKILL_DIR/",
    BASE,
];

/// The placeholder of several clients for the directory of the skill.
const BASE: &str = "{baseDir}/";

/// Where clients keep the skills that are installed, below a directory of theirs.
const SKILLS: &str = "/skills/";

/// What a path begins with that a host may not have.
static BEGINNINGS: LazyLock<Words> =
    LazyLock::new(|| Words::new(VARIABLES.iter().copied().chain([SKILLS])));

/// Where clients install skills.
const HOMES: &[&str] = &[
    ".agents",
    ".claude",
    ".codex",
    ".copilot",
    ".cursor",
    ".gemini",
    ".openclaw",
    ".opencode",
];

/// The beginning of a path that is of no use.
struct Beginning {
    span: Range<usize>,
    /// What makes a path in the skill of it, if the rest of it is a file or directory of the skill.
    edit: Option<Patch>,
}

/// A page, and where links of it are written that lead from the page and not, like all other paths, from the skill.
struct Page<'skill> {
    path: &'skill str,
    text: &'skill str,
    links: BTreeSet<usize>,
}

impl<'skill> Page<'skill> {
    fn of(cx: &SkillContext<'skill>, file: FileId, outline: &Outline) -> Self {
        let path = cx.tree.file(file).path.as_str();
        let is_inner = directory_of(path) != cx.skill.directory;
        let links = links(outline).filter(|_| is_inner);
        Self {
            path,
            text: cx.text(file),
            links: links.map(|link| link.span.start).collect(),
        }
    }

    /// What leaves `inner`, a path below the directory of the skill, of the path that begins with `span`.
    fn edit(&self, cx: &SkillContext<'_>, span: Range<usize>, inner: &str) -> Patch {
        if !self.links.contains(&span.start) {
            return Patch::replace(span, "");
        }
        let from_root = format!("{}/{inner}", cx.skill.directory);
        let path = relative(directory_of(self.path), from_root.trim_start_matches('/'));
        Patch::replace(span.start..span.end + inner.len(), path)
    }
}

/// What a text means by such a beginning.
#[derive(Clone, Copy)]
enum Kind {
    /// The directory of the skill, wherever a client has it.
    Variable,
    /// A place on one disk, where the author may really want the agent to look.
    Installed,
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    if cx.is_for_claude_code_alone(&LOCAL_PATH_VARIABLE) {
        return;
    }
    for (&file, outline) in &cx.skill.outlines {
        if is_for_people(&cx.tree.file(file).path) {
            continue;
        }
        let text = cx.text(file);
        let mut places = BEGINNINGS.places(text).peekable();
        if places.peek().is_none() {
            continue;
        }
        let page = Page::of(cx, file, outline);
        let (mut variables, mut installed) = (Vec::new(), Vec::new());
        for (at, which) in places {
            let (found, kind) = match VARIABLES.get(which) {
                Some(variable) => (of_variable(cx, &page, at, variable), &mut variables),
                None => (of_installed(cx, &page, at), &mut installed),
            };
            kind.extend(found.filter(|found| !is_quoted(outline, found.span.start)));
        }
        for (kind, mut found) in [(Kind::Variable, variables), (Kind::Installed, installed)] {
            found.sort_unstable_by_key(|beginning| beginning.span.start);
            out.extend(finding(kind, file, text, &found));
        }
    }
}

/// Whether a file tells people how to install the skill, and no agent how to use it.
pub(super) fn is_for_people(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    ["README", "INSTALL", "SETUP", "CHANGELOG", "CONTRIBUTING"]
        .iter()
        .any(|known| stem.eq_ignore_ascii_case(known))
}

/// The variable that stands at a place, if it stands for the directory of a skill or plugin.
fn of_variable(
    cx: &SkillContext<'_>,
    page: &Page<'_>,
    start: usize,
    variable: &str,
) -> Option<Beginning> {
    let end = start + variable.len();
    let rest = rest_of_path(page.text, end);
    // The root of a plugin has its skills in `skills/`.
    let own = format!("skills/{}/", cx.skill.directory_name());
    let inner = rest.strip_prefix(&*own).unwrap_or(rest);
    let is_surplus = exists(cx, inner);
    let end = if is_surplus {
        end + rest.len() - inner.len()
    } else {
        end
    };
    // Others than clients have placeholders and directories of this name too.
    let is_meant = match variable {
        BASE => is_surplus,
        _ => rest.starts_with(|first: char| first.is_ascii_alphanumeric()),
    };
    is_meant.then(|| Beginning {
        span: start..end,
        edit: is_surplus.then(|| page.edit(cx, start..end, inner)),
    })
}

/// An own file of the skill at the place where some client would have installed it; `at` is where its `/skills/` stands.
fn of_installed(cx: &SkillContext<'_>, page: &Page<'_>, at: usize) -> Option<Beginning> {
    let text = page.text;
    let (before, path) = text.split_at_checked(at)?;
    let own = path.strip_prefix(SKILLS)?;
    let own = own
        .strip_prefix(cx.skill.directory_name())?
        .strip_prefix('/')?;
    let home = HOMES.iter().find_map(|home| before.strip_suffix(home))?;
    let start = ["~/", "$HOME/", "${HOME}/", "./"]
        .iter()
        .find_map(|root| home.strip_suffix(root))
        .unwrap_or(home);
    // Where something stands in front, it is not the installed skill of this user.
    let is_whole = !start.ends_with(|last: char| last.is_alphanumeric() || "/_-.".contains(last));
    let end = text.len() - own.len();
    let rest = rest_of_path(text, end);
    let is_own = is_whole
        && rest != SKILL_FILE
        && exists(cx, rest)
        && !is_alternative(text, start.len(), rest);
    let span = start.len()..end;
    is_own.then(|| Beginning {
        edit: Some(page.edit(cx, span.clone(), rest)),
        span,
    })
}

/// How far around a path others for the same file are looked for, in bytes on each side.
const REACH: usize = 400;

/// Whether the path in the skill stands on the same line, or on one above or below that speaks of the same file: then the
/// author lists places to look in, and this one is none too many.
fn is_alternative(text: &str, at: usize, rest: &str) -> bool {
    let path = rest.trim_end_matches(['.', ',', ':']);
    let around = line_around(text, at, REACH);
    let line = text.get(around.clone()).unwrap_or_default();
    let near = near(text, at, REACH);
    let before = text.get(near.start..around.start).unwrap_or_default();
    let after = text.get(around.end..near.end).unwrap_or_default();
    let after = after.strip_prefix('\n').unwrap_or(after);
    let speaks_of_it = |line: &&str| line.contains(path);
    let mut lines = before
        .lines()
        .rev()
        .take_while(speaks_of_it)
        .chain(std::iter::once(line))
        .chain(after.lines().take_while(speaks_of_it));
    lines.any(|line| has_bare(line, path))
}

/// Whether a line has a path that nothing stands in front of.
fn has_bare(line: &str, path: &str) -> bool {
    let is_part = |symbol: char| symbol.is_alphanumeric() || "/_-.~$}".contains(symbol);
    line.match_indices(path).any(|(at, _)| {
        let head = line.get(..at).unwrap_or_default();
        let head = head.strip_suffix("./").unwrap_or(head);
        let tail = line.get(at + path.len()..).unwrap_or_default();
        !head.ends_with(is_part) && !tail.starts_with(|next| is_part(next) && next != '.')
    })
}

/// Whether the skill has such a file or directory.
fn exists(cx: &SkillContext<'_>, path: &str) -> bool {
    let path = path.trim_end_matches(['/', '.', ',', ':']);
    let path = match cx.skill.directory {
        "" => path.to_owned(),
        directory => format!("{directory}/{path}"),
    };
    path.len() > cx.skill.directory.len() + 1
        && (cx.tree.find(&path).is_some() || cx.tree.has_directory(&path))
}

/// The path that goes on at a place of a text.
fn rest_of_path(text: &str, at: usize) -> &str {
    let rest = text.get(at..).unwrap_or_default();
    let is_end = |symbol: char| {
        symbol.is_whitespace() || matches!(symbol, '`' | '"' | '\'' | ')' | ']' | '>' | '|' | ';')
    };
    rest.split(is_end).next().unwrap_or_default()
}

fn finding(kind: Kind, file: FileId, text: &str, found: &[Beginning]) -> Option<Finding> {
    let first = found.first()?;
    let written = text.get(first.span.clone())?.trim_end_matches('/');
    let more = match found.len() - 1 {
        0 => String::new(),
        1 => "; this file has another such path".to_owned(),
        more => format!("; this file has {more} more such paths"),
    };
    let message = format!("`{written}` is a directory that only some clients have{more}");
    let finding = Finding::at(&LOCAL_PATH_VARIABLE, file, first.span.clone(), message)
        .note("other clients look for a directory of that name, and a host over MCP has the files on no disk; paths in the skill work everywhere");
    let mut edits = found
        .iter()
        .filter_map(|beginning| beginning.edit.clone())
        .take(MAX_EDITS)
        .peekable();
    Some(match (kind, edits.peek()) {
        (_, None) => finding.help("write the path as it is below the directory of the skill, and add the file if it lies elsewhere"),
        (Kind::Variable, _) => finding.offer(
            "if no client has to put its directory there, write the path as it is below the directory of the skill",
            edits,
        ),
        (Kind::Installed, _) => finding.offer(
            "if the file of this skill is meant, write the path as it is below the directory of the skill",
            edits,
        ),
    })
}
