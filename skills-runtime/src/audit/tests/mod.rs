//! The record as a whole, on files of a folder of its own.
#![expect(
    clippy::disallowed_methods,
    reason = "a test reads and writes the disk, and waits with a deadline"
)]

#[cfg(unix)]
mod processes;

use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::*;
use crate::testing::scratch;

const SERVED: Served<'_> = Served {
    server: "sample 1.2.3",
    bundle: "sha256:0",
    sandbox: None,
    detail: None,
};

const PATIENCE: Duration = Duration::from_secs(30);

fn settings(path: &Path) -> Settings {
    Settings {
        file: path.to_owned().into(),
        ..Settings::default()
    }
}

fn start(settings: &Settings) -> Audit {
    Audit::open(settings).unwrap().start(&SERVED).unwrap()
}

/// A run with so many requests.
fn run(settings: &Settings, requests: u32) {
    let audit = start(settings);
    for _ in 0..requests {
        audit.record(&Event::new(Kind::Request)).unwrap();
    }
    assert!(audit.stop(PATIENCE));
}

fn until(condition: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < end, "it did not come to that");
        std::thread::yield_now();
    }
}

fn check(files: &[PathBuf]) -> verify::Report {
    let report = verify::verify(files, None).unwrap();
    assert_eq!(report.faults(), 0, "{:#?}", report.remarks);
    report
}

#[test]
fn runs_of_a_server_are_one_chain() {
    let folder = scratch();
    let path = folder.path().join("audit.jsonl");
    run(&settings(&path), 2);
    run(&settings(&path), 3);
    let report = check(&[path]);
    assert_eq!((report.first, report.last), (Some(1), Some(7)));
    assert_eq!(report.faults(), 0, "{:#?}", report.remarks);
}

#[test]
fn a_full_file_is_laid_aside_and_the_chain_goes_on() {
    let scratch = scratch();
    let folder = scratch.path();
    let path = folder.join("audit.jsonl");
    let settings = Settings {
        max_size: bytesize::ByteSize::b(1000),
        keep: NonZero::new(100).unwrap(),
        ..settings(&path)
    };
    run(&settings, 50);
    let files = fs::read_dir(folder).unwrap();
    let files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() > 5, "{files:?}");
    for file in &files {
        assert!(fs::metadata(file).unwrap().len() <= 1000, "{file:?}");
    }
    assert_eq!(check(&files).lines, 51);
}

#[test]
fn only_so_many_files_are_kept() {
    let scratch = scratch();
    let folder = scratch.path();
    let path = folder.join("audit.jsonl");
    let settings = Settings {
        max_size: bytesize::ByteSize::b(1000),
        keep: NonZero::new(2).unwrap(),
        ..settings(&path)
    };
    run(&settings, 50);
    let files = fs::read_dir(folder).unwrap();
    let files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 3, "{files:?}");
    let report = check(&files);
    assert!(report.remarks[0].text.contains("is not in these files"));
}

#[test]
fn what_somebody_moves_away_is_followed_by_a_new_file() {
    let scratch = scratch();
    let folder = scratch.path();
    let (path, moved) = (folder.join("audit.jsonl"), folder.join("moved.jsonl"));
    let audit = start(&settings(&path));
    until(|| fs::metadata(&path).is_ok_and(|found| found.len() > 0));
    fs::rename(&path, &moved).unwrap();
    audit.reopen();
    until(|| path.exists());
    audit.record(&Event::new(Kind::Reload)).unwrap();
    assert!(audit.stop(PATIENCE));
    assert_eq!(check(&[path, moved]).lines, 2);
}

#[test]
fn an_unfinished_line_is_cut_off_and_told_of() {
    let folder = scratch();
    let path = folder.path().join("audit.jsonl");
    run(&settings(&path), 2);
    let mut text = fs::read(&path).unwrap();
    text.truncate(text.len() - 10);
    fs::write(&path, text).unwrap();
    let report = check(std::slice::from_ref(&path));
    assert!(
        report.remarks[0]
            .text
            .starts_with("the last line has no end")
    );
    run(&settings(&path), 1);
    let report = check(&[path]);
    assert_eq!(report.lines, 4);
    let mut remarks = report.remarks.iter();
    assert!(remarks.any(|remark| remark.text.contains("were cut off")));
}

#[test]
fn a_file_that_is_something_else_is_not_written_to() {
    let folder = scratch();
    let path = folder.path().join("audit.jsonl");
    fs::write(&path, "Dear diary\n").unwrap();
    let error = Audit::open(&settings(&path)).unwrap_err();
    assert!(error.to_string().contains("is no event"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "Dear diary\n");
}

#[cfg(unix)]
#[test]
fn two_servers_do_not_share_a_file() {
    let folder = scratch();
    let path = folder.path().join("audit.jsonl");
    let _first = Audit::open(&settings(&path)).unwrap();
    let error = Audit::open(&settings(&path)).unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.to_string().contains("another process"), "{source}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_without_room_is_waited_for_or_not() {
    let mut settings = settings(Path::new("/dev/full"));
    let audit = start(&settings);
    until(|| audit.health().failure.is_some());
    assert!(audit.record(&Event::new(Kind::Request)).is_err());
    assert!(!audit.stop(Duration::ZERO));
    settings.on_error = super::settings::OnError::Drop;
    let audit = start(&settings);
    for _ in 0..3 {
        audit.record(&Event::new(Kind::Request)).unwrap();
    }
    until(|| audit.health().dropped == 4);
    assert!(audit.health().failure.is_some());
}

#[test]
fn a_directory_that_vanishes_is_noticed_and_one_that_returns_too() {
    let scratch = scratch();
    let folder = scratch.path().join("inner");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("audit.jsonl");
    let audit = start(&settings(&path));
    until(|| fs::metadata(&path).is_ok_and(|found| found.len() > 0));
    fs::remove_dir_all(&folder).unwrap();
    audit.reopen();
    until(|| audit.health().failure.is_some());
    assert!(audit.record(&Event::new(Kind::Request)).is_err());
    fs::create_dir_all(&folder).unwrap();
    until(|| audit.health().failure.is_none());
    audit.record(&Event::new(Kind::Request)).unwrap();
    assert!(audit.stop(PATIENCE));
    assert_eq!(check(&[path]).lines, 1);
}

#[test]
fn seals_are_of_a_key() {
    let scratch = scratch();
    let folder = scratch.path();
    let (path, key) = (folder.join("audit.jsonl"), folder.join("key"));
    fs::write(&key, "k".repeat(40) + "\n").unwrap();
    let settings = Settings {
        key_file: Some(key.clone()),
        ..settings(&path)
    };
    run(&settings, 600);
    run(&settings, 1);
    let key = Key::read(&key).unwrap();
    let report = verify::verify(std::slice::from_ref(&path), Some(&key)).unwrap();
    assert_eq!(report.faults(), 0, "{:#?}", report.remarks);
    assert_eq!((report.seals, report.sealed_up_to), (Some(4), Some(601)));
    let other = folder.join("other");
    fs::write(&other, "o".repeat(40)).unwrap();
    let other = Key::read(&other).unwrap();
    // Four seals of another key, and none of this one.
    assert_eq!(verify::verify(&[path], Some(&other)).unwrap().faults(), 5);
}

#[test]
fn a_short_key_is_refused() {
    let folder = scratch();
    let path = folder.path().join("key");
    fs::write(&path, "hunter2\n").unwrap();
    let error = Key::read(&path).unwrap_err().to_string();
    assert!(error.contains("it has 7 bytes"), "{error}");
    assert!(!error.contains("hunter2"));
}
