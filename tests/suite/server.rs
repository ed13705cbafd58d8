//! One running server at the other end of its pipes. Nothing here knows MCP but the envelope of requests.
//!
//! Every wait is bounded: a server that says nothing fails the test instead of stopping it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// How long a machine with other things to do may take for one answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The executable of this package.
pub(crate) const EXECUTABLE: &str = env!("CARGO_BIN_EXE_skills-server");

/// The protocol versions that begin with `initialize`.
pub(crate) const INITIALIZED: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

/// The protocol version in which every request stands alone.
pub(crate) const STATELESS: &str = "2026-07-28";

/// A server process, and the protocol version that is spoken with it.
pub(crate) struct Server {
    version: &'static str,
    process: u32,
    requests: ChildStdin,
    answers: Receiver<String>,
    log: Receiver<String>,
    status: Receiver<ExitStatus>,
    last_id: u64,
}

/// What remains of a server.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// The answers that nobody had asked for yet.
    pub(crate) answers: Vec<Value>,
    pub(crate) log: String,
}

impl Server {
    /// A server to which nothing was said.
    pub(crate) fn start() -> Self {
        Self::spawn(&mut Command::new(EXECUTABLE))
    }

    /// The server of this package, ready for requests of a protocol version.
    pub(crate) fn speaking(version: &'static str) -> Self {
        Self::of(Path::new(EXECUTABLE), version)
    }

    /// Another server, ready for requests of a protocol version.
    pub(crate) fn of(executable: &Path, version: &'static str) -> Self {
        let mut server = Self::spawn(&mut Command::new(executable));
        if version != STATELESS {
            server.open(version);
        }
        server
    }

    /// Opens a session of a version.
    pub(crate) fn open(&mut self, version: &'static str) {
        self.version = version;
        let answer = self.initialize();
        assert_eq!(answer["result"]["protocolVersion"], version);
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        Self {
            version: STATELESS,
            process: child.id(),
            requests: child.stdin.take().expect("a pipe"),
            answers: lines(child.stdout.take().expect("a pipe")),
            log: whole(child.stderr.take().expect("a pipe")),
            status: end(child),
            last_id: 0,
        }
    }

    /// Opens a session of the version that is spoken.
    pub(crate) fn initialize(&mut self) -> Value {
        let answer = self.ask(
            "initialize",
            json!({
                "protocolVersion": self.version,
                "capabilities": {},
                "clientInfo": { "name": "suite", "version": "1" },
            }),
        );
        self.write(b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n");
        answer
    }

    /// The id of the process.
    #[cfg(target_os = "linux")]
    pub(crate) const fn process(&self) -> u32 {
        self.process
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.requests.write_all(bytes).expect("the server reads");
        self.requests.flush().expect("the server reads");
    }

    /// The whole answer to a request, in the form of the version that is spoken.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        let line = request(self.version, id, method, params);
        self.write(line.as_bytes());
        let answer = self.answer();
        assert_eq!(answer["id"], id, "{method}: {answer}");
        answer
    }

    /// The result of a request that succeeds.
    pub(crate) fn result(&mut self, method: &str, params: Value) -> Value {
        let mut answer = self.ask(method, params);
        assert!(answer["result"].is_object(), "{method}: {answer}");
        answer["result"].take()
    }

    /// The error of a request that fails.
    pub(crate) fn error(&mut self, method: &str, params: Value) -> Value {
        let mut answer = self.ask(method, params);
        assert!(answer["error"].is_object(), "{method}: {answer}");
        answer["error"].take()
    }

    /// The next line that the server writes.
    pub(crate) fn answer(&mut self) -> Value {
        let line = self.answers.recv_timeout(PATIENCE);
        message(&line.expect("the server answers in time"))
    }

    /// Closes the server's standard input.
    pub(crate) fn close(self) -> Ended {
        let Self {
            requests,
            answers,
            log,
            status,
            ..
        } = self;
        drop(requests);
        ended(&answers, &log, &status)
    }

    /// Sends a signal, by its name.
    pub(crate) fn send(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.process);
        let killed = Command::new("sh").args(["-c", &kill]).status();
        assert!(killed.expect("there is a shell").success());
    }

    /// Sends one that ends the server, while the pipes stay open.
    pub(crate) fn signal(self, name: &str) -> Ended {
        self.send(name);
        ended(&self.answers, &self.log, &self.status)
    }
}

/// The line of a request; in the stateless version it says of itself what `initialize` says for a session.
pub(crate) fn request(version: &str, id: u64, method: &str, mut params: Value) -> String {
    if version == STATELESS {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": STATELESS,
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": { "name": "suite", "version": "1" },
        });
    }
    let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
    format!("{request}\n")
}

fn ended(
    answers: &Receiver<String>,
    log: &Receiver<String>,
    status: &Receiver<ExitStatus>,
) -> Ended {
    let status = status.recv_timeout(PATIENCE).expect("the server ends");
    let mut rest = Vec::new();
    loop {
        match answers.recv_timeout(PATIENCE) {
            Ok(line) => rest.push(message(&line)),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => panic!("standard output is still open"),
        }
    }
    let log = log.recv_timeout(PATIENCE).expect("the log ends");
    let answers = rest;
    Ended {
        status,
        answers,
        log,
    }
}

/// Standard output has JSON-RPC messages and nothing else.
fn message(line: &str) -> Value {
    let message: Value = serde_json::from_str(line)
        .unwrap_or_else(|error| panic!("{error} on standard output: {line:?}"));
    assert_eq!(message["jsonrpc"], "2.0", "{line}");
    message
}

/// The lines of a stream, as they come.
pub(crate) fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            if sender.send(line.expect("UTF-8")).is_err() {
                break;
            }
        }
    });
    receiver
}

fn whole(mut stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("UTF-8");
        // The test may be over already.
        let _ = sender.send(text);
    });
    receiver
}

fn end(mut child: Child) -> Receiver<ExitStatus> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let status = child.wait().expect("a child can be waited for");
        // The test may be over already.
        let _ = sender.send(status);
    });
    receiver
}
