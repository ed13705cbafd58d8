//! Servers that accept the tokens of an authorization server, and what they answer.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use super::authorization_server::{AuthorizationServer, RESOURCE};
use crate::http::conversation::{Answer, Request, ask};
use crate::installation::TARGET;
use crate::server::STATELESS;
use crate::service::{Service, serve};

/// Where clients are sent for the metadata of [`RESOURCE`].
pub(super) const RESOURCE_METADATA: &str =
    "http://127.0.0.1:3001/.well-known/oauth-protected-resource/mcp";

/// A policy that accepts tokens of these servers: settings for all, and for each its name with what is special about it.
pub(super) fn policy(test: &str, settings: &str, issuers: &[(&str, &str)]) -> PathBuf {
    let resource = if settings.contains("resource =") {
        String::new()
    } else {
        format!("resource = \"{RESOURCE}\"\n")
    };
    let issuers = issuers
        .iter()
        .map(|(name, special)| format!("[[oauth.issuers]]\nissuer = \"{name}\"\n{special}\n"));
    let issuers: String = issuers.collect();
    file(
        test,
        "policy.toml",
        &format!("[oauth]\n{settings}\n{resource}{issuers}"),
    )
}

/// A file of this test.
pub(super) fn file(test: &str, name: &str, contents: &str) -> PathBuf {
    let folder = Path::new(TARGET).join("oauth").join(test);
    fs::create_dir_all(&folder).expect("a folder below target/");
    let path = folder.join(name);
    fs::write(&path, contents).expect("a file below target/");
    path
}

/// The command that serves with a policy.
pub(super) fn command(policy: &Path) -> Command {
    let mut command = serve(&[]);
    command.arg("--policy").arg(policy);
    command
}

/// A server with these settings that accepts the tokens of one authorization server.
pub(super) fn start(test: &str, settings: &str, issuer: &AuthorizationServer) -> Service {
    let policy = policy(test, settings, &[(issuer.issuer(), "")]);
    serving(&mut command(&policy), issuer)
}

/// What is asked for with a token.
pub(super) fn ask_with(service: &Service, token: &str) -> Answer {
    ask(
        service.address(),
        &request().with("Authorization", &format!("Bearer {token}")),
    )
}

/// A request that is answered, if its sender may ask.
pub(super) fn request() -> Request {
    Request::call(STATELESS, &json!(1), "skills/list", json!({}))
}

/// A server with a policy, when it knows this authorization server.
pub(super) fn serving(command: &mut Command, issuer: &AuthorizationServer) -> Service {
    let mut service = Service::spawn(command);
    service.until(&format!("{} answers", issuer.issuer()));
    service
}

/// The parts of a challenge: name and value.
pub(super) fn challenge(answer: &Answer) -> Vec<(String, String)> {
    let header = answer.header("www-authenticate").expect("a challenge");
    let mut rest = header.strip_prefix("Bearer ").expect("a scheme");
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"").expect(header);
        let (value, after) = after.split_once('"').expect(header);
        parts.push((name.to_owned(), value.to_owned()));
        rest = after.strip_prefix(", ").unwrap_or(after);
    }
    parts
}

/// One part of a challenge.
pub(super) fn part(answer: &Answer, name: &str) -> Option<String> {
    let mut parts = challenge(answer).into_iter();
    parts.find_map(|(known, value)| (known == name).then_some(value))
}
