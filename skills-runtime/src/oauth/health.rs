//! How authorization servers are doing: for operators who ask, and in the log when it changes.

use std::fmt::Display;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::logging::OAUTH;

/// How one authorization server is doing.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Health {
    /// Its identifier.
    pub(crate) issuer: String,
    /// Whether its tokens can be judged.
    pub(crate) ready: bool,
    /// Whether it answered as it should when it was last asked.
    pub(crate) up: bool,
    /// When it last did, in seconds since 1970.
    pub(crate) last_success: Option<u64>,
    /// How many of its keys are known.
    pub(crate) keys: usize,
    /// Whether it is asked for keys: `closed`, `half-open` or `open`.
    pub(crate) circuit: &'static str,
    /// What went wrong when it was last asked.
    pub(crate) problem: Option<String>,
}

/// What is known of how one is doing.
#[derive(Debug, Default)]
pub(super) struct Condition(Mutex<State>);

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) last_success: Option<u64>,
    pub(super) problem: Option<String>,
}

impl Condition {
    pub(super) fn state(&self) -> State {
        self.lock().clone()
    }

    pub(super) fn problem(&self) -> Option<String> {
        self.lock().problem.clone()
    }

    /// Takes down how it went, and says so if it is not as before.
    pub(super) fn note(&self, issuer: &str, problem: Option<&dyn Display>, is_ready: bool) {
        let mut state = self.lock();
        let was_failing = state.problem.is_some();
        let is_first = state.last_success.is_none();
        let Some(problem) = problem.map(ToString::to_string) else {
            state.last_success = Some(super::seconds());
            state.problem = None;
            drop(state);
            if was_failing {
                tracing::info!(target: OAUTH, "The authorization server {issuer} answers again");
            } else if is_first {
                tracing::info!(target: OAUTH, "The authorization server {issuer} answers");
            }
            return;
        };
        state.problem = Some(problem.clone());
        drop(state);
        if was_failing {
            tracing::debug!(target: OAUTH, "The authorization server {issuer} still fails: {problem}");
        } else if is_ready {
            tracing::warn!(target: OAUTH, "The authorization server {issuer} fails: {problem}; what is known of it is used");
        } else {
            tracing::warn!(target: OAUTH, "The authorization server {issuer} fails: {problem}; its tokens cannot be judged");
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
