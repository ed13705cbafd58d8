//! The edge to cargo and rustc: a build script has them say what is being built.
//!
//! That takes a fifth of a second, and a person who edits a skill waits for it. So the answer is kept in `OUT_DIR`, beside a digest
//! of everything that it depends on: `Cargo.lock`, the manifests of the packages that are directories, and the question.
#![expect(clippy::disallowed_methods, reason = "this file is the edge to cargo")]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use super::{Crates, Toolchain, join, lock, tree};
use crate::emit::hexadecimal;

/// The file in `OUT_DIR` that keeps the answer.
const KEPT: &str = "crates.answer";

/// What is being built, and with what.
#[derive(Debug)]
pub struct Question<'a> {
    /// The cargo that builds.
    pub cargo: &'a OsStr,
    /// Its rustc.
    pub rustc: &'a OsStr,
    /// The directory of the package.
    pub directory: &'a Path,
    /// Its name and version, as `name@version`.
    pub package: String,
    /// The triple that is built for.
    pub target: String,
    /// The features of the package that are on, separated by commas.
    pub features: String,
}

/// What cargo and rustc answered.
struct Answer {
    /// Where `Cargo.lock` is.
    lock: PathBuf,
    rustc: String,
    tree: String,
}

/// The crates of the package that is being built, and the files that this depends on.
#[must_use]
pub fn ask(question: &Question<'_>, out: &Path) -> (Crates, Vec<PathBuf>) {
    let kept = out.join(KEPT);
    let answer = match recall(question, &kept) {
        Some(answer) => answer,
        None => match inquire(question) {
            Ok(answer) => {
                keep(question, &kept, &answer);
                answer
            }
            Err(reason) => return (Crates::Unknown(reason), Vec::new()),
        },
    };
    let inputs = answer.inputs();
    (read(&answer), inputs)
}

fn read(answer: &Answer) -> Crates {
    let unread = |what| Crates::Unknown(format!("{what} cannot be understood"));
    let Some(nodes) = tree::read(&answer.tree) else {
        return unread("what `cargo tree` prints");
    };
    let locked = fs::read_to_string(&answer.lock).ok();
    let Some(locked) = locked.and_then(|text| lock::read(&text)) else {
        return unread("Cargo.lock");
    };
    Crates::Known(join(nodes, &locked), Toolchain::of(&answer.rustc))
}

/// The answer of last time, unless something of what it depends on has changed.
fn recall(question: &Question<'_>, kept: &Path) -> Option<Answer> {
    let text = fs::read_to_string(kept).ok()?;
    let (key, lock, rustc, tree): (String, PathBuf, String, String) =
        serde_json::from_str(&text).ok()?;
    let answer = Answer { lock, rustc, tree };
    (answer.key(question) == key).then_some(answer)
}

fn keep(question: &Question<'_>, kept: &Path, answer: &Answer) {
    let Answer { lock, rustc, tree } = answer;
    let text = serde_json::to_string(&(answer.key(question), lock, rustc, tree));
    // What cannot be kept is asked for again.
    let _ = text.map(|text| fs::write(kept, text));
}

impl Answer {
    /// The files that it depends on.
    fn inputs(&self) -> Vec<PathBuf> {
        let nodes = tree::read(&self.tree).unwrap_or_default();
        let directories = nodes.into_iter().filter_map(|node| node.directory);
        let manifests = directories.map(|directory| Path::new(&directory).join("Cargo.toml"));
        // The dependencies and features that packages inherit are said beside `Cargo.lock`.
        let workspace = self.lock.with_file_name("Cargo.toml");
        let mut inputs: Vec<_> = manifests.chain([self.lock.clone(), workspace]).collect();
        inputs.sort();
        inputs.dedup();
        inputs
    }

    fn key(&self, question: &Question<'_>) -> String {
        let Question {
            cargo,
            rustc,
            directory,
            package,
            target,
            features,
        } = question;
        let mut hasher = Sha256::new();
        let mut add = |bytes: &[u8]| {
            hasher.update((bytes.len() as u64).to_be_bytes());
            hasher.update(bytes);
        };
        add(env!("CARGO_PKG_VERSION").as_bytes());
        for word in [cargo, rustc, directory.as_os_str()] {
            add(word.as_encoded_bytes());
        }
        for word in [package, target, features] {
            add(word.as_bytes());
        }
        for path in self.inputs() {
            add(path.as_os_str().as_encoded_bytes());
            add(&fs::read(path).unwrap_or_default());
        }
        hexadecimal(&hasher.finalize())
    }
}

/// Has cargo and rustc answer.
fn inquire(question: &Question<'_>) -> Result<Answer, String> {
    let Question {
        cargo,
        rustc,
        directory,
        package,
        target,
        features,
    } = question;
    let mut place = Command::new(cargo);
    place.args(["locate-project", "--workspace", "--message-format", "plain"]);
    let place = said(place.current_dir(directory))?;
    let mut tree = Command::new(cargo);
    tree.args(["tree", "--frozen", "--color", "never", "--quiet"])
        .args(["--edges", "normal,no-proc-macro", "--prefix", "depth"])
        .args(["--format", tree::FORMAT, "--package", package])
        .args(["--target", target])
        .args(["--no-default-features", "--features", features])
        .current_dir(directory);
    Ok(Answer {
        lock: Path::new(place.trim_end()).with_file_name("Cargo.lock"),
        tree: said(&mut tree)?,
        rustc: said(Command::new(rustc).arg("-vV"))?,
    })
}

/// What a command prints, or why there is nothing.
fn said(command: &mut Command) -> Result<String, String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let line = said.lines().find(|line| !line.trim().is_empty());
        let line = line.unwrap_or("it says nothing").trim();
        return Err(line.trim_start_matches("error: ").to_owned());
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}
