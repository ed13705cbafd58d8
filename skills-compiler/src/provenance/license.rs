//! Licences: expressions of SPDX where they are such, and otherwise the words of whoever wrote them.

use serde_json::{Value, json};
use spdx::Expression;

/// A licence as the member `licenses` of a CycloneDX component has it.
pub(super) fn licenses(text: &str) -> Value {
    match expression(text) {
        Some(expression) => json!([{ "expression": expression }]),
        None => json!([{ "license": { "name": text } }]),
    }
}

/// The expression of SPDX that a text is, in its canonical form: `MIT/Apache-2.0` is `MIT OR Apache-2.0`.
fn expression(text: &str) -> Option<String> {
    let canonical = Expression::canonicalize(text).ok()?;
    let expression = canonical.unwrap_or_else(|| text.to_owned());
    Expression::parse(&expression).ok().map(|_| expression)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(expression(text).as_deref(), expected, "{text}");
    }

    #[test]
    fn what_is_no_expression_stays_text() {
        check("MIT", Some("MIT"));
        check("MIT/Apache-2.0", Some("MIT OR Apache-2.0"));
        check(
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            Some("(MIT OR Apache-2.0) AND Unicode-3.0"),
        );
        check("Proprietary. See LICENSE.txt", None);
        check("", None);
    }
}
