//! What the relative links of a skill lead to, for all rules on links.

use super::destination::{Destination, directory_of, is_template};
use crate::rules::rule::SkillContext;
use crate::source::{FileId, ancestors, is_below, resolved};
use crate::syntax::{Link, LinkKind, Outline};

/// Where a relative link leads; paths are below the root of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// To something that stands there.
    Found(String),
    /// To nothing, but from the directory of the skill it would lead here.
    FoundFromRoot(String),
    /// To nothing.
    Missing(String),
    /// Out of the skill; nothing if it leads out of the tree too.
    Outside(Option<String>),
}

impl Target {
    /// Follows a link of the file at `document`; nothing if the link is not relative.
    pub(super) fn of(cx: &SkillContext<'_>, document: &str, link: &Link) -> Option<Self> {
        let Destination::Relative(path) = Destination::of(link) else {
            return None;
        };
        let from_root = || resolved(cx.skill.directory, &path).filter(|path| exists(cx, path));
        let Some(target) = resolved(directory_of(document), &path) else {
            return Some(Self::Outside(None));
        };
        if target != cx.skill.directory && !is_below(&target, cx.skill.directory) {
            return Some(Self::Outside(Some(target)));
        }
        if exists(cx, &target) {
            return Some(Self::Found(target));
        }
        // A file may really have `?` or `#` in its name.
        let literal = resolved(directory_of(document), &link.destination);
        if let Some(literal) = literal.filter(|path| exists(cx, path)) {
            return Some(Self::Found(literal));
        }
        Some(from_root().map_or(Self::Missing(target), Self::FoundFromRoot))
    }
}

/// The Markdown files of a skill whose links count: not those that are filled in first and end up elsewhere.
pub(super) fn pages<'a>(
    cx: &SkillContext<'a>,
) -> impl Iterator<Item = (FileId, &'a str, &'a Outline)> + use<'a> {
    let cx = *cx;
    let outlines = cx.skill.outlines.iter();
    outlines.filter_map(move |(&file, outline)| {
        let path = cx.tree.file(file).path.as_str();
        (!is_template(cx.inner(file))).then_some((file, path, outline))
    })
}

/// The links and images that an author wrote as such.
pub(super) fn links(outline: &Outline) -> impl Iterator<Item = &Link> {
    let links = outline.links.iter();
    links.filter(|link| link.kind != LinkKind::Autolink)
}

/// Whether something stands at a path, even if it is odd: other rules speak of oddities.
pub(super) fn exists(cx: &SkillContext<'_>, path: &str) -> bool {
    let is_odd = |path: &str| {
        cx.tree
            .oddities()
            .binary_search_by(|oddity| oddity.path.as_str().cmp(path))
            .is_ok()
    };
    cx.tree.find(path).is_some()
        || cx.tree.has_directory(path)
        || is_odd(path)
        || ancestors(path).any(is_odd)
}

/// Whether a file, by its path below the skill, tells what there was: its links were right when they were written.
pub(super) fn is_history(inner: &str) -> bool {
    let name = inner.rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    let known = ["CHANGELOG", "CHANGES", "HISTORY"];
    known.iter().any(|known| stem.eq_ignore_ascii_case(known))
}

/// Whether a file, by its path below the skill, tells of the project that the skill comes from and not of the skill, so
/// that no agent needs its links. A `README.md` further down is the index of its directory.
pub(super) fn is_chronicle(inner: &str) -> bool {
    const STEMS: [&str; 9] = [
        "CHANGELOG",
        "CHANGES",
        "HISTORY",
        "CONTRIBUTING",
        "CODE_OF_CONDUCT",
        "SECURITY",
        "LICENCE",
        "COPYING",
        "NOTICE",
    ];
    let name = inner.rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    let stem = stem.to_ascii_uppercase();
    // `README_ZH` and `MIT-LICENSE` are such files too.
    let has = |wanted| stem.split(['-', '_']).any(|word| word == wanted);
    STEMS.contains(&stem.as_str()) || has("LICENSE") || has("README") && !inner.contains('/')
}
