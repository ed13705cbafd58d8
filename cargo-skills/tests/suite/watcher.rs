//! A command that goes on until it is ended, and what it says meanwhile.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Longer than any machine takes, a build of everything included.
const DEADLINE: Duration = Duration::from_secs(600);

/// A hundredth of what it may take to end.
const A_MOMENT: Duration = Duration::from_millis(100);

/// A process that ends with the test, and what it says.
pub(crate) struct Watcher {
    pub(crate) child: Child,
    pub(crate) lines: Receiver<String>,
}

impl Watcher {
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let (sender, lines) = mpsc::channel();
        let streams: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|stream| Box::new(stream) as _),
            child.stderr.take().map(|stream| Box::new(stream) as _),
        ];
        for stream in streams.into_iter().flatten() {
            let sender = sender.clone();
            thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    // A test that is over does not listen.
                    let _ = sender.send(line);
                }
            });
        }
        Self { child, lines }
    }

    /// Waits for a line that contains a text.
    pub(crate) fn wait_for(&self, part: &str) -> String {
        let mut said = Vec::new();
        loop {
            match self.lines.recv_timeout(DEADLINE) {
                Ok(line) if line.contains(part) => return line,
                Ok(line) => said.push(line),
                Err(error) => panic!("{part:?} was not said: {error}; but {said:?} was"),
            }
        }
    }

    /// Waits until nobody says anything any more, which is when all of its processes have ended.
    pub(crate) fn wait_for_end(&self) {
        while self.lines.recv_timeout(DEADLINE).is_ok() {}
        let last = self.lines.recv_timeout(DEADLINE);
        assert_eq!(last, Err(RecvTimeoutError::Disconnected));
    }

    /// Waits for one report and for it to be over. The two come by different streams, in whichever order.
    pub(crate) fn report(&self, part: &str) {
        self.report_of(&[part, "waiting for changes"]);
    }

    /// Waits for lines with all of these, in whichever order.
    pub(crate) fn report_of(&self, parts: &[&str]) {
        let mut missing = parts.to_vec();
        let mut said = Vec::new();
        while !missing.is_empty() {
            let line = self.lines.recv_timeout(DEADLINE);
            let line = line.unwrap_or_else(|error| panic!("{missing:?}: {error}; {said:?}"));
            missing.retain(|part| !line.contains(part));
            said.push(line);
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // What it has started ends only if it is asked, and it may have ended by itself.
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let is_running = |line| !matches!(line, Err(RecvTimeoutError::Disconnected));
        let until_its_end = (0..100).map(|_| self.lines.recv_timeout(A_MOMENT));
        until_its_end
            .take_while(|line| is_running(line.clone()))
            .count();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
