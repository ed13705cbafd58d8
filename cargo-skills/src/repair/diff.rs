//! `--dry-run`: what `--fix` would do, as a unified diff.

use similar::TextDiff;
use skills_compiler::diagnostics::{visible, without_secrets};

use super::Repaired;

/// The difference that a repair makes to the file that messages call `shown`. The text of skills is shown as all reports
/// show it: nothing invisible, no secret.
pub(crate) fn diff(shown: &str, repaired: &Repaired) -> String {
    let (before, after) = (text(&repaired.before), text(&repaired.after));
    let (from, to) = (
        format!("a/{}", visible(shown)),
        format!("b/{}", visible(shown)),
    );
    TextDiff::from_lines(&before, &after)
        .unified_diff()
        .header(&from, &to)
        .to_string()
}

fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines = without_secrets(&text);
    lines
        .split('\n')
        .map(visible)
        .collect::<Vec<_>>()
        .join("\n")
}
