//! The folder `skills/` as it lies on the disk: what the server is compared with.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// One file below `skills/`.
#[derive(Debug)]
pub(crate) struct File {
    /// Relative to `skills/`, with slashes.
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
}

impl File {
    /// No name in this folder needs an escape in a URI.
    pub(crate) fn uri(&self) -> String {
        assert!(
            self.path
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'%')
        );
        format!("skill://{}", self.path)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }
}

/// All of them, sorted by path.
pub(crate) static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    let mut files = Vec::new();
    collect(&folder(), "", &mut files);
    files.sort_by(|left, right| left.path.cmp(&right.path));
    files
});

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("skills")
}

/// The path of every skill, sorted.
pub(crate) fn skills() -> Vec<&'static str> {
    let documents = FILES.iter().map(|file| file.path.as_str());
    documents
        .filter_map(|path| path.strip_suffix("/SKILL.md"))
        .collect()
}

/// The URI of the `SKILL.md` of every skill, sorted.
pub(crate) fn skill_uris() -> Vec<String> {
    let paths = skills().into_iter();
    paths
        .map(|path| format!("skill://{path}/SKILL.md"))
        .collect()
}

/// One that is not text.
pub(crate) fn binary() -> &'static File {
    let mut files = FILES.iter();
    files
        .find(|file| file.text().is_none())
        .expect("a file that is not text")
}

fn collect(directory: &Path, prefix: &str, files: &mut Vec<File>) {
    for entry in fs::read_dir(directory).expect("there are skills") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("a name in UTF-8");
        let path = format!("{prefix}{name}");
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{path}/"), files);
        } else {
            let bytes = fs::read(entry.path()).expect("a readable file");
            files.push(File { path, bytes });
        }
    }
}
