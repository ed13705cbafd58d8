//! UNIX sockets in place of ports.
#![cfg(unix)]

use std::fs;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::conversation::{Conversation, Request};
use crate::server::{EXECUTABLE, STATELESS};
use crate::service::{PATIENCE, Service, folder, serve};

fn list() -> Request {
    Request::call(STATELESS, &json!(1), "tools/list", json!({}))
}

fn connect(path: &Path) -> Conversation<UnixStream> {
    let stream = UnixStream::connect(path).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    Conversation::over(stream)
}

fn at(path: &Path) -> String {
    format!("unix:{}", path.display())
}

#[test]
fn a_socket_is_served_and_taken_away() {
    // The path of a socket is at most some hundred bytes.
    let folder = std::env::temp_dir().join(format!("skills-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("mcp.sock");
    // One that a dead server has left.
    drop(UnixListener::bind(&path).expect("a socket"));
    assert!(path.exists());
    let service = Service::start(&[
        "--listen",
        &at(&path),
        "--trusted-proxy",
        "unix",
        "--access-log",
        "all",
    ]);
    let request = list().with("X-Forwarded-For", "203.0.113.7");
    assert_eq!(connect(&path).ask(&request).status, 200);
    let second = serve(&["--listen", &at(&path)]).output().expect("it runs");
    assert_eq!(second.status.code(), Some(1), "somebody listens there");
    assert_eq!(connect(&path).ask(&list()).status, 200);
    let health = Command::new(EXECUTABLE)
        .args(["health", "--listen", &at(&path)])
        .output();
    assert_eq!(health.expect("it runs").status.code(), Some(0));
    let log = service.stop().log;
    assert!(log.contains("client=203.0.113.7"), "{log}");
    assert!(!path.exists());
    fs::remove_dir_all(&folder).expect("it is empty");
}

#[test]
fn a_file_that_is_no_socket_is_left_alone() {
    let path = folder("file").join("notes.txt");
    fs::write(&path, "mine").expect("a file below target/");
    let output = serve(&["--listen", &at(&path)]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(said.contains("cannot listen on unix:"), "{said}");
    assert_eq!(fs::read_to_string(&path).expect("it is there"), "mine");
}
