//! Glewlwyd: an authorization server in C that has no line in common with the other one, in a path of its own.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};

use super::guarded::{ask_with, command, part, policy};
use crate::debian::debian;
use crate::installation::{TARGET, python};
use crate::server::lines;
use crate::service::{PATIENCE, Service};

/// It ends with its standard input.
struct Glewlwyd {
    child: Child,
    issuer: String,
    token: String,
}

impl Glewlwyd {
    /// One that has issued a token for the resource of the tests.
    fn start(resource: &str) -> Self {
        let program = debian(&["glewlwyd", "dbconfig-no-thanks"], "glewlwyd");
        let folder = Path::new(TARGET).join("oauth").join("glewlwyd");
        fs::create_dir_all(&folder).expect("a folder below target/");
        let mut command = python("glewlwyd.py");
        command.arg(program.file("")).arg(&folder).arg(resource);
        program.environment(&mut command);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.expect("it starts");
        let said = lines(child.stdout.take().expect("a pipe"));
        let next = || said.recv_timeout(PATIENCE).expect("it issues a token");
        Self {
            issuer: next(),
            token: next(),
            child,
        }
    }
}

impl Drop for Glewlwyd {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // It may have ended.
        let _ = self.child.wait();
    }
}

#[test]
fn tokens_of_another_authorization_server_are_accepted() {
    let glewlwyd = Glewlwyd::start(super::authorization_server::RESOURCE);
    let policy = policy(
        "glewlwyd",
        "required-scopes = [\"skills:read\"]",
        &[(&glewlwyd.issuer, "")],
    );
    let mut service = Service::spawn(&mut command(&policy));
    service.until(&format!("{} answers", glewlwyd.issuer));
    let answer = ask_with(&service, &glewlwyd.token);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let (rest, _) = glewlwyd.token.rsplit_once('.').expect("a signature");
    let answer = ask_with(&service, &format!("{rest}.{}", "A".repeat(86)));
    assert_eq!(answer.status, 401, "{}", answer.text());
    assert_eq!(part(&answer, "error").as_deref(), Some("invalid_token"));
    let log = service.stop().log;
    assert!(!log.contains(&glewlwyd.token), "{log}");
}
