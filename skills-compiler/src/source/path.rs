//! Paths below the root of a tree, as text with `/` between the segments.

/// Whether `path` lies in `directory`, at any depth; everything lies in the root, `""`.
#[must_use]
pub fn is_below(path: &str, directory: &str) -> bool {
    directory.is_empty()
        || path
            .strip_prefix(directory)
            .is_some_and(|rest| rest.starts_with('/'))
}

/// The directories above a path, innermost first, without the root.
pub fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(path.rsplit_once('/'), |(parent, _)| parent.rsplit_once('/'))
        .map(|(parent, _)| parent)
}

/// The path that a link leads to from a directory; nothing if it leaves the tree.
#[must_use]
pub fn resolved(directory: &str, path: &str) -> Option<String> {
    let mut segments: Vec<_> = directory
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()?),
            segment => segments.push(segment),
        }
    }
    Some(segments.join("/"))
}

/// What stands after the last `/` of a path.
pub(super) fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}
