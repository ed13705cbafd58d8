//! The page that documents all rules, written from what the rules say of themselves.

use std::fmt::Write as _;

use super::{RULES, Rule, is_essential};
use crate::diagnostics::Level;

/// All rules as one Markdown page: `docs/rules.md`.
#[must_use]
pub fn page() -> String {
    let mut page =
        "# Rules\n\nWritten from the rules' own documentation; the examples are executed.\n\n\
                    | code | name | level | |\n|---|---|---|---|\n"
            .to_owned();
    for rule in RULES {
        let Rule { code, name, .. } = rule;
        let anchor = format!("{code}-{name}").to_lowercase();
        // Writing to a String cannot fail.
        let _ = writeln!(
            page,
            "| [{code}](#{anchor}) | `{name}` | {} | {} |",
            level(rule),
            rule.summary()
        );
    }
    for rule in RULES {
        let _ = write!(
            page,
            "\n## {} {}\n\n{}\n",
            rule.code,
            rule.name,
            section(rule).trim_end()
        );
    }
    page
}

fn level(rule: &Rule) -> &'static str {
    match rule.default_level {
        Level::Deny if is_essential(rule) => "deny, always",
        Level::Deny => "deny",
        Level::Warn => "warn",
        Level::Allow => "allow",
    }
}

/// A rule's documentation, its headings one level further down.
fn section(rule: &Rule) -> String {
    rule.documentation().replace("\n## ", "\n### ")
}
