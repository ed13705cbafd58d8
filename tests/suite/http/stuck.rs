//! What a server depends on gets stuck: whoever reads its log, and the disk of its audit log. Answers and the end go on.
#![cfg(target_os = "linux")]

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, PipeReader, Read, pipe};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use super::conversation::{Answer, Conversation, Request, ask};
use super::metrics::Metrics;
use crate::server::{EXECUTABLE, STATELESS};
use crate::service::{PATIENCE, Service, folder, refused, serve};

/// Longer than any part of a normal end may take, where all of it is stuck.
const BOUND: Duration = Duration::from_secs(20);

const DROPPED: &str = "mcp_log_lines_dropped_total";

/// A server and the pipe that its log goes to, of which nothing is read but when a test says so.
struct Unread {
    child: Child,
    log: BufReader<PipeReader>,
    address: SocketAddr,
    admin: SocketAddr,
}

impl Drop for Unread {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Unread {
    fn start(flags: &[&str]) -> Self {
        let (reader, writer) = pipe().expect("a pipe");
        let child = serve(&["--admin-listen", "127.0.0.1:0"])
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(writer)
            .spawn()
            .expect("the server starts");
        let mut log = BufReader::new(reader);
        let mut place = |what: &str| loop {
            let mut line = String::new();
            assert!(log.read_line(&mut line).expect("UTF-8") > 0, "it ends");
            let Some((_, rest)) = line.split_once(what) else {
                continue;
            };
            let (address, _) = rest.split_once('/').expect("a URL");
            return address.parse().expect("an address");
        };
        let (address, admin) = (place("Serving MCP at http://"), place("metrics at http://"));
        Self {
            child,
            log,
            address,
            admin,
        }
    }

    fn dropped(&self) -> u64 {
        dropped(self.admin)
    }

    /// Has it log until lines are dropped.
    fn fill(&self) {
        until_dropped(self.address, self.admin, 100);
    }

    fn signal(&self, name: &str) {
        signal(&self.child, name);
    }

    /// How it ends, without anybody reading what it says of that.
    fn end(&mut self) -> (ExitStatus, Duration) {
        end(&mut self.child)
    }
}

fn dropped(admin: SocketAddr) -> u64 {
    Metrics::at(admin).sum(DROPPED, &[])
}

/// Requests with a name that is none of the server's, each of which is a line of the log, until that many were dropped.
fn until_dropped(address: SocketAddr, admin: SocketAddr, count: u64) {
    let foreign = Request::get("/mcp").set("Host", "scanner.example");
    let burst = foreign.bytes().repeat(100);
    let end = Instant::now() + PATIENCE;
    let mut conversation = Conversation::connect(address);
    while dropped(admin) < count {
        assert!(Instant::now() < end, "{} are dropped", dropped(admin));
        for _ in 0..10 {
            conversation.write(&burst);
            for _ in 0..100 {
                assert_eq!(conversation.answer().status, 403);
            }
        }
    }
}

fn signal(child: &Child, name: &str) {
    let kill = format!("kill -{name} {}", child.id());
    let killed = Command::new("sh").args(["-c", &kill]).status();
    assert!(killed.expect("there is a shell").success());
}

fn end(child: &mut Child) -> (ExitStatus, Duration) {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return (status, start.elapsed());
        }
        assert!(start.elapsed() < PATIENCE, "it does not end");
        std::thread::yield_now();
    }
}

fn list(address: SocketAddr) -> Answer {
    let list = Request::call(STATELESS, &json!(1), "skills/list", json!({}));
    ask(address, &list)
}

/// That clients and those who watch over the server are answered.
fn is_well(address: SocketAddr) {
    assert_eq!(list(address).status, 200);
    for probe in ["/health/live", "/health/ready", "/health"] {
        assert_eq!(ask(address, &Request::get(probe)).status, 200, "{probe}");
    }
}

/// How many lines the log says were dropped, where a line says so.
fn told(line: &str) -> Option<u64> {
    let (count, _) = line.split_once(" lines were dropped")?;
    count.rsplit(' ').next()?.parse().ok()
}

#[test]
fn answers_go_on_while_nobody_reads_the_log_and_it_tells_what_it_lacks() {
    let mut server = Unread::start(&[]);
    server.fill();
    is_well(server.address);
    let dropped = server.dropped();
    let mut line = String::new();
    let said = loop {
        line.clear();
        assert!(server.log.read_line(&mut line).expect("UTF-8") > 0);
        if let Some(said) = told(&line) {
            break said;
        }
        assert!(
            line.contains("[INFO] [") && line.ends_with('\n'),
            "a whole line: {line:?}"
        );
    };
    assert!(line.contains("] [WARN] [log] "), "{line}");
    assert_eq!(said, dropped, "{line}");
    // It flows again.
    ask(
        server.address,
        &Request::get("/mcp").set("Host", "again.example"),
    );
    server.signal("TERM");
    let mut rest = String::new();
    server.log.read_to_string(&mut rest).expect("UTF-8");
    assert!(rest.contains("GET /mcp 403"), "{rest}");
    assert!(rest.trim_end().ends_with("Stopped"), "{rest}");
    assert!(!rest.contains("were dropped"), "{rest}");
    assert_eq!(server.end().0.code(), Some(0));
}

#[test]
fn a_log_of_json_tells_what_it_lacks_in_json() {
    let mut server = Unread::start(&["--log-format", "json"]);
    server.fill();
    let dropped = server.dropped();
    let mut line = String::new();
    let said = loop {
        line.clear();
        assert!(server.log.read_line(&mut line).expect("UTF-8") > 0);
        let said: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        if said["component"] == "log" {
            break said;
        }
    };
    assert_eq!(
        (&said["dropped"], &said["level"]),
        (&json!(dropped), &json!("WARN"))
    );
}

#[test]
fn the_server_ends_in_good_order_while_nobody_reads_the_log() {
    let mut server = Unread::start(&[]);
    server.fill();
    server.signal("TERM");
    let (status, took) = server.end();
    assert_eq!(status.code(), Some(0));
    assert!(took < BOUND, "{took:?}");
}

#[test]
fn a_second_signal_ends_the_process_at_once_while_nobody_reads_the_log() {
    for (first, second, code) in [("TERM", "INT", 130), ("INT", "TERM", 143)] {
        let mut server = Unread::start(&["--drain-delay", "1h"]);
        server.fill();
        server.signal(first);
        let end = Instant::now() + PATIENCE;
        while ask(server.address, &Request::get("/health/ready")).status != 503 {
            assert!(Instant::now() < end, "it does not drain");
        }
        assert_eq!(
            ask(server.address, &Request::get("/health/live")).status,
            200
        );
        server.signal(second);
        let (status, took) = server.end();
        assert_eq!(status.code(), Some(code));
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
}

/// A server whose standard error is this, at addresses that nobody else has.
fn with_stderr(stderr: Stdio) -> (Child, SocketAddr, SocketAddr) {
    let free = [0, 1].map(|_| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    let [address, admin] = free.map(|listener| listener.local_addr().expect("an address"));
    let child = Command::new(EXECUTABLE)
        .args(["serve", "--listen", &address.to_string()])
        .args(["--admin-listen", &admin.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr)
        .spawn()
        .expect("the server starts");
    let end = Instant::now() + PATIENCE;
    while TcpStream::connect(admin).is_err() {
        assert!(Instant::now() < end, "it does not listen");
    }
    (child, address, admin)
}

#[test]
fn a_log_that_cannot_be_written_is_counted_and_stops_nothing() {
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    let full = OpenOptions::new().write(true).open("/dev/full");
    for stderr in [Stdio::from(writer), full.expect("a device").into()] {
        let (mut child, address, admin) = with_stderr(stderr);
        until_dropped(address, admin, 100);
        is_well(address);
        signal(&child, "TERM");
        assert_eq!(end(&mut child).0.code(), Some(0));
    }
}

/// A policy whose audit log is at a path in an empty folder.
fn policy(test: &str, file: &str, more: &str) -> (PathBuf, PathBuf) {
    let folder = folder(test);
    let policy = folder.join("policy.toml");
    fs::write(&policy, format!("[audit]\nfile = \"{file}\"\n{more}\n")).expect("a file");
    (policy, folder.join(file))
}

fn fifo(path: &PathBuf) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.expect("it runs").success());
}

/// Both ends, so that nobody waits for the other.
fn reader(path: &PathBuf) -> File {
    let opened = OpenOptions::new().read(true).write(true).open(path);
    opened.expect("a pipe")
}

/// Asks until the answer has a status; every answer comes soon.
fn until_status(address: SocketAddr, status: u16) -> Answer {
    let end = Instant::now() + PATIENCE;
    loop {
        let start = Instant::now();
        let answer = list(address);
        assert!(start.elapsed() < Duration::from_secs(10));
        if answer.status == status {
            return answer;
        }
        assert!(Instant::now() < end, "{} {}", answer.status, answer.text());
    }
}

#[test]
fn a_record_whose_reader_stops_refuses_work_and_turns_readiness_red_until_it_goes_on() {
    let (policy, path) = policy("stuck-record", "audit.pipe", "");
    fifo(&path);
    let mut pipe = reader(&path);
    let mut service = Service::with_admin(&["--policy", policy.to_str().expect("UTF-8")]);
    let refusal = until_status(service.address(), 503);
    assert!(refusal.text().contains("nothing is done unrecorded"));
    assert_eq!(refusal.header("retry-after"), Some("5"));
    let ready = ask(service.address(), &Request::get("/health/ready"));
    assert_eq!(ready.status, 503);
    assert_eq!(ready.json()["status"], "the audit log cannot be written");
    // At first the room for events may be used up, before it is known that the reader has stopped.
    let end = Instant::now() + PATIENCE;
    loop {
        let health = ask(service.admin(), &Request::get("/health"));
        let record = &health.json()["components"]["audit"];
        assert_eq!(
            (health.status, &record["status"]),
            (503, &json!("unhealthy"))
        );
        let why = record["failure"].as_str().expect("a reason");
        if why.contains("more than 5 s") {
            break;
        }
        assert!(why.contains("too slow"), "{why}");
        assert!(Instant::now() < end, "{why}");
    }
    until_status(service.address(), 503);
    assert_eq!(
        ask(service.address(), &Request::get("/health/live")).status,
        200
    );
    assert_eq!(Metrics::of(&service).sum("mcp_audit_up", &[]), 0);
    service.until("The audit log cannot be written");
    // The reader goes on.
    let mut bytes = vec![0; 64 * 1024];
    let reading = std::thread::spawn(move || {
        let mut lines = 0;
        while lines < 400 {
            let count = pipe.read(&mut bytes).expect("a pipe");
            let text = String::from_utf8_lossy(&bytes[..count]);
            lines += text.matches('\n').count();
        }
        pipe
    });
    until_status(service.address(), 200);
    service.until("The audit log can be written again");
    assert_eq!(
        ask(service.address(), &Request::get("/health/ready")).status,
        200
    );
    while !reading.is_finished() {
        list(service.address());
    }
    let _pipe = reading.join().expect("the reader");
    // And stops again, which does not keep the server from ending.
    until_status(service.address(), 503);
    let start = Instant::now();
    let gone = service.stop();
    assert_eq!(gone.status.code(), Some(0), "{}", gone.log);
    assert!(gone.log.contains("lacks the last events"), "{}", gone.log);
    assert!(start.elapsed() < BOUND);
}

#[test]
fn a_record_that_may_be_incomplete_keeps_nobody_waiting_for_its_reader() {
    let more = "on-error = \"drop\"\nqueue = 10";
    let (policy, path) = policy("stuck-dropped", "audit.pipe", more);
    fifo(&path);
    let _pipe = reader(&path);
    let service = Service::with_admin(&["--policy", policy.to_str().expect("UTF-8")]);
    let end = Instant::now() + PATIENCE;
    while Metrics::of(&service).sum("mcp_audit_dropped_events_total", &[]) < 10 {
        assert!(Instant::now() < end, "nothing is dropped");
        for _ in 0..20 {
            assert_eq!(list(service.address()).status, 200);
        }
    }
    assert_eq!(
        ask(service.address(), &Request::get("/health/ready")).status,
        200
    );
    assert_eq!(service.stop().status.code(), Some(0));
}

#[test]
fn a_record_that_is_a_pipe_without_a_reader_is_an_error_and_not_a_wait() {
    let (policy, path) = policy("unread-record", "audit.pipe", "");
    fifo(&path);
    let gone = refused(&mut serve(&["--policy", policy.to_str().expect("UTF-8")]));
    assert!(
        gone.log.contains("nobody reads from this pipe"),
        "{}",
        gone.log
    );
}

#[test]
fn a_record_goes_on_when_its_directory_is_back() {
    let (policy, path) = policy("moved-record", "records/audit.jsonl", "");
    let records = path.parent().expect("a directory");
    let away = records.with_extension("away");
    fs::create_dir(records).expect("a directory");
    let service = Service::with_admin(&["--policy", policy.to_str().expect("UTF-8")]);
    assert_eq!(list(service.address()).status, 200);
    fs::rename(records, &away).expect("it is moved");
    until_status(service.address(), 503);
    assert_eq!(
        ask(service.address(), &Request::get("/health/ready")).status,
        503
    );
    fs::rename(&away, records).expect("it is moved back");
    until_status(service.address(), 200);
    assert_eq!(service.stop().status.code(), Some(0));
    let verified = Command::new(EXECUTABLE)
        .args(["audit", "verify"])
        .arg(&path)
        .output()
        .expect("it runs");
    assert!(verified.status.success(), "{verified:?}");
}

#[test]
fn a_start_that_waits_for_an_authorization_server_can_be_ended() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let issuer = silent.local_addr().expect("an address");
    let (policy, record) = policy(
        "stuck-start",
        "audit.jsonl",
        &format!(
            "[oauth]\nresource = \"http://127.0.0.1:3001/mcp\"\nstartup = \"fail-fast\"\n\
             [[oauth.issuers]]\nissuer = \"http://{issuer}\""
        ),
    );
    let mut child = serve(&["--policy", policy.to_str().expect("UTF-8")])
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let _asked = silent.accept().expect("it asks");
    signal(&child, "TERM");
    let (status, took) = end(&mut child);
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(4), "{took:?}");
    let mut log = String::new();
    let mut stderr = child.stderr.take().expect("a pipe");
    stderr.read_to_string(&mut log).expect("UTF-8");
    assert!(log.contains("Stopping before anything is served"), "{log}");
    let record = fs::read_to_string(record).expect("a record");
    assert!(record.contains(r#""event":"stop""#), "{record}");
}
