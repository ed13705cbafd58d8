//! What an accepted token says.

use std::collections::BTreeSet;
use std::sync::Arc;

/// Who may do what, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// Whom the token is for: `sub`, or the client itself where there is none. Unique for one issuer only.
    pub(crate) subject: String,
    /// The client that asks on behalf of the subject.
    pub(crate) client_id: Option<String>,
    /// The authorization server, as it is configured.
    pub(crate) issuer: Arc<str>,
    /// What may be done, with all that is implied.
    pub(crate) scopes: BTreeSet<String>,
    /// When it ends, in seconds since 1970; an authorization server that is asked need not say it.
    pub(crate) expires_at: Option<u64>,
}

impl Grant {
    /// Those of the scopes that are not granted.
    pub(crate) fn missing<'a>(&self, wanted: &'a [String]) -> Vec<&'a str> {
        let missing = wanted.iter().filter(|scope| !self.scopes.contains(*scope));
        missing.map(String::as_str).collect()
    }
}
