//! What to do about a link that leads to nothing.

use std::iter;

use super::destination::{directory_of, path_of, relative};
use super::similar::Paths;
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::SkillContext;
use crate::source::{FileId, ancestors};
use crate::syntax::Link;

/// The finding about a broken link with the help that fits. `target` is where the link would lead.
pub(super) fn repaired(
    cx: &SkillContext<'_>,
    finding: Finding,
    (file, link): (FileId, &Link),
    target: &str,
    paths: &mut Paths<'_>,
) -> Finding {
    let written = path_of(&link.destination);
    let span = link.span.start..link.span.start + written.len();
    let document = cx.tree.file(file);
    let is_verbatim = document.bytes.get(span.clone()) == Some(written.as_bytes());
    if is_domain(written) {
        let help = "if this is an address, begin it with `https://`";
        let edit = is_verbatim.then(|| Patch::insert(span.start, "https://"));
        return finding.offer(help, edit);
    }
    let lead = |path: &str| relative(directory_of(&document.path), path);
    match paths.meant(target, &document.path) {
        Some(path) if is_verbatim => finding.patch(
            "there is such a file at another path",
            [Patch::replace(span, lead(path))],
        ),
        Some(path) => finding.help(format!("there is such a file at `{}`", lead(path))),
        None => match paths.similar(target) {
            Some(path) => finding.help(format!(
                "there is a file with a similar name: `{}`",
                lead(path)
            )),
            None => finding.help("add the file, correct the path, or remove the link"),
        },
    }
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
fn is_domain(path: &str) -> bool {
    let (host, rest) = path.split_once('/').unwrap_or((path, ""));
    let known = [".com", ".org", ".net", ".io", ".dev"]
        .iter()
        .any(|ending| host.ends_with(ending));
    host.starts_with("www.") || (known && !rest.is_empty())
}
