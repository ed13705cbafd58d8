//! Frontmatter as JSON: verbatim in content, in the order it was written.

use skills_model::LINE_BREAKS;

use crate::syntax::{Entry, Node, NodeKind, Scalar};

/// A mapping as a JSON object.
pub(super) fn object(entries: &[Entry]) -> String {
    let members: Vec<_> = entries
        .iter()
        .map(|entry| format!("{}:{}", string(&entry.key), value(&entry.value)))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// A JSON string, on one line for every reader: messages over stdio are lines.
pub(super) fn string(text: &str) -> String {
    // Writing a string to a string cannot fail.
    let mut json = serde_json::to_string(text).unwrap_or_default();
    for (character, escape) in LINE_BREAKS {
        if json.contains(character) {
            json = json.replace(character, escape);
        }
    }
    json
}

fn value(node: &Node) -> String {
    match &node.kind {
        NodeKind::Scalar(scalar, _) => scalar_value(scalar),
        NodeKind::Sequence(items, _) => format!(
            "[{}]",
            items.iter().map(value).collect::<Vec<_>>().join(",")
        ),
        NodeKind::Mapping(entries, _) => object(entries),
        NodeKind::Faulty => "null".to_owned(),
    }
}

/// Numbers that JSON cannot say are denied by `frontmatter-not-json` and never come here.
fn scalar_value(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Null => "null".to_owned(),
        Scalar::Bool(value) => value.to_string(),
        Scalar::Int(value) => value.to_string(),
        Scalar::Float(value) => serde_json::Number::from_f64(*value)
            .map_or("null".to_owned(), |number| number.to_string()),
        Scalar::Text(text) => string(text),
    }
}
