//! SK303: symbolic links, which MCP cannot represent.

use crate::diagnostics::{Finding, Level};
use crate::rules::rule::{BundleContext, Check, declare_rule};
use crate::source::{OddityKind, SourceTree, ancestors};

declare_rule! {
    /// A symbolic link stands in a skill, or in place of one.
    ///
    /// ## Why
    ///
    /// A skill is served as files and bytes; there are no links. A link that leads out of the bundle could publish what
    /// nobody meant to publish, and one that leads nowhere has no content: these are errors. A link within the bundle is
    /// embedded as a copy, which is a warning, because on Windows a checkout may hold a text file in its place; other rules
    /// do not repeat for a skill's copy what they say of the skill. Of a link beside the skills, which leads to no skill,
    /// nothing is embedded. One of `AGENTS.md`, `CLAUDE.md` and `GEMINI.md` may be a link to another in its directory.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// === pdf/LICENSE.txt escapes:../../LICENSE.txt
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
    /// Open the form and fill it.
    /// === pdf/LICENSE.txt
    /// Do as you like.
    /// ```
    SYMLINK = "SK303", "symlink", Resources, Deny, Check::Bundle(check)
}

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    let concerns = |path: &str| {
        (is_embedded(cx, path) || may_be_a_skill(path)) && !is_below_a_link(cx.tree, path)
    };
    let links = cx.tree.links().iter();
    for link in links.filter(|link| concerns(&link.path) && is_embedded(cx, &link.path)) {
        if !is_alias(&link.path, &link.target) {
            let holds_copies = cx.copies.are_at(&link.path, cx.skills);
            out.push(internal(&link.path, &link.target, holds_copies));
        }
    }
    for oddity in cx
        .tree
        .oddities()
        .iter()
        .filter(|oddity| concerns(&oddity.path))
    {
        out.extend(odd(&oddity.path, &oddity.kind));
    }
}

/// Whether something of what a link leads to is embedded: it lies in a skill, or holds one.
fn is_embedded(cx: &BundleContext<'_>, path: &str) -> bool {
    let owners = cx.owners;
    owners.is_inside(path) || owners.is_skill(path) || owners.is_above(path)
}

/// Whether a link gives the instructions of a project the name under which another client looks for them: the two are
/// meant to be one text.
fn is_alias(path: &str, target: &str) -> bool {
    const INSTRUCTIONS: [&str; 3] = ["AGENTS.md", "CLAUDE.md", "GEMINI.md"];
    let name = path.rsplit('/').next().unwrap_or_default();
    let target = target.strip_prefix("./").unwrap_or(target);
    INSTRUCTIONS.contains(&name) && INSTRUCTIONS.contains(&target)
}

/// Whether a link outside of all skills may have been meant as a skill: a name with a dot is a file such as `README.md`.
fn may_be_a_skill(path: &str) -> bool {
    !path.rsplit('/').next().unwrap_or_default().contains('.')
}

/// Whether a linked directory led here, so that the link is seen again in the place it really stands.
fn is_below_a_link(tree: &SourceTree, path: &str) -> bool {
    ancestors(path).any(|directory| {
        tree.links()
            .binary_search_by(|link| link.path.as_str().cmp(directory))
            .is_ok()
    })
}

fn internal(path: &str, target: &str, holds_copies: bool) -> Finding {
    let (message, help) = if holds_copies {
        (
            format!("this is a symbolic link to `{target}`, so that its skills are embedded twice"),
            "leave one of the two out: compile the directory that the skills really are in, and no other",
        )
    } else {
        (
            format!("this is a symbolic link to `{target}`, of which a copy is embedded"),
            "if the copy is meant, store it as one in the repository too",
        )
    };
    let mut finding = Finding::at_path(&SYMLINK, path, message)
        .note("MCP has no links; Git on Windows may check out a text file in place of one")
        .help(help);
    finding.level = Level::Warn;
    finding
}

fn odd(path: &str, kind: &OddityKind) -> Option<Finding> {
    let (message, note, help) = match kind {
        OddityKind::LinkEscapes(target) => (
            format!("this symbolic link leads out of the bundle, to `{target}`"),
            "nothing outside of the bundle is embedded: a link could publish what nobody meant to publish",
            "copy into the bundle what the link leads to, or remove the link",
        ),
        OddityKind::LinkDangles(target) => (
            format!("this symbolic link leads to nothing: `{target}` does not exist"),
            "a link without a target has no content that could be embedded",
            "correct the target, or remove the link",
        ),
        OddityKind::LinkCycle(target) => (
            format!("this symbolic link leads to `{target}`, a directory that contains the link"),
            "a copy of the directory would have to contain itself",
            "remove the link",
        ),
        _ => return None,
    };
    Some(
        Finding::at_path(&SYMLINK, path, message)
            .note(note)
            .help(help),
    )
}
