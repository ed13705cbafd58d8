//! What serving costs, beside two peers in the same run: `floor`, which answers every line with constant bytes, and
//! `plain`, which is rmcp used as its documentation shows, with one skill in a constant.
//!
//! `cargo bench --bench serving` builds what it needs: the reference server, the peers, and servers with 1 and with 1,000
//! generated skills. The programs take turns, so that what disturbs the machine disturbs them all; ratios are medians of
//! those of each round.
#![expect(
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench starts programs, takes the time and prints what it found"
)]

#[path = "measure/client.rs"]
mod client;
#[path = "measure/figures.rs"]
mod figures;
#[path = "measure/workload.rs"]
mod workload;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::json;

use client::{Era, Server};
use figures::{Table, megabytes, milliseconds};
use workload::{DOCUMENT, Workload, cargo, target};

/// How often each program is started.
const STARTS: usize = 101;

/// How often each program serves a load, of how many requests.
const ROUNDS: usize = 7;
const SERIAL: usize = 2_000;
const PIPELINED: usize = 20_000;
const PAGES: usize = 300;

const URI: &str = "skill://sample-0000/SKILL.md";

/// A program and the name of its rows.
struct Program {
    name: &'static str,
    path: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let programs = build()?;
    // The reference server has other skills, so it is measured where the skill does not matter.
    let comparable: Vec<_> = programs
        .iter()
        .filter(|program| program.name != "reference")
        .collect();
    check(&comparable)?;
    for table in starts(&programs)? {
        print!("{}", table.text());
    }
    for era in Era::ALL {
        for table in reads(&comparable, era)? {
            print!("{}", table.text());
        }
    }
    print!("{}", pages(&comparable)?.text());
    Ok(())
}

/// Builds all programs as they are released.
fn build() -> Result<Vec<Program>, Box<dyn Error>> {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers");
    cargo(&peers, &["build", "--quiet", "--release", "--locked"])?;
    let peer = |name: &'static str| {
        let path = target().join("release").join(name);
        Program { name, path }
    };
    let generated = |name, skills| -> Result<_, Box<dyn Error>> {
        let path = Workload::new(skills)?.build("release")?;
        Ok(Program { name, path })
    };
    let reference = Program {
        name: "reference",
        path: env!("CARGO_BIN_EXE_skills-server").into(),
    };
    Ok(vec![
        peer("floor"),
        peer("plain"),
        peer("plain-threads"),
        reference,
        generated("1 skill", 1)?,
        generated("1,000 skills", 1_000)?,
    ])
}

/// Makes sure that all programs do the work that is compared.
fn check(programs: &[&Program]) -> Result<(), Box<dyn Error>> {
    for Program { name, path } in programs {
        for era in Era::ALL {
            let mut server = Server::ready(path, era)?;
            let result = server.result(&read(era, 1))?;
            let text = result.pointer("/contents/0/text");
            if text.and_then(|text| text.as_str()) != Some(DOCUMENT) {
                return Err(format!("{name} does not serve the document").into());
            }
            server.stop()?;
        }
    }
    Ok(())
}

fn read(era: Era, id: usize) -> String {
    era.line(id, "resources/read", json!({ "uri": URI }))
}

/// From nothing to the answer to `skills/list`, and what a process has cost then.
fn starts(programs: &[Program]) -> Result<Vec<Table>, Box<dyn Error>> {
    let table = |title, unit| Table::new(title, unit, &["floor", "plain"]);
    let mut time = table("Spawn to the first page of skills/list", "ms");
    let mut processor = table("Processor time of that start", "ms");
    let mut resident = table("Resident memory (VmRSS) after it", "MB");
    let mut anonymous = table("... of which not backed by a file (RssAnon)", "MB");
    let mut shared = table("... proportional to who shares it (Pss)", "MB");
    let request = Era::Stateless.line(1, "skills/list", json!({}));
    for _ in 0..STARTS {
        for Program { name, path } in programs {
            let start = Instant::now();
            let mut server = Server::start(path)?;
            server.ask(&request)?;
            time.add(name, milliseconds(start.elapsed()));
            processor.add(name, milliseconds(server.processor_time()));
            let process = server.id();
            resident.add(name, megabytes(&process, "status", "VmRSS"));
            anonymous.add(name, megabytes(&process, "status", "RssAnon"));
            shared.add(name, megabytes(&process, "smaps_rollup", "Pss"));
            server.stop()?;
        }
    }
    Ok(vec![time, processor, resident, anonymous, shared])
}

/// `resources/read` of a `SKILL.md`: one after the other, and as fast as pipes take them.
fn reads(programs: &[&Program], era: Era) -> Result<Vec<Table>, Box<dyn Error>> {
    let table = |what: &str, unit| {
        let title = format!(
            "resources/read of {} bytes, protocol {}: {what}",
            DOCUMENT.len(),
            era.version()
        );
        Table::new(&title, unit, &["floor", "plain"])
    };
    let mut typical = table("round trip, p50", "µs");
    let mut slow = table("round trip, p99", "µs");
    let mut throughput = table("pipelined", "1/s");
    let mut processor = table("processor time of a pipelined request", "µs");
    let mut resident = table("resident memory (VmRSS) after all that", "MB");
    let lines: Vec<_> = (1..=PIPELINED).map(|id| read(era, id)).collect();
    let serial = lines.get(..SERIAL).unwrap_or_default();
    for _ in 0..ROUNDS {
        for Program { name, path } in programs {
            let mut server = Server::ready(path, era)?;
            let (p50, p99) = server.round_trips(serial)?;
            typical.add(name, p50);
            slow.add(name, p99);
            let before = server.processor_time();
            let elapsed = server.pipeline(&lines)?.as_secs_f64();
            let spent = server.processor_time().saturating_sub(before);
            throughput.add(name, PIPELINED as f64 / elapsed);
            processor.add(name, spent.as_secs_f64() * 1e6 / PIPELINED as f64);
            resident.add(name, megabytes(&server.id(), "status", "VmRSS"));
            server.stop()?;
        }
    }
    Ok(vec![typical, slow, throughput, processor, resident])
}

/// The first page of `skills/list`.
fn pages(programs: &[&Program]) -> Result<Table, Box<dyn Error>> {
    let title = "skills/list, first page (one item of plain and 1 skill), protocol 2026-07-28: round trip, p50";
    let mut table = Table::new(title, "µs", &["floor", "plain"]);
    let lines: Vec<_> = (1..=PAGES)
        .map(|id| Era::Stateless.line(id, "skills/list", json!({})))
        .collect();
    for _ in 0..ROUNDS {
        for Program { name, path } in programs {
            let mut server = Server::ready(path, Era::Stateless)?;
            table.add(name, server.round_trips(&lines)?.0);
            server.stop()?;
        }
    }
    Ok(table)
}
