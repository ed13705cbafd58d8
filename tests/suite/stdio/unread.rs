//! Nobody reads standard error: answers go on, and so does the end.
#![cfg(unix)]

use std::io::{BufReader, PipeReader, Read, Write, pipe};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use serde_json::json;

use super::log::is_a_line_of_the_log;
use crate::server::{EXECUTABLE, STATELESS, lines, request};

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
fn the_server_ends_while_nobody_reads_the_log() {
    let mut server = Unread::start();
    server.signal("TERM");
    assert_eq!(server.end(), Some(0));
    let mut server = Unread::start();
    // The client goes away.
    server.requests = None;
    assert_eq!(server.end(), Some(0));
}
