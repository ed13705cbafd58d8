//! Cargo projects that a user of the library could have: generated below `target/`, built by the same cargo, and all
//! with one target directory, so that the dependencies are compiled once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const TARGET: &str = env!("CARGO_TARGET_TMPDIR");

const BUILD_SCRIPT: &str = r#"
fn main() -> std::process::ExitCode {
    skills_compiler::build("skills")
}
"#;

const MAIN: &str = "
skills_runtime::include_bundle!();

fn main() -> std::process::ExitCode {
    skills_runtime::run(&BUNDLE)
}
";

/// A project with a build script, which may be replaced, and no skills.
#[derive(Debug)]
pub(crate) struct Project {
    name: String,
    folder: PathBuf,
}

impl Project {
    /// An empty project in a folder of its own; the name is also that of its executable.
    pub(crate) fn new(name: &str) -> Self {
        let folder = Path::new(TARGET).join("project").join(name);
        // One of an earlier run may have other files.
        let _ = fs::remove_dir_all(&folder);
        let project = Self {
            name: name.into(),
            folder,
        };
        let lock = fs::read(Path::new(ROOT).join("Cargo.lock")).expect("a Cargo.lock");
        project
            .file("Cargo.toml", manifest(name))
            .file("Cargo.lock", lock)
            .file("build.rs", BUILD_SCRIPT)
            .file("src/main.rs", MAIN)
            .file("skills/.gitkeep", "")
    }

    /// Writes a file; the path is relative to the project.
    pub(crate) fn file(self, path: &str, contents: impl AsRef<[u8]>) -> Self {
        let file = self.folder.join(path);
        fs::create_dir_all(file.parent().expect("a path in the project")).expect("a folder");
        fs::write(&file, contents).expect("a file below target/");
        self
    }

    /// Depends on another crate, which `Cargo.lock` has; a line of `Cargo.toml`.
    pub(crate) fn depending_on(self, line: &str) -> Self {
        let manifest =
            manifest(&self.name).replace("[dependencies]\n", &format!("[dependencies]\n{line}\n"));
        self.file("Cargo.toml", manifest)
    }

    /// Writes the `SKILL.md` of a skill; the path is relative to `skills/`.
    pub(crate) fn skill(self, path: &str, document: &str) -> Self {
        self.file(&format!("skills/{path}/SKILL.md"), document)
    }

    /// Where the project is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The executable of a project that builds.
    pub(crate) fn build(&self) -> PathBuf {
        let output = self.cargo("build").output().expect("cargo runs");
        let Output { status, stderr, .. } = &output;
        assert!(status.success(), "{}", String::from_utf8_lossy(stderr));
        let suffix = std::env::consts::EXE_SUFFIX;
        self.target().join(format!("debug/{}{suffix}", self.name))
    }

    /// A command of cargo in the project, which finds everything where the build of this test left it.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut command = Command::new(env!("CARGO"));
        command
            .args([subcommand, "--offline"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.target())
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("CARGO_MANIFEST_DIR");
        command
    }

    #[expect(clippy::unused_self, reason = "it reads as a property of the project")]
    fn target(&self) -> PathBuf {
        Path::new(TARGET).join("projects")
    }
}

/// Both doors are there, so that all projects have the same dependencies.
fn manifest(name: &str) -> String {
    format!(
        "[package]
name = \"{name}\"
version = \"1.0.0\"
edition = \"2024\"
publish = false

[dependencies]
skills-macro = {{ path = '{macros}' }}
skills-runtime = {{ path = '{runtime}', features = [\"http\", \"redis\", \"sandbox\"] }}

[build-dependencies]
skills-compiler = {{ path = '{compiler}' }}

[profile.dev]
debug = false
incremental = false

[workspace]
",
        macros = Path::new(ROOT).join("skills-macro").display(),
        runtime = Path::new(ROOT).join("skills-runtime").display(),
        compiler = Path::new(ROOT).join("skills-compiler").display(),
    )
}
