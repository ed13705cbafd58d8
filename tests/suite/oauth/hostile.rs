//! Tokens of those who should not get in.

use super::authorization_server::AuthorizationServer;
use super::guarded::{RESOURCE_METADATA, ask_with, part, start};

/// The least number of ways in that are tried.
const WAYS: usize = 55;

#[test]
fn no_hostile_token_gets_in_and_each_is_told_why() {
    let issuer = AuthorizationServer::start();
    let service = start("hostile", "", &issuer);
    let good = issuer.token("es256", "skills:read");
    assert_eq!(ask_with(&service, &good).status, 200);
    let tokens = issuer.hostile();
    assert!(tokens.len() >= WAYS, "{}", tokens.len());
    for hostile in &tokens {
        let text = |name: &str| hostile[name].as_str().expect("a text");
        let (name, token) = (text("name"), text("token"));
        let answer = ask_with(&service, token);
        let is_long = token.len() > 8192;
        let (status, error) = if is_long {
            (400, "invalid_request")
        } else {
            (401, "invalid_token")
        };
        assert_eq!(answer.status, status, "{name}: {}", answer.text());
        assert_eq!(part(&answer, "error").as_deref(), Some(error), "{name}");
        let metadata = part(&answer, "resource_metadata");
        assert_eq!(metadata.as_deref(), Some(RESOURCE_METADATA), "{name}");
        let description = part(&answer, "error_description").expect(name);
        let says = if is_long { "8192 bytes" } else { text("says") };
        assert!(
            description.contains(says),
            "{name}: {description:?} lacks {says:?}"
        );
        assert_eq!(answer.header("set-cookie"), None, "{name}");
    }
    assert_eq!(ask_with(&service, &good).status, 200);
    let log = service.stop().log;
    let tokens = tokens
        .iter()
        .filter_map(|hostile| hostile["token"].as_str());
    // Short ones are words that may well be there.
    for token in tokens
        .chain([good.as_str()])
        .filter(|token| token.len() > 8)
    {
        assert!(!log.contains(token), "{log}");
        let signature = token.rsplit('.').next().unwrap_or_default();
        assert!(signature.len() < 20 || !log.contains(signature), "{log}");
    }
}
