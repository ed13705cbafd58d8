//! How often callers with an access token may ask: by the first rule of the policy that fits it.

use super::authorization_server::AuthorizationServer;
use super::guarded::{ask_with, command, policy, serving};
use crate::service::refused;

const TIERS: &str = "[tiers]\n\
    default = { requests = 1, per = \"1h\" }\n\
    batch = { requests = 2, per = \"1h\" }\n\
    admin = { requests = 3, per = \"1h\" }\n";

#[test]
fn the_tier_of_a_token_is_that_of_the_first_rule_that_fits() {
    let issuer = AuthorizationServer::start();
    let rules = format!(
        "[[oauth-tiers]]\ntier = \"batch\"\nclient = \"rs256\"\nissuer = \"{}\"\n\
         [[oauth-tiers]]\ntier = \"admin\"\nscope = \"skills:admin\"\n",
        issuer.issuer()
    );
    let policy = policy(
        "tiers",
        "",
        &[(issuer.issuer(), &format!("{TIERS}{rules}"))],
    );
    let service = serving(&mut command(&policy), &issuer);
    for (client, scope, expected) in [
        ("rs256", "skills:read skills:admin", 2),
        ("es256", "skills:read skills:admin", 3),
        ("ps256", "skills:read", 1),
    ] {
        let token = issuer.token(client, scope);
        let statuses: Vec<_> = (0..5).map(|_| ask_with(&service, &token).status).collect();
        let passed = statuses.iter().take_while(|status| **status == 200).count();
        assert_eq!(passed, expected, "{client} {scope}: {statuses:?}");
        assert!(
            statuses[passed..].iter().all(|status| *status == 429),
            "{statuses:?}"
        );
    }
}

#[test]
fn a_rule_that_can_never_hold_is_an_error() {
    let issuer = "http://127.0.0.1:1";
    for (rule, expected) in [
        (
            "tier = \"bacth\"",
            "the 1. of [[oauth-tiers]] is for the tier `bacth`, which is not there",
        ),
        ("tier = \"bacth\"", "did you mean `batch`?"),
        (
            "tier = \"batch\"\nissuer = \"https://other.example.com\"",
            "is for tokens of https://other.example.com, and only those of http://127.0.0.1:1 are accepted",
        ),
        ("scope = \"a\"", "missing field `tier`"),
        ("tier = \"batch\"\nclaim = \"x\"", "unknown field `claim`"),
    ] {
        let special = format!("{TIERS}[[oauth-tiers]]\n{rule}\n");
        let policy = policy("tier-errors", "", &[(issuer, &special)]);
        let said = refused(&mut command(&policy)).log;
        assert!(said.contains(expected), "{said} lacks {expected}");
    }
}
