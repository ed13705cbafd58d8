//! SK403: a token or key that works for whoever reads it.

use std::collections::BTreeMap;

use crate::diagnostics::{Finding, Level};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::FileId;
use crate::syntax::{Secret, secrets};

declare_rule! {
    /// A text file holds a token or private key that looks real.
    ///
    /// ## Why
    ///
    /// The files of a skill are embedded in the server and served as they stand: whoever can list the skills can use the
    /// token, and deleting it later does not take it out of what was published. Recognised are tokens with the prefix of
    /// their issuer, private keys, and JSON Web Tokens (a warning: many are samples or have expired). Placeholders such as
    /// `AKIAIOSFODNN7EXAMPLE` and `ghp_xxxx` are not meant. Reports show the first characters of a secret only.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Call the service with `Authorization: Bearer ghp_R7kQ2mVx9LpT4wZs8NcB1yHd6FgJ3aKe5UoX`.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Call the service with `Authorization: Bearer $GITHUB_TOKEN`.
    /// ```
    HARDCODED_SECRET = "SK403", "hardcoded-secret", Security, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for (file, text) in cx.texts() {
        let mut kinds = BTreeMap::<&str, (Secret, usize)>::new();
        for secret in secrets(text) {
            kinds.entry(secret.kind).or_insert((secret, 0)).1 += 1;
        }
        out.extend(
            kinds
                .into_values()
                .map(|(first, count)| finding(file, first, count)),
        );
    }
}

/// One finding for all secrets of a kind in a file.
fn finding(file: FileId, first: Secret, count: usize) -> Finding {
    let more = if count > 1 {
        format!(", and {} more in this file", count - 1)
    } else {
        String::new()
    };
    let finding = Finding::at(
        &HARDCODED_SECRET,
        file,
        first.span,
        format!("{} is written out here{more}", first.kind),
    )
    .label("covered in this report")
    .note(
        "everybody who can read the skill can use it: the file is embedded and served as it stands",
    );
    if !first.doubtful {
        return finding
            .help("revoke it, since it may have been copied already, and let the text name an environment variable instead")
            .help("if it is only a sample, put `EXAMPLE` into it");
    }
    let mut finding =
        finding.help("write a placeholder such as `<TOKEN>`; if it is in use, revoke it");
    finding.level = Level::Warn;
    finding
}
