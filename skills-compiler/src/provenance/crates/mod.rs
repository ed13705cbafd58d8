//! The crates that an executable holds: what cargo answers ([`ask`]), read from its tree and from `Cargo.lock`.

mod ask;
mod lock;
mod tree;

use std::collections::BTreeMap;

pub use ask::{Question, ask};

/// What is known of the crates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Crates {
    /// All of them, the package itself first.
    Known(Vec<Crate>, Toolchain),
    /// None of them, and why.
    Unknown(String),
}

/// A crate that is compiled into the executable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crate {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence as its manifest has it; empty where that has none.
    pub license: String,
    /// Where its source comes from.
    pub origin: Origin,
    /// The SHA-256 digest of the `.crate` file, in hexadecimal digits.
    pub checksum: Option<String>,
    /// Which of the crates it uses, ascending.
    pub uses: Vec<usize>,
}

/// Where the source of a crate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A registry: the usual one, or the one with this index.
    Registry(Option<String>),
    /// A repository, with the commit.
    Git(String),
    /// A directory beside the package or above it.
    Path,
}

/// The compiler, whose standard library is in the executable as well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Toolchain {
    /// Its version, such as `1.95.0`.
    pub release: String,
    /// The commit that it was made of; empty where it does not say.
    pub commit: String,
}

impl Toolchain {
    /// Reads what `rustc -vV` prints.
    fn of(text: &str) -> Self {
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let value = line.map_or("", str::trim);
            if value == "unknown" { "" } else { value }.to_owned()
        };
        Self {
            release: value("release:"),
            commit: value("commit-hash:"),
        }
    }
}

/// Puts together what the tree says of edges and licences and `Cargo.lock` of sources and digests.
fn join(nodes: Vec<tree::Node>, lock: &[lock::Entry]) -> Vec<Crate> {
    let mut locked: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for entry in lock {
        let key = (entry.name.as_str(), entry.version.as_str());
        locked.entry(key).or_default().push(entry);
    }
    let crates = nodes.into_iter().map(|node| {
        // Two sources of one name and version are possible; then neither is claimed.
        let entry = match locked.get(&(node.name.as_str(), node.version.as_str())) {
            Some(entries) if entries.len() == 1 => entries.first(),
            _ => None,
        };
        Crate {
            origin: entry.map_or(Origin::Path, |entry| lock::origin(entry)),
            checksum: entry.and_then(|entry| entry.checksum.clone()),
            name: node.name,
            version: node.version,
            license: node.license,
            uses: node.uses.into_iter().collect(),
        }
    });
    crates.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compiler_says_what_it_is() {
        let said = "rustc 1.95.0 (abc 2026-04-14)\nrelease: 1.95.0\ncommit-hash: abc\nhost: x\n";
        let toolchain = Toolchain::of(said);
        assert_eq!(toolchain.release, "1.95.0");
        assert_eq!(toolchain.commit, "abc");
        assert_eq!(Toolchain::of("commit-hash: unknown\n").commit, "");
    }
}
