//! The package that embeds a bundle, as its manifest describes it.

use crate::config::Server;

/// What `Cargo.toml` says of the package; texts that it does not have are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "field for field what the manifest says")]
pub struct Package {
    pub name: String,
    pub version: String,
    pub description: String,
    pub license: String,
    pub authors: Vec<String>,
    pub repository: String,
    pub homepage: String,
}

impl Package {
    /// What the variables say that cargo sets for build scripts and for rustc.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| variable(&format!("CARGO_PKG_{name}")).unwrap_or_default();
        let authors = text("AUTHORS");
        let authors = authors.split(':').filter(|author| !author.is_empty());
        Self {
            name: text("NAME"),
            version: text("VERSION"),
            description: text("DESCRIPTION"),
            license: text("LICENSE"),
            authors: authors.map(str::to_owned).collect(),
            repository: text("REPOSITORY"),
            homepage: text("HOMEPAGE"),
        }
    }

    /// The package under the name and version of its server, where configuration gives it others.
    pub(super) fn under(&self, server: &Server) -> Self {
        let Server { name, version, .. } = server;
        Self {
            name: name.clone().unwrap_or_else(|| self.name.clone()),
            version: version.clone().unwrap_or_else(|| self.version.clone()),
            ..self.clone()
        }
    }
}
