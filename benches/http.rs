//! What serving over HTTP costs, beside two peers in the same run: `floor`, which is hyper answering every request with the
//! bytes of a file, and `plain`, which is rmcp with one skill in a constant.
//!
//! `cargo bench --bench http` needs wrk (Debian: `apt install wrk`), which makes the load: 32 connections, on the cores that
//! the servers run on. It builds the servers: the peers, and ours with 1 and with 1,000 generated skills. They take turns, so
//! that what disturbs the machine disturbs them all; ratios are of medians. The floor sends what our server answered.
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
#[path = "measure/workload.rs"]
mod workload;

use std::error::Error;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use figures::{Table, megabytes};
use http_server::{Load, Server};
use workload::{DOCUMENT, Workload, cargo, target, write};

/// How often each server bears a load.
const ROUNDS: usize = 5;

const URI: &str = "skill://sample-0000/SKILL.md";

fn main() -> Result<(), Box<dyn Error>> {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers");
    cargo(&peers, &["build", "--quiet", "--release", "--locked"])?;
    let one = Workload::new(1)?.build("release")?;
    let many = Workload::new(1_000)?.build("release")?;
    let read = Load::new("resources/read", Some(URI), json!({ "uri": URI }));
    let list = Load::new("skills/list", None, json!({}));
    for table in compare(
        "resources/read of 7 KB",
        &read,
        &[
            ("1 skill", &one),
            ("1,000 skills", &many),
            ("plain", &peer("http-plain")),
        ],
    )? {
        print!("{}", table.text());
    }
    for table in compare(
        "skills/list, first page of 1,000 skills",
        &list,
        &[("1,000 skills", &many)],
    )? {
        print!("{}", table.text());
    }
    Ok(())
}

fn peer(name: &str) -> PathBuf {
    target().join("release").join(name)
}

/// The servers beside the floor, which answers with what the first of them answers.
fn compare(
    title: &str,
    load: &Load,
    programs: &[(&str, &PathBuf)],
) -> Result<Vec<Table>, Box<dyn Error>> {
    let table =
        |what: &str, unit| Table::new(&format!("{title}: {what}"), unit, &["floor", "plain"]);
    let mut throughput = table("32 connections", "1/s");
    let mut processor = table("processor time of a request", "µs");
    let mut typical = table("32 connections, p50", "ms");
    let mut slow = table("32 connections, p99", "ms");
    let mut resident = table("resident memory (VmRSS) after it", "MB");
    let answer = target().join("tmp/http-answer.json");
    for (number, (name, program)) in programs.iter().enumerate() {
        let server = Server::start(program, &serve())?;
        let body = server.ask(load)?;
        check(name, &body)?;
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
        for (name, program) in programs {
            measure(name, Server::start(program, &serve())?)?;
        }
    }
    Ok(vec![throughput, processor, typical, slow, resident])
}

/// How our servers are started; the peers do not look at it.
fn serve() -> Vec<String> {
    ["serve", "--listen", "127.0.0.1:0"]
        .map(str::to_owned)
        .to_vec()
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
