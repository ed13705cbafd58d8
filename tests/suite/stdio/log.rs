//! Standard error: lines of one form, as many as the level asks for.

use std::io::{BufReader, PipeReader, Read, Write, pipe};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::server::{EXECUTABLE, INITIALIZED, STATELESS, Server, lines, request};

/// `[TIMESTAMP] [LEVEL] [COMPONENT] Message`, the time in UTC to the millisecond.
fn is_a_line_of_the_log(line: &str) -> bool {
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

/// A server whose log nobody reads, and that has been told so much nonsense that lines of it must have been dropped.
struct Unread {
    child: Child,
    /// Nothing once the client has gone.
    requests: Option<ChildStdin>,
    answers: Receiver<String>,
    /// Nothing once somebody reads it.
    log: Option<BufReader<PipeReader>>,
}

impl Drop for Unread {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Unread {
    fn start() -> Self {
        let (log, stderr) = pipe().expect("a pipe");
        let mut child = Command::new(EXECUTABLE)
            .args(["stdio", "--log-level", "debug"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .expect("the server starts");
        let mut server = Self {
            requests: child.stdin.take(),
            answers: lines(child.stdout.take().expect("a pipe")),
            log: Some(BufReader::new(log)),
            child,
        };
        for _ in 0..120 {
            server.ask(&"nonsense\n".repeat(100), 100);
        }
        server
    }

    /// Sends lines, to which so many answers come.
    fn ask(&mut self, lines: &str, answers: usize) -> String {
        let requests = self.requests.as_mut().expect("a pipe");
        requests.write_all(lines.as_bytes()).expect("it reads");
        let mut last = String::new();
        for _ in 0..answers {
            let answer = self.answers.recv_timeout(Duration::from_secs(30));
            last = answer.expect("it answers while nobody reads its log");
        }
        last
    }

    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        let killed = Command::new("sh").args(["-c", &kill]).status();
        assert!(killed.expect("there is a shell").success());
    }

    /// The code that it ends with, soon.
    fn end(&mut self) -> Option<i32> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return status.code();
            }
            assert!(start.elapsed() < Duration::from_secs(20), "it does not end");
            std::thread::yield_now();
        }
    }
}

#[test]
fn answers_go_on_while_nobody_reads_the_log_and_it_tells_what_it_lacks() {
    let mut server = Unread::start();
    let list = request(STATELESS, 1, "skills/list", json!({}));
    assert!(server.ask(&list, 1).contains("\"result\""));
    let mut log = server.log.take().expect("a pipe");
    let reading = std::thread::spawn(move || {
        let mut text = String::new();
        log.read_to_string(&mut text).expect("UTF-8");
        text
    });
    server.signal("TERM");
    assert_eq!(server.end(), Some(0));
    let log = reading.join().expect("the reader");
    assert!(log.lines().all(is_a_line_of_the_log), "no line is torn");
    let told = log
        .lines()
        .find(|line| line.contains(" lines were dropped"));
    let told = told.expect("it tells");
    let count = told.split(' ').find_map(|word| word.parse::<usize>().ok());
    let kept = log.matches("Refused a line").count();
    // The line about the list may be among those that are missing.
    let missing = 12_000 - kept;
    assert!(
        count.is_some_and(|count| (missing..missing + 3).contains(&count)),
        "{told} and {kept} of 12000"
    );
}

#[test]
#[cfg(unix)]
fn the_server_ends_while_nobody_reads_the_log() {
    let mut server = Unread::start();
    server.signal("TERM");
    assert_eq!(server.end(), Some(0));
    let mut server = Unread::start();
    // The client goes away.
    server.requests = None;
    assert_eq!(server.end(), Some(0));
}
