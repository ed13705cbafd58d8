//! Who may do what: a server with skills that not everybody may see, asked by callers of all kinds.

mod access;
mod keys;
mod limits;
mod load;
mod pages;
mod record;
mod reload;
mod shared;
mod tiers;
mod twins;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;
use std::{fs, str};

use serde_json::{Value, json};

use crate::http::conversation::{Answer, Request, ask};
use crate::installation::TARGET;
use crate::project::Project;
use crate::server::STATELESS;
use crate::service::{Service, serve_with};

/// A server of three skills: one for everybody, one for staff, one for those who pay people.
pub(crate) static EXECUTABLE: LazyLock<PathBuf> = LazyLock::new(|| {
    let access = "[access]\n\"internal/**\" = \"staff\"\n\"internal/payroll\" = [\"payroll\"]\n";
    Project::new("guarded")
        .file("skills.toml", access)
        .skill("greeting", &document("greeting", "Greets people"))
        .skill(
            "internal/onboarding",
            &document("onboarding", "Lets new people in"),
        )
        .skill("internal/payroll", &document("payroll", "Pays people"))
        .file(
            "skills/internal/payroll/references/dates.md",
            "# Dates\n\nThe last day.\n",
        )
        .build()
});

fn document(name: &str, what: &str) -> String {
    let more = if name == "payroll" {
        "See [the dates](references/dates.md)."
    } else {
        "Do it with care."
    };
    format!(
        "---\nname: {name}\ndescription: {what}. Use when somebody asks for {name}.\n---\n\n# {what}\n\n{more}\n"
    )
}

/// A server with these flags.
fn start(flags: &[&str]) -> Service {
    Service::spawn(&mut serve_with(&EXECUTABLE, flags))
}

/// One with metrics, too.
fn with_admin(flags: &[&str]) -> Service {
    Service::with_admin_of(&mut serve_with(&EXECUTABLE, flags))
}

fn folder(test: &str) -> PathBuf {
    let folder = Path::new(TARGET).join("guard").join(test);
    fs::create_dir_all(&folder).expect("a folder below target/");
    folder
}

/// A file in a folder of this test.
fn file(test: &str, name: &str, contents: &str) -> PathBuf {
    let path = folder(test).join(name);
    fs::write(&path, contents).expect("a file below target/");
    path
}

/// A path of a file of this test that is not there.
fn no_file(test: &str, name: &str) -> PathBuf {
    let path = folder(test).join(name);
    // One of an earlier run.
    let _ = fs::remove_file(&path);
    path
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// Runs `keys`, which succeeds; what it prints.
fn keys(file: &Path, words: &[&str]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = keys_command(file, words).output().expect("it runs");
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).expect("UTF-8")
}

fn keys_command(file: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(&*EXECUTABLE);
    command
        .arg("keys")
        .args(words)
        .args(["--api-keys", text(file)]);
    command
}

/// A new key.
fn new_key(file: &Path, words: &[&str]) -> String {
    let words = [&["new"], words].concat();
    keys(file, &words).trim().to_owned()
}

fn request(method: &str, params: Value) -> Request {
    Request::call(STATELESS, &json!(1), method, params)
}

fn read(uri: &str) -> Request {
    request("resources/read", json!({ "uri": uri }))
}

fn ask_as(service: &Service, token: &str, request: Request) -> Answer {
    let bearer = format!("Bearer {token}");
    ask(service.address(), &request.with("Authorization", &bearer))
}
