//! `--watch`: a change is seen, and nothing else is.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use crate::folder::{BAD, Folder, GOOD};
use crate::process::{command, run};

/// Longer than any machine takes.
const DEADLINE: Duration = Duration::from_secs(60);

/// A watcher that ends with the test, and what it says.
struct Watcher {
    child: Child,
    lines: Receiver<String>,
}

impl Watcher {
    fn start(folder: &Folder, arguments: &[&str]) -> Self {
        let mut command = command(folder, &[&["check", "--watch"], arguments].concat());
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
    fn wait_for(&self, part: &str) {
        let mut said = Vec::new();
        loop {
            match self.lines.recv_timeout(DEADLINE) {
                Ok(line) if line.contains(part) => return,
                Ok(line) => said.push(line),
                Err(error) => panic!("{part:?} was not said: {error}; but {said:?} was"),
            }
        }
    }

    /// Waits for one report and for it to be over. The two come by different streams, in whichever order.
    fn report(&self, part: &str) {
        let mut missing = vec![part, "waiting for changes"];
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
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_change_is_checked_and_reading_is_none() {
    let folder = Folder::of(GOOD);
    let watcher = Watcher::start(&folder, &[]);
    watcher.report("1 skill checked, nothing found");
    folder.write("skills/pdf/SKILL.md", BAD.as_bytes());
    watcher.report("1 skill checked: 2 errors");
    // Saved as editors save: beside it, and then in its place.
    folder.write("skills/pdf/.SKILL.md.swp", GOOD.as_bytes());
    let saved = fs::rename(
        folder.path("skills/pdf/.SKILL.md.swp"),
        folder.path("skills/pdf/SKILL.md"),
    );
    saved.expect("it can be renamed");
    watcher.report("1 skill checked, nothing found");
    folder.write(
        "skills/word/SKILL.md",
        GOOD.replace("pdf", "word").as_bytes(),
    );
    watcher.wait_for("2 skills checked");
}

#[test]
fn formats_for_programs_can_be_watched() {
    let folder = Folder::of(GOOD);
    let watcher = Watcher::start(&folder, &["--format", "short", "skills/pdf/SKILL.md"]);
    watcher.wait_for("waiting for changes");
    folder.write("skills/pdf/SKILL.md", BAD.as_bytes());
    watcher.report("skills/pdf/SKILL.md:3:22: error[SK005]");
}

#[test]
fn what_is_gone_for_a_while_is_no_end() {
    let folder = Folder::of(GOOD);
    let watcher = Watcher::start(&folder, &[]);
    watcher.report("nothing found");
    fs::remove_file(folder.path("skills/pdf/SKILL.md")).expect("it can be removed");
    watcher.report("0 skills checked");
    folder.write("skills/pdf/SKILL.md", GOOD.as_bytes());
    watcher.report("1 skill checked, nothing found");
}

#[test]
fn nobody_watches_what_is_not_there_or_what_is_repaired() {
    let folder = Folder::of(GOOD);
    assert!(
        run(&folder, &["check", "--watch", "nowhere"])
            .refused()
            .contains("`nowhere` cannot be read")
    );
    assert!(
        run(&folder, &["check", "--watch", "--fix"])
            .refused()
            .contains("--fix")
    );
}
