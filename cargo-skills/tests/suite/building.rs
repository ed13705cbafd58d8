//! `build`, `dev`, and projects that are built: from a folder of skills to a server that answers. All share two target
//! directories below `target/`, so that the dependencies are compiled once.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Value, json};

use crate::folder::{BAD, Folder, GOOD};
use crate::process::{EXECUTABLE, Run, command, run};
use crate::watcher::Watcher;

const TARGET: &str = env!("CARGO_TARGET_TMPDIR");

/// Everything that any feature of the libraries needs, downloaded once: what is built here is built without a network, and the
/// workspace itself does not need all of it.
static DOWNLOADED: LazyLock<()> = LazyLock::new(|| {
    let fetched = Command::new(env!("CARGO"))
        .args(["fetch", "--quiet", "--locked"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .status();
    assert!(fetched.expect("cargo starts").success());
});

/// What takes long and changes nothing here: macros and build scripts that are optimised, and what debuggers want.
const QUICK: [(&str, &str); 2] = [
    ("CARGO_PROFILE_DEV_BUILD_OVERRIDE_OPT_LEVEL", "0"),
    ("CARGO_PROFILE_DEV_DEBUG", "0"),
];

/// `cargo skills` with a cache that all tests share. The smallest server is enough for most.
fn building(folder: &Folder, arguments: &[&str]) -> Command {
    LazyLock::force(&DOWNLOADED);
    let mut command = command(folder, arguments);
    command
        .env("XDG_CACHE_HOME", Path::new(TARGET).join("cache"))
        .envs(QUICK)
        .env_remove("RUSTFLAGS");
    command
}

fn build(folder: &Folder, arguments: &[&str]) -> Run {
    let all = [&["build", "--offline", "--features", "none"], arguments].concat();
    building(folder, &all).output().expect("it starts").into()
}

/// cargo in a project, with a target directory that all tests share.
fn cargo(project: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments);
    shared(&mut command, project)
        .output()
        .expect("cargo starts")
}

fn shared<'a>(command: &'a mut Command, project: &Path) -> &'a mut Command {
    LazyLock::force(&DOWNLOADED);
    command
        .current_dir(project)
        .env("CARGO_TARGET_DIR", Path::new(TARGET).join("projects"))
        .env("CARGO_NET_OFFLINE", "true")
        .envs(QUICK)
        .env_remove("CARGO_MANIFEST_DIR")
        .env_remove("SKILLS_LINTS")
        .env_remove("RUSTFLAGS")
        .stdin(Stdio::null())
}

#[track_caller]
fn printed(output: Output) -> String {
    let run = Run::from(output);
    assert_eq!(run.code, Some(0), "{run:?}");
    run.stdout
}

/// What a program prints.
#[track_caller]
fn say(program: &Path, arguments: &[&str]) -> String {
    printed(
        Command::new(program)
            .args(arguments)
            .output()
            .expect("it starts"),
    )
}

/// What a server over pipes answers to requests, each by its id.
fn ask(server: &Path, requests: &[Value]) -> Vec<Value> {
    let mut child = Command::new(server)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    for request in requests {
        writeln!(stdin, "{request}").expect("it reads");
    }
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let lines = String::from_utf8(output.stdout).expect("it is text");
    let mut answers: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    answers.sort_by_key(|answer| answer["id"].as_u64());
    answers
}

/// A request of the protocol in which each stands alone.
fn request(id: u64, method: &str, mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

fn call(id: u64, tool: &str, arguments: &Value) -> Value {
    request(
        id,
        "tools/call",
        json!({ "name": tool, "arguments": arguments }),
    )
}

#[test]
fn a_folder_becomes_one_static_file_that_needs_nothing() {
    let folder = Folder::empty();
    folder.write("mes compétences/pdf/SKILL.md", GOOD.as_bytes());
    let first = build(&folder, &["mes compétences", "-o", "out/acme"]);
    assert_eq!(first.code, Some(0), "{first:?}");
    assert!(first.stderr.contains("out/acme: "), "{first:?}");
    assert!(first.stderr.contains(" MB, static, for "), "{first:?}");
    let server = folder.path("out/acme");
    assert!(say(&server, &["list"]).contains("pdf"));
    assert_eq!(&say(&server, &["about"])[..5], "acme ");

    // In a root with nothing else in it.
    let empty = folder.path("empty");
    fs::create_dir(&empty).expect("a folder");
    fs::copy(&server, empty.join("acme")).expect("it can be copied");
    let alone = |program: &str, before: &[&str]| {
        let mut command = Command::new(program);
        command
            .args(before)
            .arg(&empty)
            .args(["/acme", "show", "pdf", "--raw"]);
        command.output()
    };
    let as_root = alone("chroot", &[]).expect("chroot starts");
    let shown = if as_root.status.success() {
        as_root
    } else {
        alone("unshare", &["--map-root-user", "chroot"]).expect("unshare starts")
    };
    assert_eq!(printed(shown), GOOD);

    // Nobody sees where it was made.
    let bytes = fs::read(&server).expect("it is there");
    let place = folder.root().display().to_string();
    let held = bytes
        .windows(place.len())
        .any(|window| window == place.as_bytes());
    assert!(!held, "{place} is in the executable");
}

#[test]
fn a_folder_is_built_and_shipped_in_one_step() {
    let folder = Folder::empty();
    folder.write("skills/pdf/SKILL.md", GOOD.as_bytes());
    let arguments = "build skills -o acme --release --dist out --offline --features none";
    let words: Vec<_> = arguments.split(' ').collect();
    // What a release is optimised with costs minutes and changes nothing here.
    let output = building(&folder, &words)
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256")
        .env("CARGO_PROFILE_RELEASE_BUILD_OVERRIDE_OPT_LEVEL", "0")
        .output();
    let run = Run::from(output.expect("it starts"));
    assert_eq!(run.code, Some(0), "{run:?}");
    let sums = folder.read("out/SHA256SUMS");
    let names: Vec<_> = sums.lines().filter_map(|line| line.get(66..)).collect();
    for name in ["acme", "sbom.cdx.json", "provenance.intoto.json"] {
        assert!(names.contains(&name), "{sums}");
    }
    let bill = folder.read("out/sbom.cdx.json");
    assert!(
        bill.contains("pkg:cargo/tokio@"),
        "the crates are known: {bill}"
    );
    let mut check = Command::new("sha256sum");
    check.args(["--check", "--strict", "--quiet", "SHA256SUMS"]);
    let checked = check.current_dir(folder.path("out")).output();
    assert_eq!(printed(checked.expect("sha256sum starts")), "");
    let [placed, shipped] = ["acme", "out/acme"].map(|path| fs::read(folder.path(path)));
    assert!(placed.expect("it is there") == shipped.expect("it is there"));
}

#[test]
fn a_broken_skill_leaves_the_last_server_alone() {
    let folder = Folder::empty();
    folder.write("skills/pdf/SKILL.md", GOOD.as_bytes());
    assert_eq!(build(&folder, &["skills", "-o", "acme"]).code, Some(0));
    let before = fs::read(folder.path("acme")).expect("it is there");
    folder.write("skills/pdf/SKILL.md", BAD.as_bytes());
    let second = build(&folder, &["skills", "-o", "acme"]);
    assert_eq!(second.code, Some(1), "{second:?}");
    assert!(
        second.stdout.contains("SK005") && second.stdout.contains("skills/pdf/SKILL.md:3"),
        "{second:?}"
    );
    assert!(fs::read(folder.path("acme")).expect("it is there") == before);
}

#[test]
fn what_cannot_be_built_says_why() {
    let folder = Folder::of(GOOD);
    folder.write(
        "library/Cargo.toml",
        b"[package]\nname = \"library\"\n[lib]\npath = \"lib.rs\"\n[workspace]\n",
    );
    folder.write("library/lib.rs", b"");
    for (arguments, reason, advice) in [
        (
            &["nowhere"][..],
            "`nowhere` cannot be read",
            "name a folder",
        ),
        (&["skills/pdf/SKILL.md"], "cannot be read", "name a folder"),
        (
            &["skills", "--target", "sparc-sun-moon"],
            "no standard library for the target",
            "rustup target add",
        ),
        (&["library"], "has 0 executables", "cargo skills new"),
        (
            &["skills", "-o", "skills"],
            "`skills` cannot be written",
            "writable",
        ),
    ] {
        let run = build(&folder, arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}: {run:?}");
        assert!(
            run.stderr.contains(reason) && run.stderr.contains(advice),
            "{run:?}"
        );
    }
    let said = run(&folder, &["build", "skills", "--features", "htp"]).refused();
    assert!(
        said.contains("`htp`") && said.contains("did you mean `http`?"),
        "{said}"
    );
}

#[test]
fn the_template_passes_its_own_ci() {
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template");
    let mut script = Command::new("./ci.sh");
    script.args(["--locked"]);
    let listed = printed(shared(&mut script, &template).output().expect("it starts"));
    assert!(listed.contains("decision-record"), "{listed}");
}

#[test]
fn a_new_project_builds_wherever_it_is_and_whatever_it_calls_its_libraries() {
    let folder = Folder::of(GOOD);
    run(
        &folder,
        &["new", "à côté/renamed-libraries", "--skills", "skills"],
    )
    .clean();
    let project = folder.path("à côté/renamed-libraries");
    for (file, before, after) in [
        (
            "Cargo.toml",
            "skills-runtime = { ",
            "server = { package = \"skills-runtime\", ",
        ),
        (
            "Cargo.toml",
            "skills-compiler = \"0.1.0\"",
            "compiler = { package = \"skills-compiler\", version = \"0.1.0\" }",
        ),
        ("src/main.rs", "skills_runtime::", "server::"),
        ("build.rs", "skills_compiler::", "compiler::"),
    ] {
        let text = fs::read_to_string(project.join(file)).expect("it is there");
        assert!(text.contains(before), "{text}");
        fs::write(project.join(file), text.replace(before, after)).expect("it can be written");
    }
    let listed = printed(cargo(&project, &["run", "--quiet", "--", "list"]));
    assert!(listed.contains("pdf"), "{listed}");
}

/// A file of a page of the documentation, by its first line.
fn documented(page: &str, file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../docs")
        .join(page);
    let page = fs::read_to_string(path).expect("the page is there");
    let opening = format!("```rust\n// {file}\n");
    let block = page
        .split(&*opening)
        .nth(1)
        .expect("the file is on the page");
    block.split("```").next().expect("it ends").to_owned()
}

/// A new project with other files.
fn project(folder: &Folder, name: &str, files: &[(&str, &str)]) -> PathBuf {
    run(folder, &["new", name, "--skills", "skills"]).clean();
    let project = folder.path(name);
    for (file, text) in files {
        fs::write(project.join(file), text).expect("it can be written");
    }
    let manifest = fs::read_to_string(project.join("Cargo.toml")).expect("it is there");
    let manifest = manifest.replace("\"tls\"] }", "\"tls\", \"tools\"] }").replace(
        "[build-dependencies]",
        "schemars = \"1\"\nserde = { version = \"1\", features = [\"derive\"] }\n[build-dependencies]",
    );
    fs::write(project.join("Cargo.toml"), manifest).expect("it can be written");
    project
}

/// The executable of a project, in which rustc finds nothing that one could do without.
fn built(project: &Path, name: &str) -> PathBuf {
    let run = Run::from(cargo(project, &["build", "--quiet"]));
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    Path::new(TARGET).join("projects/debug").join(name)
}

#[test]
fn tools_of_the_author_are_called_beside_those_for_skills() {
    let folder = Folder::of(GOOD);
    let mut tools = documented("extend.md", "src/tools.rs");
    let last = tools.rfind('}').expect("an end");
    tools.replace_range(
        last..,
        "    /// Panics.\n    #[tool]\n    async fn panics(&self) -> String {\n        tokio_less()\n    }\n}\n\nfn tokio_less() -> String {\n    panic!(\"by design\")\n}\n",
    );
    let main = documented("extend.md", "src/main.rs");
    let with_tools = project(
        &folder,
        "own-tools",
        &[("src/tools.rs", &tools), ("src/main.rs", &main)],
    );
    let server = built(&with_tools, "own-tools");
    let answers = ask(
        &server,
        &[
            request(1, "tools/list", json!({})),
            call(2, "weeks", &json!({ "days": 13 })),
            call(3, "panics", &json!({})),
            call(4, "weeks", &json!({ "days": "x" })),
            call(5, "read_skill", &json!({ "skill": "pdf" })),
            call(6, "weecks", &json!({})),
        ],
    );
    let [tools, weeks, panics, wrong, skill, unknown] = &answers[..] else {
        panic!("{answers:?}");
    };
    let names: Vec<_> = tools["result"]["tools"]
        .as_array()
        .expect("tools")
        .iter()
        .map(|tool| tool["name"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "list_skills",
            "read_skill",
            "read_skill_file",
            "panics",
            "weeks"
        ]
        .map(Some)
    );
    assert_eq!(weeks["result"]["content"][0]["text"], "2 weeks, 3 days");
    assert_eq!(
        weeks["result"]["_meta"]["io.modelcontextprotocol/serverInfo"]["name"],
        "own-tools"
    );
    assert_eq!(panics["error"]["code"], -32603, "{panics}");
    assert_eq!(wrong["result"]["isError"], true, "{wrong}");
    assert!(
        skill["result"]["content"][0]["text"]
            .as_str()
            .is_some_and(|text| text.contains("Open the form")),
        "{skill}"
    );
    assert_eq!(unknown["error"]["code"], -32602, "{unknown}");
    assert!(
        unknown["error"]["message"]
            .as_str()
            .is_some_and(|text| text.contains("weeks")),
        "{unknown}"
    );

    let twice = main.replace(
        ".run()",
        ".tools(tools::Workdays, tools::Workdays::tool_router())\n        .run()",
    );
    fs::write(with_tools.join("src/main.rs"), twice).expect("it can be written");
    let server = built(&with_tools, "own-tools");
    let refused = Run::from(
        Command::new(&server)
            .arg("list")
            .output()
            .expect("it starts"),
    );
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.stderr.contains("two tools are called `panics`"),
        "{refused:?}"
    );
}

/// Names of tools that are one in some respect, or taken.
const HARD_NAMES: [&str; 11] = [
    "get_weather",
    "get_2d",
    "get2d",
    "default",
    "tool_router",
    "clone",
    "x",
    "x_tool_attr",
    "type",
    "TYPE",
    "self",
];

#[test]
fn an_imported_tool_is_an_error_of_the_build_until_it_is_written() {
    let folder = Folder::of(GOOD);
    let mut tools = vec![json!({
        "name": "get-weather", "description": "Weather", "handler": "./handlers/weather.js",
        "inputSchema": {
            "type": "object",
            "properties": { "city": { "type": "string" }, "maxDays": { "type": "integer" } },
            "required": ["city"],
        },
    })];
    // What rustc and the macros of rmcp would stumble over.
    tools.extend(HARD_NAMES.map(|name| {
        json!({
            "name": name, "description": "a\rb\u{202e}c",
            "inputSchema": { "properties": { "x": { "description": "a\rb\u{202e}c \"d\" */" } } },
        })
    }));
    let configuration = json!({ "tools": tools }).to_string();
    folder.write("config.json", configuration.as_bytes());
    run(&folder, &["import", "config.json", "-o", "imported-tools"]).clean();
    let project = folder.path("imported-tools");
    let before = cargo(&project, &["build"]);
    let said = String::from_utf8_lossy(&before.stderr);
    assert!(!before.status.success());
    assert!(
        said.contains(
            "the tool `get-weather` has no body yet: do here what ./handlers/weather.js did"
        ),
        "{said}"
    );
    let tools = fs::read_to_string(project.join("src/tools.rs")).expect("it is there");
    let mut bodies =
        vec!["Ok(format!(\"rain in {} for {:?}\", _arguments.city, _arguments.max_days))"];
    bodies.resize(1 + HARD_NAMES.len(), "Ok(format!(\"{:?}\", _arguments.x))");
    let mut bodies = bodies.into_iter();
    let lines = tools.lines().map(|line| {
        let is_missing = line.trim().starts_with("compile_error!");
        let body = is_missing.then(|| bodies.next().expect("a body for each tool"));
        body.unwrap_or(line)
    });
    let tools = lines.collect::<Vec<_>>().join("\n");
    assert_eq!(bodies.next(), None);
    fs::write(project.join("src/tools.rs"), tools).expect("it can be written");
    let server = built(&project, "imported-tools");
    let answers = ask(
        &server,
        &[call(
            1,
            "get-weather",
            &json!({ "city": "Oslo", "maxDays": 3 }),
        )],
    );
    assert_eq!(
        answers[0]["result"]["content"][0]["text"], "rain in Oslo for Some(3)",
        "{answers:?}"
    );
}

/// What a server sends for a path.
fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .expect("a time");
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

/// Waits for the server that is announced next.
fn address(watcher: &Watcher) -> String {
    let line = watcher.wait_for("Serving MCP at http://");
    let rest = line.split("http://").nth(1).expect("an address");
    rest.split("/mcp").next().expect("an address").to_owned()
}

const INDEX: &str = "/.well-known/agent-skills/index.json";

#[test]
fn dev_goes_on_with_the_last_good_server_while_a_skill_is_broken() {
    let folder = Folder::of(GOOD);
    let good = folder.read("skills/pdf/SKILL.md");
    let watcher = Watcher::start(building(
        &folder,
        &[
            "dev",
            "skills",
            "--offline",
            "--features",
            "http",
            "--",
            "--listen",
            "127.0.0.1:0",
        ],
    ));
    let first = address(&watcher);
    assert!(get(&first, INDEX).contains("Fills PDF forms"));

    folder.write(
        "skills/pdf/SKILL.md",
        good.replace("Fills PDF", "Fills: PDF").as_bytes(),
    );
    watcher.wait_for("the last good build goes on serving");
    assert!(get(&first, INDEX).contains("Fills PDF forms"));

    folder.write(
        "skills/pdf/SKILL.md",
        good.replace("Fills PDF", "Prints PDF").as_bytes(),
    );
    let second = address(&watcher);
    assert!(get(&second, INDEX).contains("Prints PDF forms"));

    // Gone for a while, and back.
    let [here, away] = ["skills", "away"].map(|path| folder.path(path));
    fs::rename(&here, &away).expect("it can be renamed");
    watcher.wait_for("the last good build goes on serving");
    folder.write(
        "away/pdf/SKILL.md",
        good.replace("Fills PDF", "Signs PDF").as_bytes(),
    );
    fs::rename(&away, &here).expect("it can be renamed");
    let third = address(&watcher);
    assert!(get(&third, INDEX).contains("Signs PDF forms"));
    folder.write("skills/pdf/SKILL.md", good.as_bytes());
    let second = address(&watcher);
    assert!(get(&second, INDEX).contains("Fills PDF forms"));

    let pid = watcher.child.id().to_string();
    assert!(
        Command::new("kill")
            .arg(&pid)
            .status()
            .expect("kill starts")
            .success()
    );
    watcher.wait_for_end();
    assert!(
        TcpStream::connect(&second).is_err(),
        "the server is left behind"
    );
}

/// Guides whose commands are run one after the other, each in a folder of its own with the skills of this repository.
const GUIDES: [&str; 3] = ["quickstart.md", "authors.md", "ci.md"];

/// What a test does otherwise: installing has happened, what does not end has a test of its own, and what optimises or brings in
/// much takes minutes.
const OTHERWISE: [(&str, &str); 5] = [
    ("-o acme-skills", "-o acme-skills --features install"),
    (" --release", ""),
    (" --locked", ""),
    (" --target x86_64-unknown-linux-musl", ""),
    ("cargo skills", "\"$SKILLS\" skills"),
];

#[test]
fn every_command_of_the_guides_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for guide in GUIDES {
        let folder = Folder::empty();
        if guide == "ci.md" || guide == "authors.md" {
            // These begin in a project.
            run(
                &folder,
                &[
                    "new",
                    "project",
                    "--skills",
                    &root.join("skills").display().to_string(),
                ],
            )
            .clean();
        }
        let place = folder.path("project");
        if !place.exists() {
            let copied = Command::new("cp")
                .arg("-R")
                .arg(root.join("skills"))
                .arg(folder.root())
                .status();
            assert!(copied.expect("cp starts").success());
        }
        let page = fs::read_to_string(root.join("docs").join(guide)).expect("the guide is there");
        let blocks = page
            .split("```sh\n")
            .skip(1)
            .filter_map(|block| block.split("```").next());
        let lines = blocks.flat_map(str::lines);
        let lines: Vec<_> = lines
            .filter(|line| !line.starts_with("cargo install") && !line.contains("skills dev"))
            .map(|line| {
                OTHERWISE
                    .iter()
                    .fold(line.to_owned(), |line, (before, after)| {
                        line.replace(before, after)
                    })
            })
            .collect();
        assert!(lines.len() >= 4, "{guide}: {lines:?}");
        let mut script = Command::new("sh");
        script.args(["-euxc", &lines.join("\n")]);
        shared(
            &mut script,
            if place.exists() {
                &place
            } else {
                folder.root()
            },
        )
        .env("SKILLS", EXECUTABLE)
        // Hosts are configured in a home of their own; cargo and rustup stay where they are.
        .envs(homes())
        .env("HOME", folder.root())
        .env("XDG_CACHE_HOME", Path::new(TARGET).join("cache"));
        let output = Run::from(script.output().expect("sh starts"));
        assert_eq!(
            output.code,
            Some(0),
            "{guide}: {}{}",
            output.stdout,
            output.stderr
        );
    }
}

/// Where cargo and rustup are, said outright.
fn homes() -> [(&'static str, PathBuf); 2] {
    let home = PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
    [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")].map(|(variable, usual)| {
        let said = std::env::var_os(variable).map(PathBuf::from);
        (variable, said.unwrap_or_else(|| home.join(usual)))
    })
}
