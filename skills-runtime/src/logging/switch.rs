//! How much is logged can change while the process runs. What is not logged costs what it did before: each place in the
//! code remembers whether it is, and is asked anew after a change.

use std::sync::{Mutex, OnceLock, PoisonError};

use tracing_subscriber::Registry;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::reload::{Handle, Layer};

use super::level::{Level, Said, Source};

/// The one of this process; there is none where the log is another program's.
static SWITCH: OnceLock<Switch> = OnceLock::new();

struct Switch {
    filter: Handle<Targets, Registry>,
    /// What was said when the process began.
    first: Said,
    now: Mutex<Said>,
}

/// A filter that can be replaced later.
pub(super) fn with(filter: Targets, first: Said) -> Layer<Targets, Registry> {
    let (layer, filter) = Layer::new(filter);
    let now = Mutex::new(first);
    SWITCH.get_or_init(|| Switch { filter, first, now });
    layer
}

/// Logs as much as the policy says, or, where it says nothing, as was said when the process began.
pub(crate) fn follow(policy: Option<Level>) {
    let Some(switch) = SWITCH.get() else {
        return;
    };
    let by_policy = |level| Said {
        level,
        by: Source::Policy,
    };
    let said = policy.map_or(switch.first, by_policy);
    let mut now = switch.now.lock().unwrap_or_else(PoisonError::into_inner);
    if now.level != said.level && switch.filter.reload(said.level.filter()).is_err() {
        // The log is another program's.
        return;
    }
    *now = said;
}

/// How much is logged now.
pub(crate) fn said() -> Said {
    let now = SWITCH.get().map(|switch| &switch.now);
    let now = now.map(|now| *now.lock().unwrap_or_else(PoisonError::into_inner));
    now.unwrap_or_default()
}
