//! The levels that the environment asks for, the same for both doors and for `cargo skills`.
#![expect(
    clippy::disallowed_methods,
    reason = "the environment is read here, and nowhere else for this"
)]

use std::env;

use crate::Options;

/// Levels for all builds, such as `-D warnings` in CI.
pub const LINTS: &str = "SKILLS_LINTS";

/// Sets the levels that `SKILLS_LINTS` asks for.
///
/// Fails, with a text for the user, when that makes no sense.
pub fn apply_environment(options: &mut Options) -> Result<(), String> {
    match env::var(LINTS) {
        Ok(flags) => options
            .set_flags(&flags, LINTS)
            .map_err(|problem| format!("{LINTS}: {problem}")),
        Err(_) => Ok(()),
    }
}
