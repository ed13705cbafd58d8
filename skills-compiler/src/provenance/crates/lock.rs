//! `Cargo.lock`: where packages come from, and the digests of their files.

use toml::de::{DeTable, DeValue};

use super::Origin;

/// The end of the index of the registry that crates come from unless somebody says otherwise, in either of its protocols.
const USUAL: [&str; 2] = ["/crates.io-index", "index.crates.io/"];

/// A package in the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) source: Option<String>,
    pub(super) checksum: Option<String>,
}

/// The packages. Nothing where the text is no such file.
pub(super) fn read(text: &str) -> Option<Vec<Entry>> {
    let file = DeTable::parse(text).ok()?.into_inner();
    let DeValue::Array(packages) = file.get("package")?.get_ref() else {
        return None;
    };
    let text = |package: &DeValue<'_>, key: &str| {
        let value = package.get(key)?;
        Some(value.get_ref().as_str()?.to_owned())
    };
    let entries = packages.iter().map(|package| {
        let package = package.get_ref();
        Some(Entry {
            name: text(package, "name")?,
            version: text(package, "version")?,
            source: text(package, "source"),
            checksum: text(package, "checksum"),
        })
    });
    entries.collect()
}

/// Where a package comes from. An address never brings along who may use it.
pub(super) fn origin(entry: &Entry) -> Origin {
    let Some(source) = &entry.source else {
        return Origin::Path;
    };
    if let Some(url) = source.strip_prefix("git+") {
        let (url, commit) = url.rsplit_once('#').unwrap_or((url, ""));
        let url = url.split_once('?').map_or(url, |(url, _)| url);
        return Origin::Git(format!("git+{}@{commit}", public(url)));
    }
    let is_usual = USUAL.iter().any(|end| source.ends_with(end));
    let index = source
        .split_once('+')
        .map_or(source.as_str(), |(_, url)| url);
    Origin::Registry((!is_usual).then(|| public(index)))
}

/// An address without a name and a password in it.
fn public(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: Option<&str>, expected: &Origin) {
        let source = source.map(str::to_owned);
        let entry = Entry {
            source,
            ..Entry::default()
        };
        assert_eq!(&origin(&entry), expected);
    }

    #[test]
    fn a_source_is_told_without_secrets() {
        check(None, &Origin::Path);
        check(
            Some("registry+https://example.com/crates.io-index"),
            &Origin::Registry(None),
        );
        check(
            Some("sparse+https://me:secret@crates.example.com/index/"),
            &Origin::Registry(Some("https://crates.example.com/index/".into())),
        );
        check(
            Some("git+https://token@example.com/a/b?branch=main#abc"),
            &Origin::Git("git+https://example.com/a/b@abc".into()),
        );
    }

    #[test]
    fn packages_are_read_with_what_they_have() {
        let text = "version = 4\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n";
        let entries = read(text).unwrap();
        assert_eq!((entries.len(), &entries[0].checksum), (1, &None));
        assert!(read("not = toml = at all").is_none());
    }
}
