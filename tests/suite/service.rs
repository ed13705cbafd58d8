//! One running server that listens for HTTP, and what it says on standard error. Every wait is bounded.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::server::{EXECUTABLE, lines};

/// How long a machine with other things to do may take for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A server process that listens; it is killed if the test ends before it.
#[derive(Debug)]
pub(crate) struct Service {
    child: Child,
    log: Receiver<String>,
    said: Vec<String>,
    /// What stands behind `Serving MCP at` and `Serving metrics at`.
    places: Vec<String>,
}

/// What remains of it.
#[derive(Debug)]
pub(crate) struct Gone {
    pub(crate) status: ExitStatus,
    pub(crate) log: String,
}

/// The command that serves at a free port.
pub(crate) fn serve(flags: &[&str]) -> Command {
    serve_with(Path::new(EXECUTABLE), flags)
}

/// The same with another executable.
pub(crate) fn serve_with(executable: &Path, flags: &[&str]) -> Command {
    let mut command = Command::new(executable);
    command
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(flags);
    command
}

impl Service {
    /// A server with these flags, ready for requests.
    pub(crate) fn start(flags: &[&str]) -> Self {
        Self::spawn(&mut serve(flags))
    }

    /// One with metrics, too.
    pub(crate) fn with_admin(flags: &[&str]) -> Self {
        Self::with_admin_of(&mut serve(flags))
    }

    /// One that another command starts, with metrics.
    pub(crate) fn with_admin_of(command: &mut Command) -> Self {
        let mut service = Self::spawn(command.args(["--admin-listen", "127.0.0.1:0"]));
        service.until_admin();
        service
    }

    /// Waits for the address for operators, which it was told to listen on.
    pub(crate) fn until_admin(&mut self) {
        self.until_place("metrics");
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let log = lines(child.stderr.take().expect("a pipe"));
        let mut service = Self {
            child,
            log,
            said: Vec::new(),
            places: Vec::new(),
        };
        service.until_place("MCP");
        service
    }

    fn until_place(&mut self, what: &str) {
        let phrase = format!("Serving {what} at ");
        let line = self.until(&phrase);
        let (_, rest) = line.split_once(&phrase).expect("the phrase");
        let end = rest.find([' ', '"']).unwrap_or(rest.len());
        self.places.push(rest[..end].to_owned());
    }

    /// The URL of the endpoint.
    pub(crate) fn url(&self) -> &str {
        &self.places[0]
    }

    /// Where clients connect to.
    pub(crate) fn address(&self) -> SocketAddr {
        address(&self.places[0])
    }

    /// Where operators connect to.
    pub(crate) fn admin(&self) -> SocketAddr {
        address(&self.places[1])
    }

    /// The next line of the log, from the first, that has this in it.
    pub(crate) fn until(&mut self, text: &str) -> String {
        if let Some(line) = self.said.iter().find(|line| line.contains(text)) {
            return line.clone();
        }
        self.next(text)
    }

    /// The next line of the log, from now, that has this in it.
    pub(crate) fn next(&mut self, text: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let line = self.log.recv_timeout(left);
            let line = line.unwrap_or_else(|_| {
                panic!("{text:?} is not in the log:\n{}", self.said.join("\n"))
            });
            self.said.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
    }

    /// The id of the process.
    #[cfg(target_os = "linux")]
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, by its name.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        let killed = Command::new("sh").args(["-c", &kill]).status();
        assert!(killed.expect("there is a shell").success());
    }

    /// Ends it in good order.
    pub(crate) fn stop(self) -> Gone {
        self.signal("TERM");
        self.gone()
    }

    /// Waits for its end.
    pub(crate) fn gone(mut self) -> Gone {
        let end = Instant::now() + PATIENCE;
        // Standard error is closed when the process has ended, at the latest.
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.log.recv_timeout(left) {
                Ok(line) => self.said.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    panic!("it does not end:\n{}", self.said.join("\n"))
                }
            }
        }
        let status = self.child.wait().expect("a child can be waited for");
        let log = self.said.join("\n");
        Gone { status, log }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn address(place: &str) -> SocketAddr {
    let (_, rest) = place.split_once("://").expect("a URL");
    let end = rest.find('/').unwrap_or(rest.len());
    rest[..end].parse().expect("an address")
}

/// An empty folder of this process below `target/`, for what a test writes.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(crate::installation::TARGET)
        .join("http")
        .join(name);
    // What an earlier run left.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder below target/");
    folder
}

/// What remains of a server that is not to start, and does not.
pub(crate) fn refused(command: &mut Command) -> Gone {
    let child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("it runs");
    let output = lines(child.stderr.take().expect("a pipe"));
    let mut log = String::new();
    while let Ok(line) = output.recv_timeout(PATIENCE) {
        log.extend([line.as_str(), "\n"]);
        if line.contains("Serving MCP") {
            // It would go on for ever.
            let _ = child.kill();
        }
    }
    let status = child.wait().expect("a child can be waited for");
    assert!(
        status.code().is_some_and(|code| code > 0),
        "{status}: {log}"
    );
    Gone { status, log }
}
