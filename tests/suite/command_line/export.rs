//! `export` against the folders that were compiled: every byte, every bit, and nobody's work replaced.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{print, refusal};
use crate::tree::{FILES, folder, skills};

const SCRATCH: &str = env!("CARGO_TARGET_TMPDIR");

/// The content of a directory, with who may execute what.
fn contents(directory: &Path, prefix: &str) -> BTreeMap<String, (Vec<u8>, bool)> {
    let mut contents = BTreeMap::new();
    for entry in fs::read_dir(directory).expect("it is a directory") {
        let path = entry.expect("it can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            contents.extend(self::contents(&path, &format!("{name}/")));
        } else {
            let bytes = fs::read(&path).expect("it can be read");
            contents.insert(name, (bytes, is_executable(&path)));
        }
    }
    contents
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let metadata = fs::metadata(path).expect("it is there");
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    false
}

fn scratch(name: &str) -> PathBuf {
    let directory = Path::new(SCRATCH).join("command-line").join(name);
    let _ = fs::remove_dir_all(&directory);
    directory
}

#[test]
fn export_writes_the_folders_as_they_were() {
    let directory = scratch("export");
    let to = directory.to_str().expect("it is text");
    let report = print(&["export", to]);
    assert!(report.starts_with("Wrote "), "{report}");
    let mut expected = contents(&folder(), "");
    expected.retain(|path, _| {
        let is_in = |skill: &&str| path.starts_with(&format!("{skill}/"));
        skills().iter().any(is_in)
    });
    assert_eq!(expected.len(), FILES.len(), "every file belongs to a skill");
    let written = contents(&directory, "");
    assert_eq!(
        written.keys().collect::<Vec<_>>(),
        expected.keys().collect::<Vec<_>>()
    );
    for (path, content) in &expected {
        assert!(written.get(path) == Some(content), "{path} differs");
    }
}

#[test]
fn export_replaces_nobodys_work() {
    let directory = scratch("refuse");
    let to = directory.to_str().expect("it is text");
    let file = directory.join("conventional-commits/SKILL.md");
    fs::create_dir_all(file.parent().expect("it is in a directory")).expect("it is made");
    fs::write(&file, "mine\n").expect("it is written");
    let (code, why) = refusal(&["export", to]);
    assert_eq!(code, Some(1));
    assert!(why.contains("--force"), "{why}");
    let expected = BTreeMap::from([(
        "conventional-commits/SKILL.md".to_owned(),
        (b"mine\n".to_vec(), false),
    )]);
    assert_eq!(contents(&directory, ""), expected, "nothing was written");
    print(&["export", to, "conventional-commits", "--force"]);
    let original = fs::read(folder().join("conventional-commits/SKILL.md"));
    assert_eq!(fs::read(file).expect("it is there"), original.expect("too"));
}
