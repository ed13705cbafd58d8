//! Checks the chain over files: that no line was changed, left out, put in or reordered since it was written.
//!
//! Whoever can write the files can compute digests anew. What they cannot make is a seal, for which they need the key.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::chain::{Link, Stated, is_sealed};
use super::key::Key;
use crate::error::Error;

/// The longest line that is read, in bytes.
const LINE_BYTES: u64 = 1024 * 1024;

/// What came of it.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) lines: u64,
    /// The numbers of the first and the last line.
    pub(crate) first: Option<u64>,
    pub(crate) last: Option<u64>,
    /// Seals that are right; nothing where there is no key to check them with.
    pub(crate) seals: Option<u64>,
    /// The last line that a seal stands for.
    pub(crate) sealed_up_to: Option<u64>,
    pub(crate) remarks: Vec<Remark>,
}

/// Something about a line.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Remark {
    pub(crate) file: PathBuf,
    /// Which line of the file, from 1.
    pub(crate) line: u64,
    /// Whether it does not fit; otherwise it is only good to know.
    pub(crate) is_fault: bool,
    pub(crate) text: String,
}

impl Report {
    /// How many lines do not fit.
    pub(crate) fn faults(&self) -> usize {
        let faults = self.remarks.iter().filter(|remark| remark.is_fault);
        faults.count()
    }
}

/// Checks files, in the order in which they were written, whatever the order in which they are named.
pub(crate) fn verify(files: &[PathBuf], key: Option<&Key>) -> Result<Report, Error> {
    let mut check = Check {
        key,
        last: None,
        latest: None,
        report: Report {
            seals: key.map(|_| 0),
            ..Report::default()
        },
    };
    for path in ordered(files)? {
        check.report.files.push(path.clone());
        let mut number = 0;
        each_line(&path, |line| {
            number += 1;
            check.line(&path, number, &line);
        })?;
        if number == 0 {
            check.fault(
                &path,
                1,
                "the file is empty: every audit log begins with the line `start`",
            );
        }
    }
    check.end();
    Ok(check.report)
}

/// A line of a file.
pub(super) enum Line<'a> {
    Whole(&'a [u8]),
    /// The last one, without a line break.
    Torn(usize),
    TooLong,
}

/// Reads a file line by line.
pub(super) fn each_line(path: &Path, mut take: impl FnMut(Line<'_>)) -> Result<(), Error> {
    let mut reader = open(path)?;
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut limited = reader.by_ref().take(LINE_BYTES);
        let count = limited.read_until(b'\n', &mut line);
        let count = count.map_err(|source| unreadable(path, source))?;
        match line.split_last() {
            None => return Ok(()),
            Some((b'\n', text)) => take(Line::Whole(text)),
            Some(_) if count as u64 == LINE_BYTES => {
                reader
                    .skip_until(b'\n')
                    .map_err(|source| unreadable(path, source))?;
                take(Line::TooLong);
            }
            Some(_) => take(Line::Torn(count)),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a person names the files that are to be checked"
)]
fn open(path: &Path) -> Result<BufReader<File>, Error> {
    let file = File::open(path).map_err(|source| unreadable(path, source))?;
    Ok(BufReader::new(file))
}

fn unreadable(path: &Path, source: io::Error) -> Error {
    Error::AuditFile {
        path: path.to_owned(),
        source,
    }
}

/// The files by the number of their first line.
fn ordered(files: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut numbered = Vec::new();
    for path in files {
        let mut line = Vec::new();
        let mut reader = open(path)?.take(LINE_BYTES);
        reader
            .read_until(b'\n', &mut line)
            .map_err(|source| unreadable(path, source))?;
        let stated: Option<Stated> = serde_json::from_slice(&line).ok();
        numbered.push((stated.map(|stated| stated.number), path.clone()));
    }
    // Those that say nothing stay in front, where they are complained about first.
    numbered.sort_by_key(|(number, _)| *number);
    Ok(numbered.into_iter().map(|(_, path)| path).collect())
}

struct Check<'a> {
    key: Option<&'a Key>,
    /// The line before; nothing before the first line, and behind one that is no event.
    last: Option<Link>,
    /// The last line that is an event, and where it stands.
    latest: Option<(PathBuf, u64, Stated)>,
    report: Report,
}

impl Check<'_> {
    fn fault(&mut self, file: &Path, line: u64, text: &str) {
        self.report.remarks.push(Remark {
            file: file.to_owned(),
            line,
            is_fault: true,
            text: text.into(),
        });
    }

    /// Judges the files as a whole. A chain that was cut off at its end holds as far as it goes, so that the last line has to
    /// account for itself.
    fn end(&mut self) {
        let Some((file, line, stated)) = self.latest.take() else {
            return;
        };
        if self.report.seals == Some(0) {
            let problem = "nothing in these files is sealed with this key, so that nobody vouches for any of it";
            self.fault(&file, line, problem);
        }
        if &*stated.event != "stop" {
            let unsealed = match self.report.sealed_up_to {
                Some(number) => format!("; nothing after number {number} is sealed yet"),
                None => String::new(),
            };
            self.report.remarks.push(Remark {
                file,
                line,
                is_fault: false,
                text: format!(
                    "the log does not end with `stop`: the server runs, it was killed, or lines at the end were cut off{unsealed}"
                ),
            });
        }
    }

    fn line(&mut self, path: &Path, line: u64, text: &Line<'_>) {
        let mut remark = |is_fault, text: String| {
            self.report.remarks.push(Remark {
                file: path.to_owned(),
                line,
                is_fault,
                text,
            });
        };
        let bytes = match *text {
            Line::Whole(bytes) => bytes,
            Line::Torn(count) => {
                let text = format!(
                    "the last line has no end ({count} bytes): the server was ended while it wrote, or still writes"
                );
                return remark(false, text);
            }
            Line::TooLong => return remark(true, "the line is too long to be an event".into()),
        };
        self.report.lines += 1;
        let stated: Stated = match serde_json::from_slice(bytes) {
            Ok(stated) => stated,
            Err(error) => {
                self.last = None;
                return remark(true, format!("the line is no event: {error}"));
            }
        };
        let is_first = self.report.first.is_none();
        for (is_fault, text) in place(self.last.as_ref(), &stated, is_first) {
            remark(is_fault, text);
        }
        for (count, text) in [
            (
                stated.cut,
                "bytes of an unfinished line were cut off in front of this line, after the server had been ended while it wrote",
            ),
            (
                stated.dropped,
                "events are missing in front of this line, because they could not be written (on-error = \"drop\")",
            ),
        ] {
            if count > 0 {
                remark(false, format!("{count} {text}"));
            }
        }
        match seal(self.key, &stated) {
            Seal::Right => {
                self.report.seals = self.report.seals.map(|seals| seals + 1);
                self.report.sealed_up_to = Some(stated.number.saturating_sub(1));
            }
            Seal::Wrong => remark(
                true,
                "the seal is not of this key, or not for what stands in front of it".into(),
            ),
            Seal::Missing => remark(true, "the line has no seal, and should have one".into()),
            Seal::Unneeded => {}
        }
        self.report.first.get_or_insert(stated.number);
        self.report.last = Some(stated.number);
        self.last = Link::of(bytes);
        self.latest = Some((path.to_owned(), line, stated));
    }
}

/// What is to be said of a line's place behind the one before.
fn place(last: Option<&Link>, stated: &Stated, is_first: bool) -> Vec<(bool, String)> {
    let number = stated.number;
    let is_origin = number == 1 && stated.previous == Link::origin().digest;
    let Some(last) = last else {
        // What stands behind a line that is no event was complained about.
        if !is_first || is_origin {
            return Vec::new();
        }
        let text =
            format!("the first line has number {number}; what was before it is not in these files");
        return vec![(false, text)];
    };
    let expected = last.number + 1;
    if number == expected && stated.previous == last.digest {
        return Vec::new();
    }
    if is_origin {
        let text = "a new chain begins here; it says nothing of what was before";
        return vec![(true, text.into())];
    }
    let text = match number.checked_sub(expected) {
        Some(0) => "the line in front of this one is not the one that was written".to_owned(),
        Some(missing) => format!(
            "number {number} stands where {expected} should: {missing} in front of it {} missing",
            if missing == 1 { "is" } else { "are" }
        ),
        None => format!("number {number} stands where {expected} should: it was put in or moved"),
    };
    vec![(true, text)]
}

enum Seal {
    Right,
    Wrong,
    Missing,
    Unneeded,
}

fn seal(key: Option<&Key>, stated: &Stated) -> Seal {
    let Some(key) = key else {
        return Seal::Unneeded;
    };
    let is_mark = matches!(&*stated.event, "start" | "stop" | "reload");
    match &stated.seal {
        Some(seal) if key.is_seal(seal, &stated.previous) => Seal::Right,
        Some(_) => Seal::Wrong,
        None if is_sealed(stated.number, is_mark) => Seal::Missing,
        None => Seal::Unneeded,
    }
}
