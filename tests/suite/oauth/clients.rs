//! SDKs that go the whole way by themselves: from the first 401 to the authorization server, and back with a token.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use super::authorization_server::AuthorizationServer;
use super::guarded::policy;
use crate::installation::{javascript, python, run};
use crate::server::EXECUTABLE;
use crate::service::Service;
use crate::tree;

/// A server under a URL that it knows itself by, which a client goes to; it prints the token that it got.
fn visit(test: &str, client: impl Fn(&str, &str) -> Command) {
    let issuer = AuthorizationServer::start();
    let port = TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr());
    let address = port.expect("a free port").to_string();
    let settings =
        format!("resource = \"http://{address}/mcp\"\nrequired-scopes = [\"skills:read\"]");
    let policy = policy(test, &settings, &[(issuer.issuer(), "")]);
    let mut command = Command::new(Path::new(EXECUTABLE));
    command
        .args(["serve", "--listen", &address, "--policy"])
        .arg(policy);
    let service = Service::spawn(&mut command);
    let uri = format!("skill://{}/SKILL.md", tree::skills()[0]);
    let output = run(&mut client(service.url(), &uri));
    let token = output.trim();
    assert_eq!(token.split('.').count(), 3, "{output}");
    assert_eq!(issuer.count("/reg"), 1);
    let log = service.stop().log;
    assert!(!log.contains(token), "{log}");
}

#[test]
fn the_typescript_client_gets_a_token_and_a_skill() {
    visit("client", |server, uri| {
        let mut command = javascript("oauth.mjs");
        command.args(["@modelcontextprotocol/client", server, uri]);
        command
    });
}

#[test]
fn the_first_typescript_sdk_gets_a_token_and_a_skill() {
    visit("sdk", |server, uri| {
        let mut command = javascript("oauth.mjs");
        command.args(["@modelcontextprotocol/sdk", server, uri]);
        command
    });
}

#[test]
fn the_python_sdk_gets_a_token_and_a_skill() {
    visit("python", |server, uri| {
        let mut command = python("oauth.py");
        command.args([server, uri]);
        command
    });
}
