//! What to do about a link that leads to nothing.

use std::iter;
use std::ops::Range;

use super::destination::{Destination, directory_of, path_of, relative};
use super::similar::Paths;
use super::target::exists;
use super::unseen::MAX_EDITS;
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::SkillContext;
use crate::source::{FileId, ancestors, resolved};
use crate::syntax::Link;

/// The finding about broken links of one file with the help that fits: the first one, and others to the same `target`, which is
/// where they would lead.
pub(super) fn repaired(
    cx: &SkillContext<'_>,
    finding: Finding,
    (file, link, more): (FileId, &Link, &[&Link]),
    target: &str,
    paths: &mut Paths<'_>,
) -> Finding {
    let document = cx.tree.file(file);
    if is_domain(path_of(&link.destination)) {
        let help = "if this is an address, begin it with `https://`";
        let edit = written(cx, file, link).map(|span| Patch::insert(span.start, "https://"));
        return finding.offer(help, edit);
    }
    if let Some(original) = cx.original(file).filter(|path| is_right_in(cx, path, link)) {
        let original = cx.tree.display(original);
        return finding
            .note(format!(
                "this is a symbolic link to `{original}`, where the link is right"
            ))
            .help("write the file anew for the skill, with what it links to beside it");
    }
    let lead = |path: &str| relative(directory_of(&document.path), path);
    // All of them or none: those that are left would be the same finding again.
    let links = iter::once(link).chain(more.iter().copied());
    let spans: Option<Vec<_>> = links.map(|link| written(cx, file, link)).collect();
    let spans = spans.filter(|spans| spans.len() <= MAX_EDITS);
    match (paths.meant(target, &document.path), spans) {
        (Some(path), Some(spans)) => finding.patch(
            "there is such a file at another path",
            distinct(spans)
                .into_iter()
                .map(|span| Patch::replace(span, lead(path))),
        ),
        (Some(path), None) => finding.help(format!("there is such a file at `{}`", lead(path))),
        (None, _) => match paths.similar(target) {
            Some(path) => finding.help(format!(
                "there is a file with a similar name: `{}`",
                lead(path)
            )),
            None => finding.help("add the file, correct the path, or remove the link"),
        },
    }
}

/// Whether a link would lead to something if it stood in another file.
fn is_right_in(cx: &SkillContext<'_>, document: &str, link: &Link) -> bool {
    let Destination::Relative(path) = Destination::of(link) else {
        return false;
    };
    resolved(directory_of(document), &path).is_some_and(|path| exists(cx, &path))
}

/// Where the path of a link is written, if it is written as it is meant.
fn written(cx: &SkillContext<'_>, file: FileId, link: &Link) -> Option<Range<usize>> {
    let path = path_of(&link.destination);
    let span = link.span.start..link.span.start + path.len();
    let is_verbatim = cx.tree.file(file).bytes.get(span.clone()) == Some(path.as_bytes());
    is_verbatim.then_some(span)
}

/// The places in their order, each once: links by reference share the place where it is defined.
fn distinct(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    spans.sort_by_key(|span| span.start);
    spans.dedup();
    spans
}

/// What became of a file that is there but not embedded.
pub(super) fn left_out(cx: &SkillContext<'_>, target: &str) -> Option<String> {
    let all = cx.tree.skipped();
    let find = |path: &str| {
        all.binary_search_by(|skipped| skipped.path.as_str().cmp(path))
            .ok()
    };
    let skipped = all.get(iter::once(target).chain(ancestors(target)).find_map(find)?)?;
    Some(format!(
        "`{}` is left out of the bundle: it is {}",
        cx.tree.display(&skipped.path),
        skipped.junk
    ))
}

/// Whether a path is an address whose scheme was forgotten.
pub(super) fn is_domain(path: &str) -> bool {
    const ENDINGS: [&str; 14] = [
        ".com", ".org", ".net", ".io", ".dev", ".ai", ".app", ".co", ".cn", ".de", ".edu", ".gov",
        ".jp", ".uk",
    ];
    let host = path.split('/').next().unwrap_or_default();
    let is_host = !host.starts_with('.')
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    is_host && (host.starts_with("www.") || ENDINGS.iter().any(|ending| host.ends_with(ending)))
}
