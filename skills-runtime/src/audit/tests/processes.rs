//! The record of a process that is killed, and of one whose disk is full: this test in a process of its own.
#![expect(clippy::print_stdout, reason = "a process says how far it has come")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use super::*;

/// The file of the process that records.
const FILE: &str = "SKILLS_TEST_AUDIT";

/// What stands before what it says.
const MARK: &str = "said=";

fn role() -> Option<PathBuf> {
    std::env::var_os(FILE).map(PathBuf::from)
}

/// This test, in a process that may not write files of more than 16 KiB if it `is_limited`.
fn process(test: &str, path: &Path, is_limited: bool) -> (Child, Receiver<String>) {
    // Units are 512 bytes in some shells and 1024 in others.
    let limit = if is_limited {
        "trap '' XFSZ; ulimit -f 16; "
    } else {
        ""
    };
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(format!("{limit}exec \"$0\" \"$@\""))
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (sender, receiver) = channel();
    let output = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            if let Some(said) = line.strip_prefix(MARK) {
                // The test may be over already.
                let _ = sender.send(said.to_owned());
            }
        }
    });
    (child, receiver)
}

#[test]
fn a_process_that_is_killed_leaves_a_chain_that_goes_on() {
    const TEST: &str =
        "audit::tests::processes::a_process_that_is_killed_leaves_a_chain_that_goes_on";
    if let Some(path) = role() {
        let audit = start(&settings(&path));
        loop {
            if audit.record(&Event::new(Kind::Request)).is_err() {
                std::thread::yield_now();
            }
        }
    }
    let folder = scratch();
    let path = folder.path().join("audit.jsonl");
    for size in [50_000, 150_000] {
        let (mut child, _) = process(TEST, &path, false);
        until(|| fs::metadata(&path).is_ok_and(|found| found.len() > size));
        child.kill().unwrap();
        child.wait().unwrap();
        check(std::slice::from_ref(&path));
    }
    run(&settings(&path), 1);
    assert_eq!(check(&[path]).first, Some(1));
}

#[test]
fn a_process_whose_disk_is_full_goes_on_when_there_is_room() {
    const TEST: &str =
        "audit::tests::processes::a_process_whose_disk_is_full_goes_on_when_there_is_room";
    if let Some(path) = role() {
        // What waits has room in another file.
        let audit = start(&Settings {
            queue: NonZero::new(10).unwrap(),
            ..settings(&path)
        });
        let record = || audit.record(&Event::new(Kind::Request));
        until(|| record().is_err() && audit.health().errors > 0);
        println!("\n{MARK}full");
        until(|| record().is_ok());
        println!("\n{MARK}again");
        assert!(audit.stop(PATIENCE));
        println!("\n{MARK}ended {}", audit.health().errors > 0);
        return;
    }
    let scratch = scratch();
    let folder = scratch.path();
    let (path, moved) = (folder.join("audit.jsonl"), folder.join("moved.jsonl"));
    let (mut child, said) = process(TEST, &path, true);
    assert_eq!(said.recv_timeout(PATIENCE).unwrap(), "full");
    let text = fs::read(&path).unwrap();
    assert_eq!(text.last(), Some(&b'\n'), "what was begun is taken back");
    fs::rename(&path, &moved).unwrap();
    assert_eq!(said.recv_timeout(PATIENCE).unwrap(), "again");
    assert_eq!(said.recv_timeout(PATIENCE).unwrap(), "ended true");
    assert!(child.wait().unwrap().success());
    let report = check(&[moved, path]);
    assert_eq!(report.first, Some(1));
    assert_eq!(report.faults(), 0, "{:#?}", report.remarks);
}
