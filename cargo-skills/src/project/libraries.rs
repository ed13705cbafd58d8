//! Where the libraries of a project come from: the checkout that this executable was built in, as long as it is there, or else
//! the registry, in the version of this executable.

use std::path::{Path, PathBuf};

use super::quoted::quoted;
use crate::error::Error;
use crate::machine;

/// The libraries that projects name, and the folders that they are in.
const LIBRARIES: [&str; 2] = ["skills-compiler", "skills-runtime"];

/// Where the libraries come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Libraries {
    /// From a checkout of the repository.
    Checkout(PathBuf),
    /// From where cargo gets libraries.
    Registry,
}

impl Libraries {
    /// From the checkout that is named, or else from where this executable came from.
    pub(crate) fn find(named: Option<&Path>) -> Result<Self, Error> {
        let failed = |path: &Path, source| Error::Read {
            path: path.to_owned(),
            source,
        };
        let Some(path) = named else {
            let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
            let checkout = built_in.filter(|place| is_checkout(place));
            return Ok(checkout.map_or(Self::Registry, |place| Self::Checkout(place.to_owned())));
        };
        let place = std::path::absolute(path).map_err(|source| failed(path, source))?;
        if !is_checkout(&place) {
            return Err(Error::NoCheckout {
                path: path.to_owned(),
            });
        }
        Ok(Self::Checkout(place))
    }

    /// The settings of cargo that lead to them, as `KEY=VALUE` of TOML; none for the registry.
    pub(crate) fn settings(&self) -> Vec<String> {
        let Self::Checkout(checkout) = self else {
            return Vec::new();
        };
        let setting = |library: &&str| {
            let folder = quoted(&checkout.join(library).display().to_string());
            format!("patch.crates-io.{library}.path={folder}")
        };
        LIBRARIES.iter().map(setting).collect()
    }
}

/// Whether the folder has the libraries, in this executable's version.
fn is_checkout(folder: &Path) -> bool {
    let manifest = machine::text(&folder.join("Cargo.toml"));
    let version = format!("version = \"{}\"", env!("CARGO_PKG_VERSION"));
    let is_there = |library: &&str| folder.join(library).join("Cargo.toml").is_file();
    manifest.lines().any(|line| line == version) && LIBRARIES.iter().all(is_there)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_is_a_checkout_and_its_parts_are_none() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let Libraries::Checkout(checkout) = Libraries::find(None).unwrap() else {
            panic!("it is not found");
        };
        assert_eq!(checkout, here.parent().unwrap());
        let settings = Libraries::Checkout("/a \"b\"".into()).settings();
        assert_eq!(
            settings[0],
            r#"patch.crates-io.skills-compiler.path="/a \"b\"/skills-compiler""#
        );
        assert!(Libraries::find(Some(here)).is_err());
    }
}
