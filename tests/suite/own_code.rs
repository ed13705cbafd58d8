//! Code of the author's own in a server: what its tools get to know of callers, and what threads that it starts before the server
//! mean for the sandbox.

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http::conversation::{Answer, Conversation, Request, ask, message};
use crate::http::metrics::Metrics;
use crate::project::Project;
use crate::server::STATELESS;
use crate::service::{Gone, Service, folder, refused, serve_with};

const SKILL: &str = "---
name: greeting
description: Greets people. Use when somebody asks for a greeting.
---

# Greets people

Say hello.
";

const MAIN: &str = r#"
use std::process::ExitCode;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, OnceLock};

use http::request::Parts;
use skills_runtime::rmcp::handler::server::common::Extension;
use skills_runtime::rmcp::handler::server::router::tool::{ToolRoute, ToolRouter};
use skills_runtime::rmcp::model::Tool;

skills_runtime::include_bundle!();

/// The way to a thread that is older than the server.
static EARLY: OnceLock<Sender<Sender<bool>>> = OnceLock::new();

struct Own;

async fn headers(Extension(parts): Extension<Parts>) -> String {
    format!("{:?} {:?}", parts.uri, parts.headers)
}

async fn waits() -> String {
    std::future::pending().await
}

async fn early() -> String {
    let (answer, heard) = channel();
    let asked = EARLY.get().is_some_and(|early| early.send(answer).is_ok());
    let reads = asked && heard.recv().unwrap_or(false);
    if reads { "reads".into() } else { "is refused".into() }
}

fn main() -> ExitCode {
    if std::env::var_os("EARLY_THREAD").is_some() {
        let (ask, asked) = channel::<Sender<bool>>();
        std::thread::spawn(move || {
            for answer in asked {
                let _ = answer.send(std::fs::read("/etc/passwd").is_ok());
            }
        });
        let _ = EARLY.set(ask);
    }
    let tool = |name: &'static str| Tool::new(name, "Tells something", Arc::default());
    let router = ToolRouter::new()
        .with_route(ToolRoute::new(tool("headers"), headers))
        .with_route(ToolRoute::new(tool("waits"), waits))
        .with_route(ToolRoute::new(tool("early"), early));
    skills_runtime::server(&BUNDLE).tools(Own, router).run()
}
"#;

/// A server with tools that tell what they see.
static EXECUTABLE: LazyLock<PathBuf> = LazyLock::new(|| {
    Project::new("own-code")
        .depending_on("http = \"1\"")
        .file("src/main.rs", MAIN)
        .skill("greeting", SKILL)
        .build()
});

fn call(tool: &str) -> Request {
    let params = json!({ "name": tool, "arguments": {} });
    Request::call(STATELESS, &json!(1), "tools/call", params)
}

/// What a tool says.
fn said(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = &answer.json()["result"]["content"][0]["text"];
    text.as_str().expect("a text").to_owned()
}

#[test]
fn a_tool_does_not_see_the_credentials_of_its_callers() {
    const TOKEN: &str = "5ae7d0c1f6b34e0f9b1d7a2c3e4f5061";
    let tokens = folder("own-code").join("tokens");
    std::fs::write(&tokens, TOKEN).expect("a file below target/");
    let tokens = tokens.to_str().expect("UTF-8");
    let service = Service::spawn(&mut serve_with(&EXECUTABLE, &["--bearer-tokens", tokens]));
    let seen = |name: &str, value: &str| {
        let request = call("headers")
            .with(name, value)
            .with("X-Request-Id", "this-one")
            .with("Cookie", "session=of-a-browser")
            .with("Proxy-Authorization", "Basic of-a-proxy")
            .with("Accept-Language", "is-for-tools");
        said(&ask(service.address(), &request))
    };
    for seen in [
        seen("Authorization", &format!("Bearer {TOKEN}")),
        seen("aUTHORIZATION", &format!("bearer {TOKEN}")),
        seen("X-API-Key", TOKEN),
    ] {
        assert!(
            seen.contains("this-one") && seen.contains("is-for-tools"),
            "{seen}"
        );
        for secret in [
            TOKEN,
            "of-a-browser",
            "of-a-proxy",
            "authorization",
            "x-api-key",
            "cookie",
        ] {
            assert!(!seen.contains(secret), "{secret} in {seen}");
        }
    }
}

/// Whether a server in this mode has a thread that goes on reading files, and what its log and its health say of the sandbox.
fn with_early_thread(mode: &str) -> (bool, String, String) {
    let mut command = serve_with(&EXECUTABLE, &["--sandbox", mode]);
    let service = Service::with_admin_of(command.env("EARLY_THREAD", "1"));
    let reads = said(&ask(service.address(), &call("early"))) == "reads";
    let health: Value = ask(service.admin(), &Request::get("/health")).json();
    let health = health["components"]["sandbox"]
        .as_str()
        .expect("a text")
        .to_owned();
    (reads, service.stop().log, health)
}

#[test]
fn a_thread_that_is_older_than_the_sandbox_is_told_of_and_not_let_through() {
    const GAP: &str = "but not for the thread that was started before it";
    let (reads, log, health) = with_early_thread("auto");
    // Linux 7.0 closes off all threads; before, this one is as free as ever.
    assert_eq!(log.contains(GAP), reads, "{log}");
    assert_eq!(
        log.contains("[WARN] [server] The sandbox has gaps: landlock"),
        reads,
        "{log}"
    );
    assert_eq!(health.contains(GAP), reads, "{health}");
    let about = Command::new(&*EXECUTABLE)
        .arg("about")
        .env("EARLY_THREAD", "1")
        .output();
    let about = String::from_utf8(about.expect("it runs").stdout).expect("UTF-8");
    assert_eq!(about.contains(GAP), reads, "{about}");
    if reads {
        let mut command = serve_with(
            &EXECUTABLE,
            &["--sandbox", "require", "--admin-listen", "127.0.0.1:0"],
        );
        let Gone { status, log } = refused(command.env("EARLY_THREAD", "1"));
        assert_eq!(status.code(), Some(1), "{log}");
        assert!(
            log.contains("landlock does not hold for the thread that was started before it"),
            "{log}"
        );
        assert!(
            log.contains("start threads from a tool, and none before `run`"),
            "{log}"
        );
    } else {
        assert!(!with_early_thread("require").0);
    }
    // Without it there is nothing to tell.
    let service = Service::with_admin_of(&mut serve_with(&EXECUTABLE, &["--sandbox", "require"]));
    assert_eq!(said(&ask(service.address(), &call("early"))), "is refused");
    assert!(!service.stop().log.contains("gaps"));
}

/// A request keeps the memory that it cost until it is answered or its client is gone.
#[test]
fn a_client_that_takes_its_share_of_the_memory_comes_back_later_and_others_are_answered() {
    let flags = [
        "--max-request-memory",
        "26MiB",
        "--trusted-proxy",
        "127.0.0.1",
    ];
    let service = Service::with_admin_of(&mut serve_with(&EXECUTABLE, &flags));
    // Some eight mebibytes as a tree: two of them are more than one client may have.
    let costly = vec![json!({ "": 1 }); 8_000];
    let call = |tool: &str, client: &str| {
        let mut call = message(STATELESS, &json!(1), "tools/call", json!({ "name": tool }));
        call["params"]["_meta"]["com.example/costly"] = costly.clone().into();
        Request::message(STATELESS, &call).with("X-Forwarded-For", client)
    };
    let (client, other) = ("192.0.2.1", "192.0.2.2");
    let mut waiting = Conversation::connect(service.address());
    waiting.write(&call("waits", client).bytes());
    let until = |status: u16| {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let answer = ask(service.address(), &call("list_skills", client));
            if answer.status == status {
                return answer;
            }
            assert!(Instant::now() < end, "{status}: {}", answer.text());
        }
    };
    let refused = until(503);
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert!(Metrics::of(&service).refused("request_memory_per_client") > 0);
    let of_other = ask(service.address(), &call("list_skills", other));
    assert_eq!(
        of_other.status, 200,
        "another client has a share of its own"
    );
    let small = Request::call(STATELESS, &json!(1), "tools/list", json!({}));
    let small = ask(service.address(), &small.with("X-Forwarded-For", client));
    assert_eq!(small.status, 200, "a request that costs little is answered");
    drop(waiting);
    until(200);
}
