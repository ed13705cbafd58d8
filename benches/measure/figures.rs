//! Samples, what they come to, and the tables they are printed in.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

/// The figures of one program, in one unit, round by round.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn add(&mut self, sample: f64) {
        self.0.push(sample);
    }

    pub(crate) fn median(&self) -> f64 {
        percentile(&self.ascending(), 50)
    }

    fn ascending(&self) -> Vec<f64> {
        let mut samples = self.0.clone();
        samples.sort_by(f64::total_cmp);
        samples
    }

    /// How they compare with others: the median of the ratios of each round, since what disturbs the machine disturbs both.
    fn compared(&self, other: &Self) -> f64 {
        let rounds = self.0.iter().zip(&other.0);
        Self(rounds.map(|(own, other)| own / other).collect()).median()
    }
}

/// The sample below which this part of all samples lies, which ascend.
pub(crate) fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let index = (last * percent + 50) / 100;
    sorted.get(index).copied().unwrap_or(f64::NAN)
}

/// One thing that was measured of several programs, and how each compares with some of them.
#[derive(Debug)]
pub(crate) struct Table {
    title: String,
    unit: &'static str,
    rows: Vec<(String, Samples)>,
    /// The rows that others are compared with.
    against: Vec<String>,
}

impl Table {
    pub(crate) fn new(title: &str, unit: &'static str, against: &[&str]) -> Self {
        Self {
            title: title.into(),
            unit,
            rows: Vec::new(),
            against: against.iter().map(|&name| name.into()).collect(),
        }
    }

    /// Adds a sample to the row of a program.
    pub(crate) fn add(&mut self, name: &str, sample: f64) {
        let index = self.rows.iter().position(|(row, _)| row == name);
        let index = index.unwrap_or_else(|| {
            self.rows.push((name.into(), Samples::default()));
            self.rows.len() - 1
        });
        if let Some((_, samples)) = self.rows.get_mut(index) {
            samples.add(sample);
        }
    }

    fn ratio(&self, samples: &Samples, name: &str) -> f64 {
        let row = self.rows.iter().find(|(row, _)| row == name);
        row.map_or(f64::NAN, |(_, other)| samples.compared(other))
    }

    /// The table as Markdown.
    pub(crate) fn text(&self) -> String {
        let mut head = format!("| {} | median | min | max | n |", self.unit);
        for name in &self.against {
            // Writing to a string cannot fail, here and below.
            let _ = write!(head, " / {name} |");
        }
        let rule = "--:|".repeat(4 + self.against.len());
        let mut text = format!("\n{}\n\n{head}\n|:--|{rule}\n", self.title);
        for (name, samples) in &self.rows {
            let sorted = samples.ascending();
            let [min, median, max] = [0, 50, 100].map(|percent| percentile(&sorted, percent));
            let count = sorted.len();
            let _ = write!(
                text,
                "| {name} | {} | {} | {} | {count} |",
                short(median),
                short(min),
                short(max)
            );
            for other in &self.against {
                let _ = write!(text, " {:.2} |", self.ratio(samples, other));
            }
            text.push('\n');
        }
        text
    }
}

/// Three digits that matter.
fn short(figure: f64) -> String {
    match figure {
        figure if figure >= 100.0 => format!("{figure:.0}"),
        figure if figure >= 10.0 => format!("{figure:.1}"),
        figure => format!("{figure:.2}"),
    }
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// The time that all threads of a process were on a processor.
pub(crate) fn processor_time(process: &str) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{process}/task"));
    let nanoseconds = tasks.into_iter().flatten().flatten().filter_map(|task| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}

/// A line of `/proc/PID/FILE` such as `VmRSS:  1234 kB`, in megabytes; not a number where there is none.
pub(crate) fn megabytes(process: &str, file: &str, key: &str) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.map_or(f64::NAN, |kilobytes| kilobytes * 1024.0 / 1e6)
}
