//! What other processes of a server's user get to know of its memory: nothing while it runs, and nothing when it crashes. The
//! server runs as a user without privileges where the tests run as root, who may read all memory and counts what is in it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::http::conversation::{Conversation, Request, ask};
use crate::server::{EXECUTABLE, STATELESS, Server};
use crate::service::Service;

/// How long the end of a process is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// `nobody`.
const USER: u32 = 65_534;

/// Longer than a block of SHA-256.
const TOKEN: &str = "7b1f0c9d2e8a4b6f5c3d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b-4f1c";

/// What a process of the same user tries. Each line says what, and whether it worked.
const ATTACK: &str = r#"
import ctypes, os, sys
process = int(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)

def tell(name, works):
    print(name, "works" if works else "fails")

def opens(name, mode):
    try:
        with open(f"/proc/{process}/{name}", mode, 0) as file:
            return mode == "r+b" or len(file.read(1)) > 0
    except OSError:
        return False

tell("environ", opens("environ", "rb"))
tell("mem", opens("mem", "r+b"))
tell("maps", opens("maps", "rb"))
try:
    tell("fd", len(os.listdir(f"/proc/{process}/fd")) > 0)
except OSError:
    tell("fd", False)
buffer = ctypes.create_string_buffer(1)
class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
local, remote = Vector(ctypes.addressof(buffer), 1), Vector(0x10000, 1)
libc.process_vm_readv(process, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)
# EFAULT: it might, if there were something.
tell("process_vm_readv", ctypes.get_errno() == 14)
SEIZE, DETACH = 0x4206, 17
seized = libc.ptrace(SEIZE, process, 0, 0) == 0
tell("ptrace", seized)
"#;

/// Whether this process may run others as another user.
fn is_root() -> bool {
    fs::metadata("/proc/self").expect("Linux").uid() == 0
}

/// Runs a command as a user without privileges, where that is possible.
fn unprivileged(command: &mut Command) -> &mut Command {
    if is_root() {
        command.uid(USER).gid(USER).current_dir("/");
    }
    command
}

/// A folder of that user, at a path that it can reach, with the executable in it.
static PLACE: LazyLock<PathBuf> = LazyLock::new(|| {
    let place = std::env::temp_dir().join(format!("skills-hardening-{}", std::process::id()));
    fs::create_dir_all(&place).expect("a folder for temporary files");
    // A link takes no room, where one is possible.
    if fs::hard_link(EXECUTABLE, place.join("server")).is_err() {
        fs::copy(EXECUTABLE, place.join("server")).expect("room for the executable");
    }
    fs::write(place.join("tokens"), format!("{TOKEN}\n")).expect("room for a file");
    fs::set_permissions(place.join("tokens"), fs::Permissions::from_mode(0o600))
        .expect("it is ours");
    if is_root() {
        for path in [place.clone(), place.join("tokens")] {
            chown(path, Some(USER), Some(USER)).expect("root may do so");
        }
    }
    place
});

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// A server that takes [`TOKEN`].
fn serve(flags: &[&str]) -> Service {
    let mut command = Command::new(PLACE.join("server"));
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--bearer-tokens"])
        .arg(PLACE.join("tokens"))
        .args(flags)
        .env("A_SECRET", TOKEN);
    Service::with_admin_of(unprivileged(&mut command))
}

fn request() -> Request {
    let list = Request::call(STATELESS, &json!(1), "tools/list", json!({}));
    list.with("Authorization", &format!("Bearer {TOKEN}"))
}

/// What another process of the same user can do to a process.
fn attacked(process: u32) -> BTreeMap<String, bool> {
    let mut command = Command::new("python3");
    command.args(["-c", ATTACK, &process.to_string()]);
    let output = unprivileged(&mut command)
        .output()
        .expect("there is Python");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let tried = said.lines().filter_map(|line| line.split_once(' '));
    let tried: BTreeMap<_, _> = tried
        .map(|(name, outcome)| (name.to_owned(), outcome == "works"))
        .collect();
    assert_eq!(
        tried.len(),
        6,
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    tried
}

#[test]
fn no_process_of_the_same_user_reads_the_memory_of_a_server() {
    // What can be done to any process of that user; where Yama is strict, less.
    let mut sleep = Command::new("sleep");
    let mut other = unprivileged(sleep.arg("60"))
        .spawn()
        .expect("there is sleep");
    let usual = attacked(other.id());
    other.kill().expect("it is ours");
    other.wait().expect("it is ours");
    assert!(
        usual["environ"] && usual["maps"] && usual["fd"],
        "{usual:?}"
    );
    for mode in ["auto", "off"] {
        let service = serve(&["--sandbox", mode]);
        assert_eq!(ask(service.address(), &request()).status, 200);
        let tried = attacked(service.process());
        assert!(tried.values().all(|works| !works), "{mode}: {tried:?}");
        // It still knows its own figures, and answers.
        let metrics = ask(service.admin(), &Request::get("/metrics"));
        let metrics = metrics.text();
        for (figure, least) in [
            ("process_resident_memory_bytes ", 1.0),
            ("process_open_fds ", 1.0),
            ("process_threads ", 1.0),
            // In hundredths, which may not be over yet.
            ("process_cpu_seconds_total ", 0.0),
        ] {
            let mut lines = metrics.lines();
            let value = lines.find_map(|line| line.strip_prefix(figure));
            let value: Option<f64> = value.and_then(|value| value.parse().ok());
            assert!(
                value.is_some_and(|value| value >= least),
                "{mode}: {figure}{value:?}"
            );
        }
        assert_eq!(ask(service.address(), &request()).status, 200);
    }
}

#[test]
fn a_server_over_pipes_is_closed_as_well_and_answers() {
    let mut command = Command::new(PLACE.join("server"));
    command
        .args(["stdio", "--sandbox", "off"])
        .env("A_SECRET", TOKEN);
    let mut server = Server::spawn(unprivileged(&mut command));
    server.open("2025-11-25");
    let tried = attacked(server.process());
    assert!(tried.values().all(|works| !works), "{tried:?}");
    assert!(server.result("tools/list", json!({}))["tools"].is_array());
    assert!(server.close().status.success());
}

/// Lets a command dump as much as it likes, in a folder of its own.
fn dumping(program: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -c unlimited && exec \"$0\" \"$@\"", program])
        .args(arguments);
    unprivileged(&mut command).current_dir(folder);
    command
}

/// Whether a child has not ended; one that has is kept until somebody asks how.
fn is_running(process: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"));
    let state = stat.ok().and_then(|stat| {
        let (_, rest) = stat.rsplit_once(") ")?;
        rest.chars().next()
    });
    !matches!(state, None | Some('Z' | 'X'))
}

#[test]
fn a_crash_leaves_no_core_dump() {
    let folder = PLACE.join("crash");
    fs::create_dir_all(&folder).expect("a folder for temporary files");
    if is_root() {
        chown(&folder, Some(USER), Some(USER)).expect("root may do so");
    }
    let mut other = dumping("sh", &folder, &["-c", "kill -SEGV $$"]);
    let other = other
        .stderr(Stdio::null())
        .status()
        .expect("there is a shell");
    assert!(
        other.core_dumped(),
        "this test needs a system on which others dump: {other:?}"
    );
    for file in fs::read_dir(&folder).expect("a folder") {
        fs::remove_file(file.expect("a file").path()).expect("it can be removed");
    }
    for signal in ["SEGV", "ABRT", "TRAP"] {
        let server = PLACE.join("server");
        let tokens = PLACE.join("tokens");
        let arguments = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--bearer-tokens",
            text(&tokens),
        ];
        let mut command = dumping(text(&server), &folder, &arguments);
        let service = Service::spawn(&mut command);
        assert_eq!(ask(service.address(), &request()).status, 200);
        // More than once: the first time, Rust's handler for overflows of the stack takes it.
        let end = Instant::now() + PATIENCE;
        while is_running(service.process()) {
            assert!(Instant::now() < end, "{signal} does not end it");
            service.signal(signal);
        }
        let status = service.gone().status;
        assert!(status.signal().is_some(), "{signal}: {status:?}");
        assert!(!status.core_dumped(), "{signal}: {status:?}");
        let left = fs::read_dir(&folder).expect("a folder").count();
        assert_eq!(left, 0, "{signal}");
    }
}

/// How often a text is in the memory of a process; nothing if this process may not look.
fn copies(process: u32, text: &str) -> Option<usize> {
    let mut memory = fs::File::open(format!("/proc/{process}/mem")).ok()?;
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).ok()?;
    let ranges = maps.lines().filter_map(|line| {
        let (range, rest) = line.split_once(' ')?;
        let (start, end) = range.split_once('-').filter(|_| rest.starts_with("rw"))?;
        let parse = |text| u64::from_str_radix(text, 16).ok();
        Some((parse(start)?, parse(end)?))
    });
    let mut count = 0;
    for (start, end) in ranges {
        let size = usize::try_from(end - start).expect("it is in memory");
        let mut bytes = vec![0; size];
        if memory.seek(SeekFrom::Start(start)).is_ok() && memory.read_exact(&mut bytes).is_ok() {
            let windows = bytes.windows(text.len());
            count += windows.filter(|window| *window == text.as_bytes()).count();
        }
    }
    Some(count)
}

/// As many copies as one connection may leave: hyper reads into a buffer of 8 KiB, and a request has some 600 bytes. A token is
/// copied nowhere else.
const OF_A_CONNECTION: usize = 8 * 1024 / 500;

#[test]
fn a_token_is_in_memory_only_where_requests_are_read() {
    if !is_root() {
        // Whoever is not root sees nothing, which the first test shows.
        return;
    }
    let mut command = Command::new(PLACE.join("server"));
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--bearer-tokens"])
        .arg(PLACE.join("tokens"));
    let service = Service::spawn(unprivileged(&mut command));
    let count = || copies(service.process(), TOKEN).expect("root may look");
    assert_eq!(count(), 0, "of the file, only a digest is kept");
    let mut conversation = Conversation::connect(service.address());
    for round in 0..5 {
        for _ in 0..200 {
            assert_eq!(conversation.ask(&request()).status, 200);
        }
        let count = count();
        assert!(
            (1..=OF_A_CONNECTION).contains(&count),
            "{round}: {count} copies"
        );
    }
    drop(conversation);
    let requests = 50;
    for _ in 0..requests {
        assert_eq!(ask(service.address(), &request()).status, 200);
    }
    // Connections that ended leave what they had read, until the memory is used again.
    assert!(count() <= 2 * OF_A_CONNECTION, "{} copies", count());
    // Others take its place; nothing else keeps it.
    let other = TOKEN.replace('7', "8");
    let bearer = format!("Bearer {other}");
    for _ in 0..requests {
        let answer = ask(service.address(), &request().set("Authorization", &bearer));
        assert_eq!(answer.status, 401);
    }
    assert!(count() <= OF_A_CONNECTION, "{} copies", count());
    assert!(!service.stop().log.contains(TOKEN));
}
