//! What ends a build before its time.

use std::sync::{Arc, Mutex, PoisonError};

use crate::machine;

/// Whether somebody has interrupted the program, and whom that concerns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    is_there: bool,
    /// The process that is waited for.
    process: Option<u32>,
}

impl Interrupt {
    /// It has come: the process that is waited for is asked to end.
    pub(crate) fn happen(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.is_there = true;
        if let Some(process) = state.process {
            machine::ask_to_end(process);
        }
    }

    pub(crate) fn is_there(&self) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.is_there
    }

    /// From now on this process is waited for, or none.
    pub(super) fn concerns(&self, process: Option<u32>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.process = process;
        if let Some(process) = process.filter(|_| state.is_there) {
            machine::ask_to_end(process);
        }
    }
}
