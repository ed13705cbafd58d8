//! Settings that make sense, and settings that do not.

use serde_json::{Value, json};

use super::{Issuer, Plan};
use crate::oauth::settings::{Method, Settings, Startup};

/// Settings that make sense, with these in their place.
fn settings(changes: &Value) -> Result<Settings, serde_json::Error> {
    let mut settings = json!({
        "resource": "https://skills.example.com/mcp",
        "issuers": [{ "issuer": "https://id.example.com" }],
    });
    for (name, value) in changes.as_object().expect("an object") {
        settings[name] = value.clone();
    }
    serde_json::from_value(settings)
}

#[track_caller]
fn problems(changes: &Value) -> String {
    match settings(changes) {
        Ok(settings) => settings
            .validate()
            .expect_err("it makes no sense")
            .to_string(),
        Err(error) => error.to_string(),
    }
}

#[track_caller]
fn plan(changes: &Value) -> Plan {
    let settings = settings(changes).expect("it can be read");
    settings.plan().expect("it makes sense")
}

#[test]
fn little_needs_to_be_said() {
    let plan = plan(&json!({}));
    let [issuer] = plan.issuers.as_slice() else {
        panic!("{plan:?}");
    };
    assert_eq!(issuer.method, Method::Keys);
    assert_eq!(issuer.types, ["at+jwt"]);
    assert_eq!(issuer.rules.leeway, 30);
    assert_eq!(
        issuer.rules.audiences.accepted(),
        ["https://skills.example.com/mcp"]
    );
    assert_eq!(plan.startup, Startup::Degraded);
}

#[test]
fn what_clients_can_ask_for_is_what_is_known() {
    let changes = json!({
        "required-scopes": ["skills:read"],
        "implies": { "skills:admin": ["skills:read"] },
    });
    assert_eq!(
        plan(&changes).scopes_supported,
        ["skills:admin", "skills:read"]
    );
    let changes = json!({ "required-scopes": ["a"], "scopes-supported": ["b"] });
    assert_eq!(plan(&changes).scopes_supported, ["b"]);
}

#[test]
fn wrong_values_are_named() {
    let issuer = |changes: Value| {
        let mut issuer = json!({ "issuer": "https://id.example.com" });
        for (name, value) in changes.as_object().expect("an object") {
            issuer[name] = value.clone();
        }
        json!({ "issuers": [issuer] })
    };
    let introspection = |changes: Value| {
        let mut introspection = json!({ "client-id": "us", "client-secret-env": "PATH" });
        for (name, value) in changes.as_object().expect("an object") {
            introspection[name] = value.clone();
        }
        issuer(json!({ "introspection": introspection }))
    };
    for (changes, expected) in [
        (
            json!({ "resource": "http://skills.example.com/mcp" }),
            "`resource`: http://skills.example.com/mcp is not https",
        ),
        (json!({ "resource": "https://a/mcp?x=1" }), "has a query"),
        (json!({ "resource": "https://a/mcp#x" }), "has a fragment"),
        (
            json!({ "resources": "https://a/mcp" }),
            "unknown field `resources`",
        ),
        (
            json!({ "accepted-audiences": [] }),
            "`accepted-audiences` is empty",
        ),
        (json!({ "issuers": [] }), "`issuers` is empty"),
        (
            json!({ "issuers": [{ "issuer": "https://a" }, { "issuer": "https://a" }] }),
            "https://a twice",
        ),
        (json!({ "required-scopes": ["a b"] }), "`a b` cannot be one"),
        (
            json!({ "scopes-supported": ["offline_access"] }),
            "`offline_access`",
        ),
        (json!({ "startup": "maybe" }), "unknown variant `maybe`"),
        (
            json!({ "times": { "leeway": "61s" } }),
            "`times.leeway` is longer than 60s",
        ),
        (
            json!({ "times": { "leeway": "30" } }),
            "`30` is no duration",
        ),
        (json!({ "times": { "leeway": 30 } }), "a duration such as"),
        (
            json!({ "times": { "total": "0s" } }),
            "`times.total` must be longer",
        ),
        (
            json!({ "times": { "connect": "40s" } }),
            "`times.connect` is longer than `times.total`",
        ),
        (
            json!({ "times": { "max-stale": "1m" } }),
            "`times.max-stale` is shorter",
        ),
        (
            issuer(json!({ "issuer": "http://id.example.com" })),
            "not https",
        ),
        (
            issuer(json!({ "jwks-uri": "ftp://id.example.com" })),
            "jwks-uri`: ftp://id.example.com is not https",
        ),
        (
            issuer(json!({ "algorithms": ["HS256"] })),
            "unknown variant `HS256`, expected one of `ES256`",
        ),
        (issuer(json!({ "algorithms": [] })), "algorithms` is empty"),
        (issuer(json!({ "types": [] })), "types` is empty"),
        (issuer(json!({ "audiences": [] })), "audiences` is empty"),
        (issuer(json!({ "verify": "both" })), "does not say how"),
        (
            introspection(json!({ "client-secret": "x" })),
            "unknown field `client-secret`",
        ),
        (
            introspection(json!({ "client-secret-file": "/x" })),
            "needs either",
        ),
        (
            introspection(json!({ "client-secret-env": "NO_SUCH_VARIABLE" })),
            "NO_SUCH_VARIABLE",
        ),
        (
            introspection(json!({ "endpoint": "http://id.example.com" })),
            "endpoint`: http://id.example.com is not https",
        ),
    ] {
        let problems = problems(&changes);
        assert!(
            problems.contains(expected),
            "{problems:?} lacks {expected:?}"
        );
    }
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let problems =
        problems(&json!({ "resource": "x", "issuers": [], "times": { "leeway": "2m" } }));
    for expected in ["`resource`", "`issuers`", "`times.leeway`"] {
        assert!(problems.contains(expected), "{problems}");
    }
}

#[test]
fn no_secret_is_shown() {
    let changes = json!({ "issuers": [{
        "issuer": "https://id.example.com",
        "introspection": { "client-id": "us", "client-secret-env": "PATH" },
    }] });
    let plan = plan(&changes);
    let [
        Issuer {
            introspection: Some(introspection),
            method,
            ..
        },
    ] = plan.issuers.as_slice()
    else {
        panic!("{plan:?}");
    };
    assert_eq!(*method, Method::Both);
    let secret = introspection.secret.expose();
    assert!(!secret.is_empty() && !format!("{plan:?}").contains(secret));
}
