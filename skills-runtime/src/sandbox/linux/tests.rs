//! What a process that is closed off can still do, tried by one: each attempt is this test in a process of its own.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "an attempt is whatever somebody would try, and says what came of it"
)]

use std::fs::{self, File, OpenOptions};
use std::io;
use std::net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use crate::sandbox::{Mode, Needs, seal};
use crate::testing::scratch;

/// What is to be tried, in the process that is to try it.
const ATTEMPT: &str = "SKILLS_TEST_ATTEMPT";

/// The folder in which it is tried.
const FOLDER: &str = "SKILLS_TEST_FOLDER";

/// The port of somebody who listens.
const PORT: &str = "SKILLS_TEST_PORT";

/// What stands before what came of it.
const MARK: &str = "outcome=";

/// Needs that are as large as they get.
fn needs(folder: &Path, port: u16) -> Needs {
    Needs {
        reads: vec![folder.join("read/key.pem")],
        writes: vec![folder.join("write")],
        removes: vec![folder.join("remove")],
        connects: vec![port],
        figures: true,
    }
}

/// Tries something in this process.
fn attempt(name: &str, folder: &Path, port: u16) -> io::Result<()> {
    let write = |path: &str| OpenOptions::new().append(true).open(folder.join(path));
    match name {
        "read a file" => File::open(folder.join("read/key.pem")).map(drop),
        "read a file beside it" => File::open(folder.join("read/other.pem")).map(drop),
        "read a foreign file" => File::open(folder.join("foreign/secret")).map(drop),
        "read the password file" => File::open("/etc/passwd").map(drop),
        "read a foreign process" => File::open("/proc/1/environ").map(drop),
        "read its own figures" => fs::read_to_string("/proc/self/status").map(drop),
        "list a foreign folder" => fs::read_dir(folder.join("foreign")).map(drop),
        "write a file" => write("write/audit.jsonl").map(drop),
        "make a file" => File::create(folder.join("write/new")).map(drop),
        "rename a file" => fs::rename(
            folder.join("write/audit.jsonl"),
            folder.join("write/audit.jsonl.1"),
        ),
        "write a file that is to be read" => write("read/key.pem").map(drop),
        "make a foreign file" => File::create(folder.join("foreign/new")).map(drop),
        "remove a socket" => fs::remove_file(folder.join("remove/socket")),
        "remove a foreign file" => fs::remove_file(folder.join("foreign/secret")),
        "make a folder" => fs::create_dir(folder.join("write/folder")),
        "make a symbolic link" => {
            std::os::unix::fs::symlink("/etc/passwd", folder.join("write/link"))
        }
        "change permissions" => {
            let permissions = fs::metadata(folder.join("foreign/secret"))?.permissions();
            fs::set_permissions(folder.join("foreign/secret"), permissions)
        }
        "execute" => Err(Command::new("/bin/true").exec()),
        "start a process" => Command::new("/bin/true").status().map(drop),
        "start a thread" => std::thread::Builder::new().spawn(|| ()).map(drop),
        "listen" => TcpListener::bind(("127.0.0.1", 0)).map(drop),
        "listen at a path" => UnixListener::bind(folder.join("write/socket")).map(drop),
        "connect at a path" => UnixStream::connect(folder.join("foreign/socket")).map(drop),
        "connect" => TcpStream::connect(("127.0.0.1", port)).map(drop),
        "connect elsewhere" => TcpStream::connect(("127.0.0.1", port ^ 1)).map(drop),
        "look up a name" => ("localhost", port).to_socket_addrs().map(drop),
        "a datagram" => UdpSocket::bind(("127.0.0.1", 0)).map(drop),
        "trace" => nix::sys::ptrace::traceme().map_err(io::Error::from),
        "signal" => nix::sys::signal::kill(nix::unistd::getppid(), None).map_err(io::Error::from),
        "a new namespace" => {
            nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWUSER).map_err(io::Error::from)
        }
        "another root" => nix::unistd::chroot(folder).map_err(io::Error::from),
        "a name for the machine" => nix::unistd::sethostname("x").map_err(io::Error::from),
        other => panic!("nobody knows how to {other}"),
    }
}

/// What came of an attempt.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    /// The number of the error.
    Refused(i32),
    /// The number of the signal.
    Ended(i32),
}

const PERMISSION: Outcome = Outcome::Refused(libc::EPERM);
const ACCESS: Outcome = Outcome::Refused(libc::EACCES);
const KILLED: Outcome = Outcome::Ended(libc::SIGSYS);

/// The role that this process has, if it is one that tries.
fn role() -> Option<(String, PathBuf, u16)> {
    let attempt = std::env::var(ATTEMPT).ok()?;
    let folder = std::env::var_os(FOLDER)?;
    let port = std::env::var(PORT).ok()?.parse().ok()?;
    Some((attempt, folder.into(), port))
}

/// Closes this process off, tries, and says what came of it.
fn play(needs: &Needs, (name, folder, port): &(String, PathBuf, u16)) {
    let report = seal(needs, Mode::Auto).unwrap();
    assert_eq!(
        report.missing(),
        None,
        "this test needs a kernel with both layers"
    );
    let outcome = match attempt(name, folder, *port) {
        Ok(()) => 0,
        Err(error) => error.raw_os_error().unwrap_or(-1),
    };
    println!("\n{MARK}{outcome}");
}

/// Has a process of its own try something in the role of a test.
fn tried(test: &str, name: &str, folder: &Path, port: u16) -> Outcome {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(ATTEMPT, name)
        .env(FOLDER, folder)
        .env(PORT, port.to_string())
        .output()
        .unwrap();
    outcome(output.status, &String::from_utf8_lossy(&output.stdout))
        .unwrap_or_else(|| panic!("{name}: {output:?}"))
}

fn outcome(status: ExitStatus, said: &str) -> Option<Outcome> {
    if let Some(signal) = status.signal() {
        return Some(Outcome::Ended(signal));
    }
    let said = said.lines().find_map(|line| line.strip_prefix(MARK))?;
    Some(match said.parse().ok()? {
        0 => Outcome::Done,
        error => Outcome::Refused(error),
    })
}

/// A folder with everything in it that is tried.
fn folder() -> tempfile::TempDir {
    let scratch = scratch();
    let folder = scratch.path();
    for inner in ["read", "write", "remove", "foreign"] {
        fs::create_dir_all(folder.join(inner)).unwrap();
    }
    for file in [
        "read/key.pem",
        "read/other.pem",
        "write/audit.jsonl",
        "remove/socket",
        "foreign/secret",
    ] {
        fs::write(folder.join(file), "x").unwrap();
    }
    scratch
}

#[test]
fn nothing_is_possible_that_a_server_does_not_need() {
    const TEST: &str = "sandbox::system::tests::nothing_is_possible_that_a_server_does_not_need";
    if let Some(role) = role() {
        return play(&Needs::default(), &role);
    }
    let scratch = folder();
    let folder = scratch.path();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let _socket = UnixListener::bind(folder.join("foreign/socket")).unwrap();
    for (name, expected) in [
        ("start a thread", Outcome::Done),
        ("read a file", PERMISSION),
        ("read the password file", PERMISSION),
        ("read a foreign process", PERMISSION),
        ("read its own figures", PERMISSION),
        ("list a foreign folder", PERMISSION),
        ("write a file", PERMISSION),
        ("make a file", PERMISSION),
        ("rename a file", PERMISSION),
        ("remove a socket", PERMISSION),
        ("remove a foreign file", PERMISSION),
        ("make a folder", PERMISSION),
        ("make a symbolic link", PERMISSION),
        ("change permissions", PERMISSION),
        ("execute", KILLED),
        ("start a process", PERMISSION),
        ("listen", PERMISSION),
        ("listen at a path", PERMISSION),
        ("connect at a path", PERMISSION),
        ("connect", PERMISSION),
        ("a datagram", PERMISSION),
        ("trace", KILLED),
        ("signal", PERMISSION),
        ("a new namespace", PERMISSION),
        ("another root", PERMISSION),
        ("a name for the machine", PERMISSION),
    ] {
        assert_eq!(tried(TEST, name, folder, port), expected, "{name}");
    }
}

#[test]
fn what_a_server_needs_is_possible_and_nothing_beside_it() {
    const TEST: &str =
        "sandbox::system::tests::what_a_server_needs_is_possible_and_nothing_beside_it";
    if let Some(role) = role() {
        return play(&needs(&role.1, role.2), &role);
    }
    let scratch = folder();
    let folder = scratch.path();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let _socket = UnixListener::bind(folder.join("foreign/socket")).unwrap();
    for (name, expected) in [
        ("start a thread", Outcome::Done),
        ("read a file", Outcome::Done),
        ("read a file beside it", Outcome::Done),
        ("read a foreign file", ACCESS),
        ("read the password file", ACCESS),
        ("read a foreign process", ACCESS),
        ("read its own figures", Outcome::Done),
        ("list a foreign folder", ACCESS),
        ("write a file", Outcome::Done),
        ("make a file", Outcome::Done),
        ("rename a file", Outcome::Done),
        ("write a file that is to be read", ACCESS),
        ("make a foreign file", ACCESS),
        ("remove a socket", Outcome::Done),
        ("remove a foreign file", ACCESS),
        ("make a folder", PERMISSION),
        ("make a symbolic link", PERMISSION),
        ("change permissions", PERMISSION),
        ("execute", KILLED),
        ("start a process", PERMISSION),
        ("listen", ACCESS),
        ("listen at a path", PERMISSION),
        ("connect at a path", PERMISSION),
        ("connect", Outcome::Done),
        ("connect elsewhere", ACCESS),
        ("look up a name", Outcome::Done),
        ("trace", KILLED),
        ("signal", PERMISSION),
        ("a new namespace", PERMISSION),
    ] {
        assert_eq!(tried(TEST, name, folder, port), expected, "{name}");
    }
}

/// Makes this system one that does not know a call, as old kernels and containers do not.
fn forget(call: i64, error: i32) {
    let calls = [(call, Vec::new())].into();
    let error = seccompiler::SeccompAction::Errno(error.unsigned_abs());
    let architecture = std::env::consts::ARCH.try_into().unwrap();
    let allow = seccompiler::SeccompAction::Allow;
    let filter = seccompiler::SeccompFilter::new(calls, allow, error, architecture).unwrap();
    let program: seccompiler::BpfProgram = filter.try_into().unwrap();
    seccompiler::apply_filter(&program).unwrap();
}

#[test]
fn where_a_layer_is_missing_the_other_holds_and_is_not_enough_if_both_are_required() {
    const TEST: &str = "sandbox::system::tests::where_a_layer_is_missing_the_other_holds_and_is_not_enough_if_both_are_required";
    if let Some((layer, folder, _)) = role() {
        match &*layer {
            "landlock" => forget(libc::SYS_landlock_create_ruleset, libc::ENOSYS),
            _ => forget(libc::SYS_seccomp, libc::EPERM),
        }
        let needs = needs(&folder, 1);
        let report = seal(&needs, Mode::Auto).unwrap();
        let missing = report.missing().unwrap();
        assert!(
            missing.starts_with(&format!("there is no {layer}: ")),
            "{missing}"
        );
        assert!(
            report.to_string().contains(&format!("no {layer}: ")),
            "{report}"
        );
        // What both layers refuse, one does.
        assert!(attempt("make a folder", &folder, 1).is_err());
        let error = seal(&needs, Mode::Require).unwrap_err().to_string();
        assert!(error.contains(&format!("there is no {layer}: ")), "{error}");
        println!("\n{MARK}0");
        return;
    }
    let scratch = folder();
    let folder = scratch.path();
    for layer in ["landlock", "seccomp"] {
        assert_eq!(tried(TEST, layer, folder, 1), Outcome::Done, "{layer}");
    }
}

#[cfg(feature = "audit")]
#[test]
fn an_audit_log_is_kept_and_rotated_from_inside() {
    use std::time::Duration;

    use crate::audit::{Audit, Event, Kind, Served, Settings, verify};

    const TEST: &str = "sandbox::system::tests::an_audit_log_is_kept_and_rotated_from_inside";
    let log = |folder: &Path| folder.join("write/log.jsonl");
    if let Some((_, folder, _)) = role() {
        let settings = Settings {
            file: log(&folder).into(),
            max_size: bytesize::ByteSize::b(2000),
            ..Settings::default()
        };
        let opened = Audit::open(&settings).unwrap();
        let needs = Needs {
            writes: vec![folder.join("write")],
            ..Needs::default()
        };
        assert_eq!(seal(&needs, Mode::Auto).unwrap().missing(), None);
        let served = Served {
            server: "sample 1.2.3",
            bundle: "sha256:0",
            sandbox: None,
            detail: None,
        };
        let audit = opened.start(&served).unwrap();
        for _ in 0..50 {
            audit.record(&Event::new(Kind::Request)).unwrap();
        }
        assert!(audit.stop(Duration::from_secs(30)));
        assert_eq!(audit.health().errors, 0);
        println!("\n{MARK}0");
        return;
    }
    let scratch = folder();
    let folder = scratch.path();
    assert_eq!(tried(TEST, "keep", folder, 1), Outcome::Done);
    let files = fs::read_dir(folder.join("write")).unwrap();
    let files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    let files: Vec<_> = files
        .into_iter()
        .filter(|file| file.to_string_lossy().contains("log.jsonl"))
        .collect();
    assert!(files.len() > 3, "{files:?}");
    let report = verify::verify(&files, None).unwrap();
    assert_eq!((report.lines, report.faults()), (51, 0), "{report:?}");
}
