//! Programs of Debian that tests run beside the server: the machine's own where there are any, otherwise unpacked below
//! `target/` by `tests/clients/debian.sh`. Nobody has to be root, and nothing of the system changes.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::installation::TARGET;

/// Where Debian keeps programs.
const PROGRAMS: [&str; 5] = ["usr/local/bin", "usr/bin", "usr/sbin", "bin", "sbin"];

/// A program with all it needs.
#[derive(Debug)]
pub(crate) struct Debian {
    program: PathBuf,
    /// The folder that its packages take for `/`.
    root: PathBuf,
}

/// A program of these packages; the first is the one that people install to have it.
pub(crate) fn debian(packages: &[&str], program: &str) -> Debian {
    if let Some(debian) = Debian::find(Path::new("/"), program) {
        return debian;
    }
    let below = Path::new(TARGET).join("debian");
    let folder = below.join(packages.join("+"));
    let mut unpack = Command::new("sh");
    unpack
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/debian.sh"))
        .arg(below.join("state"))
        .arg(&folder)
        .args(packages);
    let output = unpack.output().expect("there is a shell");
    let found = Debian::find(&folder.join("root"), program).filter(|_| output.status.success());
    found.unwrap_or_else(|| {
        panic!(
            "there is no {program}, and it could not be unpacked from packages of Debian; install it, with \
             `apt-get install {}` or otherwise\n{}{}",
            packages.join(" "),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        )
    })
}

impl Debian {
    fn find(root: &Path, program: &str) -> Option<Self> {
        let mut places = PROGRAMS.iter().map(|place| root.join(place).join(program));
        let program = places.find(|place| place.is_file())?;
        let root = root.to_owned();
        Some(Self { program, root })
    }

    /// Where the program is.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// A file of the same packages, by its path below `/`, without that.
    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Runs the program.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        self.environment(&mut command);
        command
    }

    /// Runs another program of the same packages.
    pub(crate) fn sibling(&self, program: &str) -> Command {
        let mut command = Command::new(self.program.with_file_name(program));
        self.environment(&mut command);
        command
    }

    /// What the programs need to find their libraries and each other.
    pub(crate) fn environment(&self, command: &mut Command) {
        if self.root == Path::new("/") {
            return;
        }
        let programs = PROGRAMS.map(|place| self.root.join(place));
        let (programs, path) = (programs.as_slice(), environment("PATH"));
        command.env("PATH", joined(programs, &path)).env(
            "LD_LIBRARY_PATH",
            joined(&self.libraries(), &OsString::new()),
        );
    }

    /// `lib` and `usr/lib` with the folders of an architecture in them.
    fn libraries(&self) -> Vec<PathBuf> {
        let mut folders = Vec::new();
        for library in ["usr/lib", "lib"].map(|place| self.root.join(place)) {
            for entry in fs::read_dir(&library).into_iter().flatten().flatten() {
                if entry.file_name().to_string_lossy().contains("-linux-") {
                    folders.push(entry.path());
                }
            }
            folders.push(library);
        }
        folders
    }
}

fn joined(first: &[PathBuf], rest: &OsString) -> OsString {
    let rest = std::env::split_paths(rest).filter(|path| !path.as_os_str().is_empty());
    let all = first.iter().cloned().chain(rest);
    std::env::join_paths(all).expect("no path of tests has a colon")
}

fn environment(name: &str) -> OsString {
    std::env::var_os(name).unwrap_or_default()
}

#[test]
fn programs_of_debian_run_without_being_installed() {
    let redis = debian(&["redis-server"], "redis-server");
    let version = crate::installation::run(redis.command().arg("--version"));
    assert!(version.starts_with("Redis server"), "{version}");
    assert!(redis.program().is_file() && redis.file("usr").is_dir());
}
