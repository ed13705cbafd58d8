//! The clock: the one place where time is read to measure how long something takes.

use std::time::Instant;

#[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
