//! What serving over HTTP costs, beside peers in the same run: `floor`, which is hyper answering every request with the
//! bytes of a file, `plain`, which is rmcp with one skill in a constant, and where Python and Node.js are there, `fastmcp` and
//! `typescript`, the official SDK, which are the same in one process each, as they are started by default.
//!
//! `cargo bench --bench http` needs wrk (Debian: `apt install wrk`), which makes the load: 32 connections, on the cores that
//! the servers run on. It builds the servers: the peers, and ours with 1 and with 1,000 generated skills. They take turns, so
//! that what disturbs the machine disturbs them all; ratios are medians of those of each round. The floor sends what our
//! server answered.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench starts programs, takes the time and prints what it found"
)]

#[path = "measure/figures.rs"]
#[expect(dead_code, reason = "durations are what wrk measures here")]
mod figures;
#[path = "measure/http_server.rs"]
mod http_server;
#[path = "measure/interpreted.rs"]
mod interpreted;
#[path = "measure/issuer.rs"]
mod issuer;
#[path = "measure/workload.rs"]
mod workload;

use std::error::Error;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use figures::{Table, megabytes};
use http_server::{Load, Server};
use interpreted::Program;
use workload::{DOCUMENT, Workload, cargo, target, write};

/// How often each server bears a load.
const ROUNDS: usize = 9;

const URI: &str = "skill://sample-0000/SKILL.md";

fn main() -> Result<(), Box<dyn Error>> {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers");
    cargo(&peers, &["build", "--quiet", "--release", "--locked"])?;
    let one = Workload::new(1)?.build("release")?;
    let many = Workload::new(1_000)?.build("release")?;
    let read = Load::new("resources/read", Some(URI), json!({ "uri": URI }));
    let list = Load::new("skills/list", None, json!({}));
    let (one, many) = (built("1 skill", one), built("1,000 skills", many));
    let mut programs = vec![
        one.clone(),
        many.clone(),
        built("plain", peer("http-plain")),
    ];
    programs.extend(interpreted::programs());
    for table in compare("resources/read of 7 KB", &read, &programs)? {
        print!("{}", table.text());
    }
    let title = "skills/list, first page of 1,000 skills";
    for table in compare(title, &list, &[many])? {
        print!("{}", table.text());
    }
    let granted = read.with("Authorization", &format!("Bearer {}", issuer::TOKEN));
    let open = Program {
        name: "open",
        ..one.clone()
    };
    let mut guarded = Program {
        name: "1 skill, access token",
        ..one
    };
    let policy = issuer::policy()?.to_string_lossy().into_owned();
    guarded.arguments.extend(["--policy".to_owned(), policy]);
    let title = "resources/read of 7 KB with a token";
    for table in compare(title, &granted, &[open, guarded])? {
        print!("{}", table.text());
    }
    Ok(())
}

fn peer(name: &str) -> PathBuf {
    target().join("release").join(name)
}

/// A server that cargo has built: one of ours, or a peer, which does not look at its arguments.
fn built(name: &'static str, path: PathBuf) -> Program {
    let arguments = ["serve", "--listen", "127.0.0.1:0"];
    Program {
        name,
        path,
        arguments: arguments.map(str::to_owned).to_vec(),
    }
}

/// The servers beside the floor, which answers with what the first of them answers. Ratios are to all that are not ours.
fn compare(title: &str, load: &Load, programs: &[Program]) -> Result<Vec<Table>, Box<dyn Error>> {
    let names = programs.iter().map(|program| program.name);
    let peers = names.filter(|name| !name.contains("skill"));
    let against: Vec<_> = std::iter::once("floor").chain(peers).collect();
    let table = |what: &str, unit| Table::new(&format!("{title}: {what}"), unit, &against);
    let mut throughput = table("32 connections", "1/s");
    let mut processor = table("processor time of a request", "µs");
    let mut typical = table("32 connections, p50", "ms");
    let mut slow = table("32 connections, p99", "ms");
    let mut resident = table("resident memory (VmRSS) after it", "MB");
    let answer = target().join("tmp/http-answer.json");
    for (number, program) in programs.iter().enumerate() {
        let server = Server::start(&program.path, &program.arguments)?;
        let body = server.ask(load)?;
        check(program.name, &body)?;
        if number == 0 {
            write(&answer, &body)?;
        }
    }
    let floor = peer("http-floor");
    let floor_arguments = [answer.to_string_lossy().into_owned()];
    for _ in 0..ROUNDS {
        let mut measure = |name: &str, server: Server| -> Result<(), Box<dyn Error>> {
            let before = server.processor_time();
            let figures = server.bear(load)?;
            let spent = server.processor_time().saturating_sub(before);
            throughput.add(name, figures.requests_per_second);
            processor.add(name, spent.as_secs_f64() * 1e6 / figures.requests);
            typical.add(name, figures.p50_ms);
            slow.add(name, figures.p99_ms);
            resident.add(name, megabytes(&server.id(), "status", "VmRSS"));
            Ok(())
        };
        measure("floor", Server::start(&floor, &floor_arguments)?)?;
        for program in programs {
            let server = Server::start(&program.path, &program.arguments)?;
            measure(program.name, server)?;
        }
    }
    Ok(vec![throughput, processor, typical, slow, resident])
}

/// Makes sure that a program does the work that is compared.
fn check(name: &str, body: &[u8]) -> Result<(), Box<dyn Error>> {
    let answer: Value = serde_json::from_slice(body)?;
    let text = answer.pointer("/result/contents/0/text");
    let is_document = text.is_some_and(|text| text == DOCUMENT);
    if is_document || answer.pointer("/result/skills").is_some() {
        return Ok(());
    }
    Err(format!("{name} does not serve what it should: {answer}").into())
}
