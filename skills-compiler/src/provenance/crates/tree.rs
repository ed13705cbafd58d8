//! What `cargo tree` prints, with a depth before and a licence behind every package.
//!
//! The tree is what cargo builds: features and targets are resolved as for the build itself. `cargo metadata` resolves them
//! in an older way that has crates in it which are not built, and wants the dependencies of all tests to be downloaded.

use std::collections::{BTreeMap, BTreeSet};

/// What stands between a package and its licence.
const SEPARATOR: char = '\t';

/// How every package is printed: see `cargo tree --format`.
pub(super) const FORMAT: &str = "{p}\t{l}";

/// What follows a package whose dependencies are printed elsewhere.
const REPEATED: &str = " (*)";

/// A package of the tree.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) license: String,
    /// Where its source is, if that is no place of cargo's own.
    pub(super) directory: Option<String>,
    /// Which of the packages it depends on.
    pub(super) uses: BTreeSet<usize>,
}

/// The packages, in the order in which they appear. Nothing where the text is no tree.
pub(super) fn read(text: &str) -> Option<Vec<Node>> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut known = BTreeMap::new();
    // The packages from the root down to the line.
    let mut above: Vec<usize> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let (depth, node) = package(line)?;
        let key = (node.name.clone(), node.version.clone());
        let index = *known.entry(key).or_insert_with(|| {
            nodes.push(node);
            nodes.len() - 1
        });
        if depth > above.len() {
            return None;
        }
        above.truncate(depth);
        if let Some(parent) = above.last().and_then(|&parent| nodes.get_mut(parent)) {
            parent.uses.insert(index);
        } else if index != 0 {
            return None;
        }
        above.push(index);
    }
    (!nodes.is_empty()).then_some(nodes)
}

/// One line: `2serde v1.0.0 (source)`, a tab, and the licence.
fn package(line: &str) -> Option<(usize, Node)> {
    let line = line.strip_suffix(REPEATED).unwrap_or(line);
    let (package, license) = line.split_once(SEPARATOR)?;
    let digits = package.bytes().take_while(u8::is_ascii_digit).count();
    let (depth, package) = package.split_at_checked(digits)?;
    let (name, rest) = package.split_once(" v")?;
    let (version, source) = rest.split_once(' ').unwrap_or((rest, ""));
    let source = source
        .strip_prefix('(')
        .and_then(|source| source.strip_suffix(')'));
    let is_place = |source: &&str| std::path::Path::new(source).is_absolute();
    let node = Node {
        name: name.to_owned(),
        version: version.to_owned(),
        license: license.to_owned(),
        directory: source.filter(is_place).map(str::to_owned),
        uses: BTreeSet::new(),
    };
    Some((depth.parse().ok()?, node))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_go_from_a_line_to_the_lines_one_deeper() {
        let text = "0server v1.0.0 (/home/me/server)\tMIT
1serde v1.0.229\tMIT OR Apache-2.0
2serde_core v1.0.229\tMIT OR Apache-2.0
1toml v1.2.1+spec-1.1.0\tMIT OR Apache-2.0
2serde v1.0.229\tMIT OR Apache-2.0 (*)
2other v0.1.0 (https://example.com/other#abc)\t
";
        let nodes = read(text).unwrap();
        let names: Vec<_> = nodes.iter().map(|node| node.name.as_str()).collect();
        assert_eq!(names, ["server", "serde", "serde_core", "toml", "other"]);
        let uses: Vec<Vec<_>> = nodes
            .iter()
            .map(|node| node.uses.iter().copied().collect())
            .collect();
        assert_eq!(uses, [vec![1, 3], vec![2], vec![], vec![1, 4], vec![]]);
        assert_eq!(nodes[0].directory.as_deref(), Some("/home/me/server"));
        assert_eq!(
            (&nodes[4].directory, nodes[4].license.as_str()),
            (&None, "")
        );
        assert_eq!(nodes[3].version, "1.2.1+spec-1.1.0");
    }

    #[test]
    fn what_is_no_tree_is_not_read() {
        for text in [
            "",
            "error: no",
            "0a v1\tMIT\n2b v1\tMIT\n",
            "0a v1\t\n0b v1\t\n",
        ] {
            assert!(read(text).is_none(), "{text:?}");
        }
    }
}
