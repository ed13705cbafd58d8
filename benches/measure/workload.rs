//! What is measured: servers with any number of generated skills, as packages of their own below cargo's `target/tmp`.
//! Each skill has four files and 22 KB; all have the same size, and no two the same content.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The `SKILL.md` of the first skill, which the peers hold in a constant.
pub(crate) const DOCUMENT: &str = include_str!("../peers/SKILL.md");

/// The files of one skill beside its `SKILL.md`, with their sizes.
const FILES: [(&str, usize); 3] = [
    ("references/guide.md", 7_600),
    ("scripts/check.py", 2_400),
    ("assets/figure.png", 5_000),
];

/// A package that serves generated skills.
#[derive(Debug)]
pub(crate) struct Workload {
    pub(crate) package: PathBuf,
    pub(crate) name: String,
}

impl Workload {
    /// Writes the package, leaving alone what is there already.
    pub(crate) fn new(skills: usize) -> Result<Self, Box<dyn Error>> {
        let name = format!("generated-{skills}");
        let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join(&name);
        write(&package.join("Cargo.toml"), manifest(&name).as_bytes())?;
        write(&package.join("build.rs"), include_bytes!("../../build.rs"))?;
        write(
            &package.join("src/main.rs"),
            include_bytes!("../../src/main.rs"),
        )?;
        let lock = package.join("Cargo.lock");
        if !lock.exists() {
            write(&lock, include_bytes!("../../Cargo.lock"))?;
        }
        for number in 0..skills {
            write_skill(&package.join(format!("skills/sample-{number:04}")), number)?;
        }
        Ok(Self { package, name })
    }

    /// Builds the server in a profile, and returns its path.
    pub(crate) fn build(&self, profile: &str) -> Result<PathBuf, Box<dyn Error>> {
        let arguments = ["build", "--quiet", "--profile", profile];
        cargo(&self.package, &arguments)?;
        let directory = if profile == "dev" { "debug" } else { profile };
        Ok(target().join(directory).join(&self.name))
    }
}

/// Runs cargo in a package, with the target directory of this bench.
pub(crate) fn cargo(package: &Path, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let status = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(package)
        .env("CARGO_TARGET_DIR", target())
        .stdin(Stdio::null())
        .status()?;
    if status.success() {
        return Ok(());
    }
    Err(format!(
        "cargo {} failed in {}",
        arguments.join(" "),
        package.display()
    )
    .into())
}

/// Cargo's target directory.
pub(crate) fn target() -> &'static Path {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    temporary.parent().unwrap_or(temporary)
}

/// A package like the reference server's: its dependencies, its profiles.
fn manifest(name: &str) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    let mut in_profile = false;
    let profiles: Vec<_> = include_str!("../../Cargo.toml")
        .lines()
        .filter(|line| {
            if line.starts_with('[') {
                in_profile = line.starts_with("[profile.");
            }
            in_profile
        })
        .collect();
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [workspace]\n\n\
         [dependencies]\nskills-runtime = {{ path = {runtime:?}, features = [\"http\", \"oauth\", \"sandbox\", \"tls\"] }}\n\n\
         [build-dependencies]\nskills-compiler = {{ path = {compiler:?} }}\n\n{}\n",
        profiles.join("\n"),
        runtime = format!("{root}/skills-runtime"),
        compiler = format!("{root}/skills-compiler"),
    )
}

fn write_skill(directory: &Path, number: usize) -> Result<(), Box<dyn Error>> {
    let four_digits = format!("{number:04}");
    let document = DOCUMENT.replace("0000", &four_digits);
    write(&directory.join("SKILL.md"), document.as_bytes())?;
    for (path, size) in FILES {
        let content = if path.starts_with("assets/") {
            noise(number, size)
        } else {
            text(path, &four_digits, size)
        };
        write(&directory.join(path), &content)?;
    }
    Ok(())
}

/// Lines that differ from file to file.
fn text(path: &str, number: &str, size: usize) -> Vec<u8> {
    let line = |index: usize| {
        format!(
            "# {path} of {number}, line {index}: what was \"observed\" is kept apart from what was concluded.\n"
        )
    };
    let lines: String = (0..size / 80).map(line).collect();
    let mut bytes = lines.into_bytes();
    bytes.truncate(size.saturating_sub(1));
    bytes.push(b'\n');
    bytes
}

/// Bytes that are not text and cannot be compressed, after the signature of a PNG.
fn noise(seed: usize, size: usize) -> Vec<u8> {
    let mut state = seed as u64 | 0x9e37_79b9_0000_0000;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    while bytes.len() < size {
        bytes.extend_from_slice(&next());
    }
    bytes.truncate(size);
    bytes
}

/// Writes a file unless it is there with the same content, so that nothing is rebuilt for nothing.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), Box<dyn Error>> {
    if fs::read(path).is_ok_and(|present| present == content) {
        return Ok(());
    }
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    Ok(fs::write(path, content)?)
}
