//! What compiling skills costs: the compiler alone, and `cargo build` of a server, clean and after editing one `SKILL.md`,
//! with 1, 100 and 1,000 generated skills of four files.
//!
//! `cargo bench --bench compiling` builds what it needs. The sizes take turns; ratios are medians of those of each round.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench starts programs, takes the time and prints what it found"
)]

#[path = "measure/figures.rs"]
#[expect(
    dead_code,
    reason = "the children of a build are many processes, counted in ticks here"
)]
mod figures;
#[path = "measure/workload.rs"]
mod workload;

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use std::{env, fs};

use figures::{Table, megabytes, milliseconds};
use skills_compiler::Options;
use workload::{DOCUMENT, Workload, cargo};

const SIZES: [usize; 3] = [1, 100, 1_000];

/// The row that the others are compared with.
const SMALLEST: &str = "generated-1";

/// How often the compiler runs on each size, and cargo.
const RUNS: usize = 11;
const CLEAN_BUILDS: usize = 3;
const EDITS: usize = 7;

/// How many of the units in which Linux counts processor time make a second.
const TICKS: f64 = 100.0;

fn main() -> Result<(), Box<dyn Error>> {
    // A process of its own has a peak of memory of its own.
    if let [_, mode, directory] = env::args().collect::<Vec<_>>().as_slice()
        && mode == "compile-once"
    {
        return compile_once(Path::new(directory));
    }
    let workloads = SIZES
        .into_iter()
        .map(Workload::new)
        .collect::<Result<Vec<_>, _>>()?;
    for table in compilations(&workloads)? {
        print!("{}", table.text());
    }
    for table in builds(&workloads)? {
        print!("{}", table.text());
    }
    Ok(())
}

/// Compiles a directory and prints the time, the bytes that were read and the peak of memory.
fn compile_once(directory: &Path) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let compilation = skills_compiler::compile(directory, "skills", &Options::default())?;
    let elapsed = milliseconds(start.elapsed());
    let denied = compilation.denied().count();
    if denied > 0 {
        return Err(format!("{denied} errors in {}", directory.display()).into());
    }
    let bytes = compilation.tree.total_bytes();
    println!("{elapsed} {bytes} {}", megabytes("self", "status", "VmHWM"));
    Ok(())
}

/// The compiler alone, in a process of its own each time.
fn compilations(workloads: &[Workload]) -> Result<Vec<Table>, Box<dyn Error>> {
    let mut time = Table::new(
        "skills_compiler::compile, files included",
        "ms",
        &[SMALLEST],
    );
    let mut throughput = Table::new("... in megabytes of skills a second", "MB/s", &[]);
    let mut memory = Table::new("... peak of memory (VmHWM)", "MB", &[SMALLEST]);
    let mut share = Table::new("... peak of memory over size of the skills", "MB/MB", &[]);
    for _ in 0..RUNS {
        for workload in workloads {
            let output = Command::new(env::current_exe()?)
                .arg("compile-once")
                .arg(workload.package.join("skills"))
                .output()?;
            let text = String::from_utf8(output.stdout)?;
            let figures: Vec<f64> = text
                .split_whitespace()
                .map(str::parse)
                .collect::<Result<_, _>>()?;
            let [elapsed, bytes, peak] = figures[..] else {
                return Err(String::from_utf8_lossy(&output.stderr).into());
            };
            let (row, size) = (&workload.name, bytes / 1e6);
            time.add(row, elapsed);
            throughput.add(row, size / (elapsed / 1e3));
            memory.add(row, peak);
            share.add(row, peak / size);
        }
    }
    Ok(vec![time, throughput, memory, share])
}

/// `cargo build` in the development profile: wall clock and the processor time of cargo and all it started.
fn builds(workloads: &[Workload]) -> Result<Vec<Table>, Box<dyn Error>> {
    let table = |title, unit| Table::new(title, unit, &[SMALLEST]);
    let mut clean = table(
        "cargo build (dev) of the server alone, its dependencies built",
        "ms",
    );
    let mut clean_processor = table("... processor time", "ms");
    let mut edit = table("cargo build (dev) after editing one SKILL.md", "ms");
    let mut edit_processor = table("... processor time", "ms");
    let mut idle = table("cargo build (dev) after nothing", "ms");
    for round in 0..=CLEAN_BUILDS {
        for workload in workloads {
            cargo(
                &workload.package,
                &["clean", "--quiet", "--package", &workload.name],
            )?;
            let (elapsed, processor) = build(workload)?;
            // The first round builds the dependencies.
            if round > 0 {
                clean.add(&workload.name, elapsed);
                clean_processor.add(&workload.name, processor);
            }
        }
    }
    for round in 0..EDITS {
        for workload in workloads {
            let document = workload.package.join("skills/sample-0000/SKILL.md");
            workload::write(&document, format!("{DOCUMENT}\nEdit {round}.\n").as_bytes())?;
            let (elapsed, processor) = build(workload)?;
            edit.add(&workload.name, elapsed);
            edit_processor.add(&workload.name, processor);
            idle.add(&workload.name, build(workload)?.0);
            workload::write(&document, DOCUMENT.as_bytes())?;
        }
    }
    Ok(vec![clean, clean_processor, edit, edit_processor, idle])
}

fn build(workload: &Workload) -> Result<(f64, f64), Box<dyn Error>> {
    let (start, before) = (Instant::now(), children_ticks()?);
    workload.build("dev")?;
    let ticks = children_ticks()? - before;
    Ok((milliseconds(start.elapsed()), ticks / TICKS * 1e3))
}

/// The processor time of all children that have ended and their children, in ticks: `cutime` and `cstime` of proc(5).
fn children_ticks() -> Result<f64, Box<dyn Error>> {
    let text = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = text
        .rsplit_once(") ")
        .ok_or("an unknown form of /proc/self/stat")?;
    let ticks = fields.split(' ').skip(13).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()?)
}
