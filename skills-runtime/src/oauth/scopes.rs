//! What a token allows: the scopes in its claims, and the narrower ones that these imply.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// Where scopes are if nothing else is said: RFC 9068 and RFC 7662, and Entra's and Okta's name for it.
const CLAIMS: [&str; 2] = ["scope", "scp"];

/// Which scopes imply which others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hierarchy(BTreeMap<String, Vec<String>>);

impl Hierarchy {
    pub(super) const fn new(implies: BTreeMap<String, Vec<String>>) -> Self {
        Self(implies)
    }

    /// These scopes and all that they imply, in however many steps. Scopes may imply each other.
    pub(super) fn with_implied(&self, granted: BTreeSet<String>) -> BTreeSet<String> {
        let mut open: Vec<String> = granted.iter().cloned().collect();
        let mut all = granted;
        while let Some(scope) = open.pop() {
            for implied in self.0.get(&scope).into_iter().flatten() {
                if all.insert(implied.clone()) {
                    open.push(implied.clone());
                }
            }
        }
        all
    }

    /// All scopes that it speaks of.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.0
            .iter()
            .flat_map(|(broad, narrow)| std::iter::once(broad).chain(narrow))
    }
}

/// The scopes in a token's claims: a text with spaces, or an array. Nothing if the claim is something else.
pub(super) fn claimed(claims: &Map<String, Value>, path: Option<&str>) -> Option<BTreeSet<String>> {
    let value = match path {
        Some(path) => at(claims, path),
        None => CLAIMS.iter().find_map(|name| claims.get(*name)),
    };
    match value {
        None | Some(Value::Null) => Some(BTreeSet::new()),
        Some(Value::String(text)) => Some(text.split(' ').filter_map(scope).collect()),
        Some(Value::Array(items)) => {
            let names = items
                .iter()
                .map(Value::as_str)
                .collect::<Option<Vec<_>>>()?;
            Some(names.into_iter().filter_map(scope).collect())
        }
        Some(_) => None,
    }
}

/// The claim of this name or, if there is none, the one that the parts of the name lead to (`realm_access.roles`).
fn at<'a>(claims: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(path) {
        return Some(value);
    }
    let (first, rest) = path.split_once('.')?;
    at(claims.get(first)?.as_object()?, rest)
}

fn scope(text: &str) -> Option<String> {
    is_scope(text).then(|| text.to_owned())
}

/// Whether it is a `scope-token` (RFC 6749, section 3.3).
pub(super) fn is_scope(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    !text.is_empty() && text.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[track_caller]
    fn check(claims: &Value, path: Option<&str>, expected: Option<&[&str]>) {
        let claims = claims.as_object().expect("an object");
        assert_eq!(claimed(claims, path), expected.map(set));
    }

    #[test]
    fn scopes_are_found_where_authorization_servers_put_them() {
        check(&json!({ "scope": "a b" }), None, Some(&["a", "b"]));
        check(&json!({ "scope": " a  b " }), None, Some(&["a", "b"]));
        check(&json!({ "scp": ["a", "b"] }), None, Some(&["a", "b"]));
        check(
            &json!({ "permissions": ["a"] }),
            Some("permissions"),
            Some(&["a"]),
        );
        let nested = json!({ "realm_access": { "roles": ["a"] } });
        check(&nested, Some("realm_access.roles"), Some(&["a"]));
        let dotted = json!({ "https://x.example/roles": "a" });
        check(&dotted, Some("https://x.example/roles"), Some(&["a"]));
        check(&json!({}), None, Some(&[]));
        check(&json!({ "scope": "a" }), Some("roles"), Some(&[]));
    }

    #[test]
    fn what_is_no_scope_is_none() {
        check(&json!({ "scope": 7 }), None, None);
        check(&json!({ "scope": ["a", 7] }), None, None);
        check(&json!({ "scope": "a\tb \"c\"" }), None, Some(&[]));
    }

    #[test]
    fn broad_scopes_imply_narrow_ones_and_never_the_other_way() {
        let implies = |from: &str, to: &str| (from.to_owned(), vec![to.to_owned()]);
        let hierarchy = Hierarchy::new(BTreeMap::from([
            implies("admin", "write"),
            implies("write", "read"),
            implies("left", "right"),
            implies("right", "left"),
        ]));
        let check = |granted: &[&str], expected: &[&str]| {
            assert_eq!(hierarchy.with_implied(set(granted)), set(expected));
        };
        check(&["admin"], &["admin", "read", "write"]);
        check(&["read"], &["read"]);
        check(&["left"], &["left", "right"]);
        check(&["other"], &["other"]);
    }
}
