//! Standard error: lines of one form, as many as the level asks for.

use std::process::Command;

use serde_json::json;

use crate::server::{EXECUTABLE, INITIALIZED, STATELESS, Server};

/// `[TIMESTAMP] [LEVEL] [COMPONENT] Message`, the time in UTC to the millisecond.
pub(super) fn is_a_line_of_the_log(line: &str) -> bool {
    let parts = || {
        let (timestamp, rest) = line.strip_prefix('[')?.split_once("] [")?;
        let (level, rest) = rest.split_once("] [")?;
        let (component, message) = rest.split_once("] ")?;
        Some((timestamp, level, component, message))
    };
    parts().is_some_and(|(timestamp, level, component, message)| {
        is_a_timestamp(timestamp)
            && ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"].contains(&level)
            && !component.is_empty()
            && component
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            && !message.is_empty()
            && !message.contains(char::is_control)
    })
}

fn is_a_timestamp(text: &str) -> bool {
    let form = "dddd-dd-ddTdd:dd:dd.dddZ";
    let fits = |(form, byte): (u8, u8)| {
        if form == b'd' {
            byte.is_ascii_digit()
        } else {
            form == byte
        }
    };
    text.len() == form.len() && form.bytes().zip(text.bytes()).all(fits)
}

/// The log of a server that was asked well and badly.
fn log(command: &mut Command) -> String {
    let mut server = Server::spawn(command);
    server.initialize();
    server.result("skills/list", json!({}));
    server.error(
        "resources/read",
        json!({ "uri": "skill://no\n[forged] \u{1b}[31m/SKILL.md" }),
    );
    server.error("no\n[forged]", json!({}));
    server.write(b"{\"jsonrpc\":\"2.0\",\"method\":\"a\\n[forged] \\u001b[2J\"}\nnonsense\n");
    server.answer();
    server.close().log
}

#[test]
fn every_line_of_every_level_has_the_form() {
    for level in ["error", "warn", "info", "debug", "trace"] {
        let log = log(Command::new(EXECUTABLE).env("SKILLS_LOG", level));
        for line in log.lines() {
            assert!(is_a_line_of_the_log(line), "{level}: {line:?}");
        }
        let is_verbose = ["info", "debug", "trace"].contains(&level);
        assert_eq!(log.is_empty(), !is_verbose, "{level}: {log}");
    }
}

#[test]
fn the_level_comes_from_the_command_line_before_the_environment() {
    let by_default = log(&mut Command::new(EXECUTABLE));
    assert!(
        by_default.contains("[INFO] [stdio] Server ready"),
        "{by_default}"
    );
    assert!(!by_default.contains("[DEBUG]"), "{by_default}");
    let quiet = log(Command::new(EXECUTABLE)
        .args(["--log-level", "off"])
        .env("SKILLS_LOG", "trace"));
    assert_eq!(quiet, "");
    let verbose = log(Command::new(EXECUTABLE)
        .args(["--log-level", "debug"])
        .env("SKILLS_LOG", "off"));
    assert!(
        verbose.contains("[DEBUG] [stdio] Refused a line"),
        "{verbose}"
    );
}

#[test]
fn mistakes_of_a_client_do_not_fill_the_log() {
    let mut server = Server::speaking(INITIALIZED[3]);
    for _ in 0..100 {
        server.write(b"nonsense\n");
        server.answer();
        server.error("no/such", json!({}));
    }
    let ended = server.close();
    assert!(ended.log.lines().count() < 10, "{}", ended.log);
    let mut server = Server::speaking(STATELESS);
    for _ in 0..100 {
        server.error("resources/read", json!({ "uri": "skill://no/SKILL.md" }));
        server.result("tools/list", json!({}));
    }
    let ended = server.close();
    assert!(ended.log.lines().count() < 10, "{}", ended.log);
}
