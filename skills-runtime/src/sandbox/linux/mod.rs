//! The two layers of Linux: `rules.rs` is Landlock, with the threads that it may miss in `threads.rs`; `filter.rs` is seccomp, with
//! the system calls in `calls.rs`.

mod calls;
mod filter;
mod rules;
#[cfg(test)]
mod tests;
mod threads;

use super::needs::Needs;
use super::report::Report;

/// Closes the process off. Landlock first: its system calls are not among those that are left.
pub(super) fn close(needs: &Needs) -> Report {
    Report {
        landlock: rules::restrict(needs),
        seccomp: filter::install(needs),
    }
}
