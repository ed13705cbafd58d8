//! The template, which is in this executable: the folder `template/` of the repository.

use std::path::{Path, PathBuf};

use include_dir::{Dir, DirEntry, include_dir};

use super::Name;

/// What the template calls itself.
const LITERAL: &str = "my-skills";

/// Names of files that cargo and Git would not leave as they are in a package, and what they are called in a project.
const RENAMED: [(&str, &str); 3] = [
    ("Cargo.toml.in", "Cargo.toml"),
    ("Cargo.lock.in", "Cargo.lock"),
    ("gitignore", ".gitignore"),
];

static TEMPLATE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/template");

/// The manifest of the template.
const MANIFEST: &str = include_str!("../../template/Cargo.toml.in");

/// The versions that the template was tested with.
const LOCK: &str = include_str!("../../template/Cargo.lock.in");

/// How the manifest says what the server can do.
const RUNTIME: &str = "skills-runtime = ";

/// The manifest of a package called `name`, whose server can do what these features are for.
pub(crate) fn manifest(name: &Name, features: &[String]) -> String {
    let features: Vec<_> = features
        .iter()
        .map(|feature| format!("\"{feature}\""))
        .collect();
    let version = env!("CARGO_PKG_VERSION");
    let runtime = format!(
        "{RUNTIME}{{ version = \"{version}\", features = [{}] }}",
        features.join(", ")
    );
    let lines = MANIFEST.lines().map(|line| {
        if line.starts_with(RUNTIME) {
            &*runtime
        } else {
            line
        }
    });
    let lines: Vec<_> = lines.collect();
    lines.join("\n").replace(LITERAL, name.as_str()) + "\n"
}

/// The versions for a package called `name`.
pub(crate) fn lock(name: &Name) -> String {
    LOCK.replace(LITERAL, name.as_str())
}

/// A file of a project.
#[derive(Debug)]
pub(super) struct File {
    /// Where it is in the project.
    pub(super) path: PathBuf,
    pub(super) contents: Vec<u8>,
    pub(super) is_executable: bool,
}

/// The files of a project called `name`, in the order of their paths. The example among them is left out where a project
/// has skills of its own.
pub(super) fn files(name: &Name, with_example: bool) -> Vec<File> {
    let mut files = Vec::new();
    collect(&TEMPLATE, &mut files);
    files.retain(|file| with_example || !file.path.starts_with("skills"));
    for file in &mut files {
        file.name_after(name);
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

fn collect(folder: &Dir<'_>, files: &mut Vec<File>) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(folder) => collect(folder, files),
            DirEntry::File(file) => files.push(File::of(file.path(), file.contents())),
        }
    }
}

impl File {
    fn of(path: &Path, contents: &[u8]) -> Self {
        let renamed = RENAMED.iter().find(|(here, _)| Path::new(here) == path);
        Self {
            path: renamed
                .map_or(path, |(_, there)| Path::new(there))
                .to_owned(),
            contents: contents.to_owned(),
            is_executable: path.extension().is_some_and(|extension| extension == "sh"),
        }
    }

    /// Says the name of the project where the template says its own.
    fn name_after(&mut self, name: &Name) {
        if let Ok(text) = std::str::from_utf8(&self.contents) {
            self.contents = text.replace(LITERAL, name.as_str()).into_bytes();
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the template is on the disk")]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::*;

    /// What Git knows of the template, which is not all that lies in its folder.
    fn original() -> BTreeMap<PathBuf, Vec<u8>> {
        fn walk(folder: &Path, root: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let place = path.strip_prefix(root).unwrap();
                // Cargo's own, and what is for `cargo generate` only.
                let is_ours = [
                    ".cargo",
                    "target",
                    "cargo-generate.toml",
                    "Cargo.toml.liquid",
                ];
                if is_ours.iter().any(|ours| place == Path::new(ours)) {
                    continue;
                }
                if path.is_dir() {
                    walk(&path, root, files);
                } else {
                    files.insert(place.to_owned(), fs::read(&path).unwrap());
                }
            }
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template");
        let mut files = BTreeMap::new();
        walk(&root, &root, &mut files);
        files
    }

    #[test]
    fn a_project_is_the_template_with_another_name() {
        let same = Name::new(LITERAL).unwrap();
        let files = files(&same, true).into_iter();
        let files: BTreeMap<_, _> = files.map(|file| (file.path, file.contents)).collect();
        assert_eq!(
            files.keys().collect::<Vec<_>>(),
            original().keys().collect::<Vec<_>>()
        );
        assert!(files == original(), "some file differs");
    }

    #[test]
    fn cargo_generate_makes_the_same() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template");
        let liquid = fs::read_to_string(root.join("Cargo.toml.liquid")).unwrap();
        assert_eq!(liquid.replace("{{project-name}}", LITERAL), MANIFEST);
    }

    #[test]
    fn a_manifest_says_what_the_server_can_do() {
        let name = Name::new("pdf-tools").unwrap();
        let manifest = manifest(&name, &["http".into(), "tls".into()]);
        assert!(manifest.contains("\nname = \"pdf-tools\"\n"));
        let runtime = "skills-runtime = { version = \"0.1.0\", features = [\"http\", \"tls\"] }";
        assert_eq!(manifest.matches(runtime).count(), 1, "{manifest}");
    }

    #[test]
    fn nothing_of_the_old_name_is_left() {
        let name = Name::new("pdf-tools").unwrap();
        for file in files(&name, false) {
            assert!(!file.path.starts_with("skills"));
            let text = String::from_utf8(file.contents).unwrap();
            assert!(!text.contains(LITERAL), "{}", file.path.display());
        }
    }
}
