//! What happened, in numbers: how often which kind of event, method, skill, reason, subject and status stands in files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::verify::{Line, each_line};
use crate::error::Error;

/// How often each of several things was there.
pub(crate) type Counts = BTreeMap<String, u64>;

/// The numbers.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    pub(crate) events: u64,
    /// Lines that are no events.
    pub(crate) unreadable: u64,
    /// Events that could not be written.
    pub(crate) dropped: u64,
    pub(crate) first: Option<String>,
    pub(crate) last: Option<String>,
    pub(crate) kinds: Counts,
    pub(crate) methods: Counts,
    pub(crate) skills: Counts,
    pub(crate) reasons: Counts,
    pub(crate) statuses: Counts,
    pub(crate) subjects: Counts,
}

/// What is read of a line.
#[derive(Deserialize)]
struct Stated {
    event: String,
    time: String,
    #[serde(default)]
    dropped: u64,
    method: Option<String>,
    skill: Option<String>,
    reason: Option<String>,
    /// How many requests the line stands for.
    #[serde(default = "one")]
    requests: u64,
    status: Option<u16>,
    subject_hash: Option<String>,
}

const fn one() -> u64 {
    1
}

/// Counts what stands in files.
pub(crate) fn summary(files: &[PathBuf]) -> Result<Summary, Error> {
    let mut summary = Summary::default();
    for path in files {
        each_line(path, |line| summary.take(&line))?;
    }
    Ok(summary)
}

impl Summary {
    fn take(&mut self, line: &Line<'_>) {
        let stated = match line {
            Line::Whole(bytes) => serde_json::from_slice(bytes).ok(),
            Line::Torn(_) | Line::TooLong => None,
        };
        let Some(Stated {
            event,
            time,
            dropped,
            method,
            skill,
            reason,
            requests,
            status,
            subject_hash,
        }) = stated
        else {
            self.unreadable += 1;
            return;
        };
        self.events += 1;
        self.dropped += dropped;
        // Times of one form and one zone are in the order of their texts.
        if self.first.as_ref().is_none_or(|first| time < *first) {
            self.first = Some(time.clone());
        }
        if self.last.as_ref().is_none_or(|last| time > *last) {
            self.last = Some(time);
        }
        let status = status.map(|status| status.to_string());
        for (counts, what) in [
            (&mut self.kinds, Some(event)),
            (&mut self.methods, method),
            (&mut self.skills, skill),
            (&mut self.reasons, reason),
            (&mut self.statuses, status),
            (&mut self.subjects, subject_hash),
        ] {
            if let Some(what) = what {
                *counts.entry(what).or_default() += requests;
            }
        }
    }
}
