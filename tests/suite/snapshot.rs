//! Texts that are compared with files in `tests/suite/snapshots`; `BLESS=1` accepts what is different.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn suite() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite")
}

fn directory() -> PathBuf {
    suite().join("snapshots")
}

/// Compares a text with its file.
pub(crate) fn check(name: &str, actual: &str) {
    let path = directory().join(name);
    if env::var_os("BLESS").is_some() {
        fs::create_dir_all(directory()).expect("it is made");
        fs::write(&path, actual).expect("a snapshot can be written");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "{name} differs; BLESS=1 accepts it. Expected:\n{expected}\nActual:\n{actual}"
    );
}

#[test]
fn every_snapshot_belongs_to_a_test() {
    let mut sources = String::new();
    for path in files(&suite()) {
        if path.extension().is_some_and(|extension| extension == "rs") {
            sources += &fs::read_to_string(path).expect("a source is text");
        }
    }
    for path in files(&directory()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_named = sources.contains(&format!("\"{name}\""));
        assert!(is_named, "no test names the snapshot {name}");
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).expect("it is a directory") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files
}
