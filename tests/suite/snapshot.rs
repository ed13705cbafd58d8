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
    let sources: String = files(&suite())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| fs::read_to_string(path).expect("a source is text"))
        .collect();
    for path in files(&directory()) {
        let name = path.file_name().expect("a file has a name");
        let name = name.to_str().expect("it is text");
        assert!(
            sources.contains(&format!("\"{name}\"")),
            "no test names the snapshot {name}"
        );
    }
}

fn files(directory: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(directory).expect("it is a directory");
    entries
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.is_file())
}
