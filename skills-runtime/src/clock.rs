//! The clock: the one place where time is read to measure how long something takes.

use std::time::Instant;
#[cfg(feature = "http")]
use std::time::SystemTime;

#[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The time of day, for what is valid until a date.
#[cfg(feature = "http")]
#[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
pub(crate) fn wall() -> SystemTime {
    SystemTime::now()
}
