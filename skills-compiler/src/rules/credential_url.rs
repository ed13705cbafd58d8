//! SK404: a password in an address.

use super::occurrence::and_more;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::url_passwords;

declare_rule! {
    /// A text file holds an address with a password in it, `scheme://user:password@host`.
    ///
    /// What only shows the form is left alone: placeholders, variables, words such as `password`, and hosts on this machine, in
    /// a container or in `example.com`. Reports cover the password.
    ///
    /// ## Why
    ///
    /// The files of a skill are embedded in the server and served as they stand: whoever can read the skill can use the
    /// password. Addresses are also copied into logs and command histories, with what is in them.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: sales-figures
    /// description: Queries the sales figures. Use when the user asks for revenue.
    /// ---
    /// Connect with `psql postgres://reader:kV7q-2Rt9z@db.acme.io/sales`.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: sales-figures
    /// description: Queries the sales figures. Use when the user asks for revenue.
    /// ---
    /// Connect with `psql "$SALES_DATABASE_URL"`.
    /// ```
    CREDENTIAL_URL = "SK404", "credential-url", Security, Allow, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for (file, text) in cx.texts() {
        let found = url_passwords(text);
        let Some(first) = found.first() else {
            continue;
        };
        let message = format!("the address holds a password{}", and_more(found.len()));
        out.push(
            Finding::at(&CREDENTIAL_URL, file, first.span.clone(), message)
                .label("covered in this report")
                .note("everybody who can read the skill can use it: the file is embedded and served as it stands")
                .help("change the password, since it may have been copied already, and let the text name an environment variable instead"),
        );
    }
}
