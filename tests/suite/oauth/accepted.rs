//! What is accepted, for what it is enough, and what is said to those who have nothing.

use serde_json::json;

use super::authorization_server::{AuthorizationServer, RESOURCE};
use super::guarded::{
    RESOURCE_METADATA, ask_with, challenge, command, file, part, policy, request, serving, start,
};
use crate::http::conversation::{Request, ask};
use crate::service::Service;
use crate::service::refused;

#[test]
fn tokens_of_every_algorithm_are_accepted() {
    let issuer = AuthorizationServer::start();
    let service = start("algorithms", "", &issuer);
    for client in ["es256", "rs256", "ps256", "eddsa"] {
        let token = issuer.token(client, "skills:read");
        for _ in 0..2 {
            let answer = ask_with(&service, &token);
            assert_eq!(answer.status, 200, "{client}: {}", answer.text());
        }
    }
    // One look at the keys is enough.
    assert_eq!(issuer.count("/jwks"), 1);
}

#[test]
fn who_has_no_token_is_told_where_to_get_one() {
    let issuer = AuthorizationServer::start();
    let service = start("challenge", "required-scopes = [\"skills:read\"]", &issuer);
    let answer = ask(service.address(), &request());
    assert_eq!(answer.status, 401, "{}", answer.text());
    let expected = [
        ("resource_metadata", RESOURCE_METADATA),
        ("scope", "skills:read"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(challenge(&answer), expected);
    for path in [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/mcp",
    ] {
        let answer = ask(service.address(), &Request::get(path));
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let metadata = answer.json();
        assert_eq!(metadata["resource"], RESOURCE);
        assert_eq!(metadata["authorization_servers"], json!([issuer.issuer()]));
        assert_eq!(metadata["scopes_supported"], json!(["skills:read"]));
        assert_eq!(metadata["bearer_methods_supported"], json!(["header"]));
    }
}

#[test]
fn a_token_in_the_address_is_none() {
    let issuer = AuthorizationServer::start();
    let service = start("address", "", &issuer);
    let token = issuer.token("es256", "skills:read");
    let target = format!("/mcp?access_token={token}");
    let answer = ask(service.address(), &request().at(&target));
    assert_eq!(answer.status, 401, "{}", answer.text());
    let log = service.stop().log;
    assert!(!log.contains(&token), "{log}");
}

#[test]
fn a_token_that_allows_too_little_is_told_what_it_takes() {
    let issuer = AuthorizationServer::start();
    let settings =
        "required-scopes = [\"skills:read\"]\nimplies = { \"skills:admin\" = [\"skills:read\"] }";
    let service = start("scopes", settings, &issuer);
    for scope in ["skills:read", "skills:admin", "skills:read skills:admin"] {
        let answer = ask_with(&service, &issuer.token("es256", scope));
        assert_eq!(answer.status, 200, "{scope}: {}", answer.text());
    }
    let service = start(
        "more-scopes",
        "required-scopes = [\"skills:admin\"]",
        &issuer,
    );
    let answer = ask_with(&service, &issuer.token("es256", "skills:read"));
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert_eq!(
        part(&answer, "error").as_deref(),
        Some("insufficient_scope")
    );
    assert_eq!(part(&answer, "scope").as_deref(), Some("skills:admin"));
    assert_eq!(
        part(&answer, "resource_metadata").as_deref(),
        Some(RESOURCE_METADATA)
    );
}

#[test]
fn one_slash_at_the_end_of_the_audience_makes_no_difference_unless_it_is_to() {
    let issuer = AuthorizationServer::start();
    let token = issuer.token_for("es256", "skills:read", &format!("{RESOURCE}/"));
    let service = start("slash", "", &issuer);
    assert_eq!(ask_with(&service, &token).status, 200);
    let service = start("no-slash", "ignore-trailing-slash = false", &issuer);
    let answer = ask_with(&service, &token);
    assert_eq!(answer.status, 401);
    let description = part(&answer, "error_description").expect("a description");
    assert!(
        description.contains(&format!("is for `{RESOURCE}/`")),
        "{description}"
    );
    assert!(
        description.contains(&format!("this server is {RESOURCE}")),
        "{description}"
    );
}

/// A server that asks the authorization server about opaque tokens.
fn asking(test: &str, issuer: &AuthorizationServer, flags: &[&str]) -> crate::service::Service {
    let secret = file(test, "secret", "secret\n");
    let special = format!(
        "introspection = {{ client-id = \"resource\", client-secret-file = \"{}\" }}",
        secret.display()
    );
    let policy = policy(test, "", &[(issuer.issuer(), &special)]);
    serving(command(&policy).args(flags), issuer)
}

#[test]
fn one_client_with_tokens_that_it_made_up_is_bounded_and_others_are_not() {
    let issuer = AuthorizationServer::start();
    let service = asking("made-up", &issuer, &["--trusted-proxy", "127.0.0.1"]);
    let known = issuer.token("opaque", "skills:read");
    let from = |client: &str, token: &str| {
        let request = request()
            .with("Authorization", &format!("Bearer {token}"))
            .with("X-Forwarded-For", client);
        ask(service.address(), &request)
    };
    assert_eq!(from("192.0.2.1", &known).status, 200);
    let before = issuer.count("/token/introspection");
    let answers: Vec<_> = (0..100)
        .map(|number| from("192.0.2.1", &format!("made-up-{number}")))
        .collect();
    let unknown = answers.iter().filter(|answer| answer.status == 401).count();
    let asked = issuer.count("/token/introspection") - before;
    assert_eq!(
        unknown as u64, asked,
        "each that was refused as unknown was asked about"
    );
    // 32 at once, and one more every three seconds.
    assert!((32..=60).contains(&unknown), "{unknown}");
    let limited = answers.iter().find(|answer| answer.status == 429);
    let limited = limited.expect("the budget ends");
    assert!(limited.header("retry-after").is_some());
    let policy = limited.header("ratelimit-policy");
    assert_eq!(policy, Some("\"unknown_tokens\";q=32;w=96"));
    // A token that is known already needs no question, and other clients have budgets of their own.
    assert_eq!(from("192.0.2.1", &known).status, 200);
    assert_eq!(from("192.0.2.2", "made-up").status, 401);
    let other = issuer.token("opaque", "skills:read");
    assert_eq!(from("192.0.2.2", &other).status, 200);
}

#[cfg(unix)]
#[test]
fn a_client_secret_that_everyone_can_change_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let secret = file("modes", "secret", "secret\n");
    let special = format!(
        "verify = \"introspection\"\nintrospection = {{ client-id = \"x\", client-secret-file = \"{}\", endpoint = \"https://id.example.com/introspect\" }}",
        secret.display()
    );
    let policy = policy("modes", "", &[("https://id.example.com", &special)]);
    let mode = std::fs::Permissions::from_mode(0o666);
    std::fs::set_permissions(&secret, mode).expect("it is ours");
    let gone = refused(&mut command(&policy));
    assert!(
        gone.log
            .contains("every user of this machine can change it"),
        "{}",
        gone.log
    );
}

#[test]
fn a_token_that_the_authorization_server_cannot_read_does_not_open_the_circuit() {
    let issuer = AuthorizationServer::start();
    let service = asking("unreadable", &issuer, &[]);
    let known = issuer.token("opaque", "skills:read");
    issuer.answer("/token/introspection", Some("bad-request"));
    for number in 0..20 {
        let answer = ask_with(&service, &format!("unreadable-{number}"));
        assert_eq!(answer.status, 401, "{}", answer.text());
    }
    issuer.answer("/token/introspection", None);
    assert_eq!(ask_with(&service, &known).status, 200);
}

#[test]
fn the_authorization_server_is_asked_about_what_only_it_can_read() {
    let issuer = AuthorizationServer::start();
    let secret = file("opaque", "secret", "secret\n");
    let special = format!(
        "introspection = {{ client-id = \"resource\", client-secret-file = \"{}\" }}",
        secret.display()
    );
    let policy = policy("opaque", "", &[(issuer.issuer(), &special)]);
    let service = serving(&mut command(&policy), &issuer);
    let opaque = issuer.token("opaque", "skills:read");
    for _ in 0..3 {
        let answer = ask_with(&service, &opaque);
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!(issuer.count("/token/introspection"), 1);
    // What can be read here is read here.
    let token = issuer.token("es256", "skills:read");
    assert_eq!(ask_with(&service, &token).status, 200);
    assert_eq!(issuer.count("/token/introspection"), 1);
    let answer = ask_with(&service, "nobodys-token");
    assert_eq!(answer.status, 401);
    let description = part(&answer, "error_description");
    assert!(description.is_some_and(|text| text.contains("is not active")));
    // Another resource's token is active, and none for this server.
    let other = issuer.token_for("opaque", "skills:read", "http://127.0.0.1:4001/mcp");
    let answer = ask_with(&service, &other);
    let description = part(&answer, "error_description");
    assert!(description.is_some_and(|text| text.contains("is for `http://127.0.0.1:4001/mcp`")));
    // While it is gone, nobody can say anything of others.
    issuer.answer("/token/introspection", Some("gone"));
    let answer = ask_with(&service, "somebodys-token");
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.header("retry-after").is_some());
    assert_eq!(ask_with(&service, &opaque).status, 200);
    let log = service.stop().log;
    for secret in [
        opaque.as_str(),
        token.as_str(),
        other.as_str(),
        "nobodys-token",
        "somebodys-token",
    ] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn tokens_of_several_authorization_servers_are_accepted() {
    let (one, two) = (AuthorizationServer::start(), AuthorizationServer::start());
    let policy = policy("several", "", &[(one.issuer(), ""), (two.issuer(), "")]);
    let mut service = serving(&mut command(&policy), &one);
    service.until(&format!("{} answers", two.issuer()));
    for issuer in [&one, &two] {
        let answer = ask_with(&service, &issuer.token("es256", "skills:read"));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

#[test]
fn metrics_say_what_came_of_tokens() {
    let issuer = AuthorizationServer::start();
    let policy = policy("metrics", "", &[(issuer.issuer(), "")]);
    let mut service = Service::with_admin_of(&mut command(&policy));
    service.until(&format!("{} answers", issuer.issuer()));
    ask_with(&service, &issuer.token("es256", "skills:read"));
    ask_with(&service, "opaque");
    let metrics = ask(service.admin(), &Request::get("/metrics"));
    let name = issuer.issuer();
    for line in [
        "mcp_auth_requests_total{result=\"accepted\",reason=\"oauth\"} 1",
        "mcp_auth_requests_total{result=\"refused\",reason=\"form\"} 1",
        "mcp_auth_validation_duration_seconds_count 2",
        &format!("mcp_auth_provider_up{{issuer=\"{name}\"}} 1"),
        &format!("mcp_auth_jwks_fetches_total{{issuer=\"{name}\",result=\"success\"}} 1"),
        &format!("mcp_auth_circuit_state{{issuer=\"{name}\",endpoint=\"keys\"}} 0"),
    ] {
        assert!(
            metrics.text().contains(line),
            "{} lacks {line}",
            metrics.text()
        );
    }
}

#[test]
fn settings_that_make_no_sense_are_said_before_anything_is_served() {
    let issuer = "http://127.0.0.1:1";
    for (settings, special, expected) in [
        (
            "resource = \"http://skills.example.com/mcp\"",
            "",
            "`resource`",
        ),
        ("required-scope = []", "", "unknown field `required-scope`"),
        (
            "times = { leeway = \"5m\" }",
            "",
            "`times.leeway` is longer than 60s",
        ),
        ("", "algorithms = [\"HS256\"]", "unknown variant `HS256`"),
        ("", "verify = \"introspection\"", "does not say how"),
        (
            "",
            "introspection = { client-id = \"x\", client-secret-file = \"/none\" }",
            "/none",
        ),
        ("ca-file = \"/none.pem\"", "", "/none.pem"),
    ] {
        let policy = policy("nonsense", settings, &[(issuer, special)]);
        let said = refused(&mut command(&policy)).log;
        assert!(said.contains(expected), "{said} lacks {expected}");
    }
}
