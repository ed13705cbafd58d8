//! A server that has closed itself off, as the kernel sees it. What it can no longer do is tried in `skills-runtime`.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::server::{EXECUTABLE, STATELESS, Server};
use crate::service::{Service, folder};

/// A server over pipes that has answered, and a line of what the kernel says of it.
fn served(mode: &str, line: &str) -> (String, String) {
    let mut command = Command::new(EXECUTABLE);
    command.args(["stdio", "--sandbox", mode]);
    let mut server = Server::spawn(&mut command);
    server.open("2025-11-25");
    let skills = server.result("tools/list", json!({}));
    assert!(skills["tools"].is_array());
    let status = fs::read_to_string(format!("/proc/{}/status", server.process()));
    let status = status.expect("Linux says");
    let line = status.lines().find(|found| found.starts_with(line));
    let line = line.expect("the kernel has it").replace('\t', " ");
    let ended = server.close();
    assert!(ended.status.success(), "{}", ended.log);
    (line, ended.log)
}

#[test]
fn a_server_over_pipes_is_closed_off_before_it_reads() {
    for mode in ["require", "auto"] {
        let (line, log) = served(mode, "Seccomp:");
        assert_eq!(line, "Seccomp: 2");
        let sealed = log.find("Sandbox: landlock ").expect("it says so");
        assert!(sealed < log.find("Server ready").expect("it says so"));
        let (line, _) = served(mode, "NoNewPrivs:");
        assert_eq!(line, "NoNewPrivs: 1");
    }
}

#[test]
fn a_sandbox_can_be_refused() {
    let (line, log) = served("off", "Seccomp:");
    let own = fs::read_to_string("/proc/self/status").expect("Linux says");
    let ours = own.lines().find(|found| found.starts_with("Seccomp:"));
    assert_eq!(Some(line.replace(' ', "\t").as_str()), ours);
    assert!(log.contains("Sandbox: off"), "{log}");
}

#[test]
fn about_says_what_the_system_allows() {
    let about = Command::new(EXECUTABLE).args(["about", "--json"]).output();
    let about: Value = serde_json::from_slice(&about.expect("it starts").stdout).expect("JSON");
    let sandbox = about["sandbox"].as_str().expect("a text");
    let (_, log) = served("auto", "Seccomp:");
    assert!(log.contains(&format!("Sandbox: {sandbox}\n")), "{log}");
}

#[test]
fn a_mode_that_does_not_exist_is_an_error_wherever_it_comes_from() {
    let typed = Command::new(EXECUTABLE)
        .args(["stdio", "--sandbox=maybe"])
        .output();
    assert_eq!(typed.expect("it starts").status.code(), Some(2));
    let from_environment = Command::new(EXECUTABLE)
        .arg("stdio")
        .env("SKILLS_SANDBOX", "maybe")
        .output()
        .expect("it starts");
    assert_eq!(from_environment.status.code(), Some(2));
    let said = String::from_utf8_lossy(&from_environment.stderr);
    assert!(said.contains("SKILLS_SANDBOX"), "{said}");
    assert!(said.contains("require, auto, off"), "{said}");
}

#[test]
fn every_protocol_version_is_spoken_from_inside() {
    for version in ["2024-11-05", STATELESS] {
        let mut command = Command::new(EXECUTABLE);
        command.args(["--sandbox=require"]);
        let mut server = Server::spawn(&mut command);
        if version != STATELESS {
            server.open(version);
        }
        let read = server.result(
            "resources/read",
            json!({ "uri": "skill://conventional-commits/SKILL.md" }),
        );
        assert!(read["contents"][0]["text"].is_string(), "{read}");
        assert!(server.signal("TERM").status.success());
    }
}

#[test]
fn all_threads_of_a_server_over_http_are_closed_off() {
    let folder = folder("sandbox");
    let socket = folder.join("skills.sock");
    let listen = format!("unix:{}", socket.display());
    let service = Service::with_admin(&["--sandbox=require", "--listen", &listen]);
    let tasks = fs::read_dir(format!("/proc/{}/task", service.process())).expect("Linux says");
    let mut threads = 0;
    for task in tasks {
        let status = task.expect("a thread").path().join("status");
        let status = fs::read_to_string(status).expect("Linux says");
        assert!(status.contains("\nSeccomp:\t2\n"), "{status}");
        assert!(status.contains("\nNoNewPrivs:\t1\n"), "{status}");
        threads += 1;
    }
    assert!(threads > 1);
    let health = Command::new(EXECUTABLE)
        .args(["health", "--listen", &listen])
        .output();
    assert!(health.expect("it starts").status.success());
    let gone = service.stop();
    assert!(gone.status.success(), "{}", gone.log);
    assert!(gone.log.contains("Sandbox: landlock "), "{}", gone.log);
    assert!(!socket.exists(), "the socket is removed from inside");
}
