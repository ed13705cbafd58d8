//! The arguments of a tool as a structure: what of a JSON Schema a type of Rust can say, and what it cannot.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::Value;

use super::reader::{Left, Object, escaped};
use super::rust::{documentation, literal, snake, unique};

/// Why a member of a schema is lost that says what is valid.
const UNCHECKED: &str = "the type does not check it; the function can";

/// The structure of a name for a tool.
pub(super) fn structure(arguments: &str, name: &str, tool: &mut Object, left: &mut Left) -> String {
    let schema = tool.object("inputSchema", left);
    let mut schema = schema.unwrap_or_else(Object::empty);
    let mut text = documentation("", &format!("What `{name}` takes."));
    text.push_str("#[derive(Debug, Deserialize, JsonSchema)]\n");
    if is_closed(&mut schema, left) {
        text.push_str("#[serde(deny_unknown_fields)]\n");
    }
    let properties = schema.object("properties", left);
    let properties = properties.unwrap_or_else(Object::empty);
    let required = required(&mut schema, &properties, left);
    // Writing to a string cannot fail.
    let _ = writeln!(text, "pub struct {arguments} {{");
    let mut names = BTreeSet::new();
    for (key, pointer, property) in properties.into_members() {
        let name = unique(&mut names, &snake(&key), "_");
        let kind = kind(&pointer, &property, left);
        if let Some(description) = property.get("description").and_then(Value::as_str) {
            text.push_str(&documentation("    ", description));
        }
        if name != key {
            let _ = writeln!(text, "    #[serde(rename = {})]", literal(&key));
        }
        let _ = if required.contains(&key) {
            writeln!(text, "    pub {name}: {kind},")
        } else {
            writeln!(text, "    pub {name}: Option<{kind}>,")
        };
    }
    schema.leave(UNCHECKED, left);
    text.push_str("}\n");
    text
}

/// Whether it takes nothing but its properties. What else a schema says of the whole is left.
fn is_closed(schema: &mut Object, left: &mut Left) -> bool {
    if schema.take("type").is_some_and(|kind| kind != "object") {
        left.add(
            schema.pointer_to("type"),
            "the arguments of a tool are an object",
        );
    }
    match schema.take("additionalProperties") {
        None | Some(Value::Bool(true)) => false,
        Some(Value::Bool(false)) => true,
        Some(_) => {
            left.add(
                schema.pointer_to("additionalProperties"),
                "other arguments are taken, whatever they are, and the function does not get them",
            );
            false
        }
    }
}

/// The properties that have to be there.
fn required(schema: &mut Object, properties: &Object, left: &mut Left) -> BTreeSet<String> {
    let mut required = BTreeSet::new();
    for (pointer, name) in schema.array("required", left) {
        match name.as_str().filter(|name| properties.has(name)) {
            Some(name) => {
                required.insert(name.to_owned());
            }
            None => left.add(pointer, "there is no property of this name"),
        }
    }
    required
}

/// The type of a property; what it does not say is left.
fn kind(pointer: &str, property: &Value, left: &mut Left) -> String {
    if !matches!(property, Value::Object(_) | Value::Bool(true)) {
        left.add(pointer, "it is no schema that a type can say");
    }
    if property
        .get("description")
        .is_some_and(|text| !text.is_string())
    {
        left.add(format!("{pointer}/description"), "it is no text");
    }
    let (kind, lost) = type_of(property);
    for lost in lost {
        let why = match lost.rsplit('/').next().unwrap_or_default() {
            "default" => {
                "an argument that is not there is `None`; the function can put this in its place"
            }
            "title" | "examples" | "description" => "models are not told it",
            _ => UNCHECKED,
        };
        left.add(format!("{pointer}/{lost}"), why);
    }
    kind
}

/// The type of what a schema describes, and the members of the schema that the type does not hold it to, as JSON pointers without
/// their first slash.
fn type_of(schema: &Value) -> (String, Vec<String>) {
    let others = |keys: &[&str]| {
        let members = schema.as_object().into_iter().flatten();
        let others = members.filter(|(key, _)| !keys.contains(&key.as_str()));
        others.map(|(key, _)| escaped(key)).collect::<Vec<_>>()
    };
    let simple = match schema.get("type").and_then(Value::as_str) {
        Some("string") => "String",
        Some("integer") => "i64",
        Some("number") => "f64",
        Some("boolean") => "bool",
        Some("object") => "serde_json::Map<String, serde_json::Value>",
        Some("array") => {
            let (item, mut lost) = items(schema.get("items"));
            lost.extend(others(&["type", "description", "items"]));
            return (format!("Vec<{item}>"), lost);
        }
        _ => return ("serde_json::Value".into(), others(&["description"])),
    };
    (simple.into(), others(&["type", "description"]))
}

/// The same for the items of an array, whose description no type has a place for.
fn items(schema: Option<&Value>) -> (String, Vec<String>) {
    let any = || "serde_json::Value".to_owned();
    match schema {
        None | Some(Value::Bool(true)) => (any(), Vec::new()),
        Some(schema @ Value::Object(members)) => {
            let (item, mut lost) = type_of(schema);
            lost.extend(
                members
                    .get_key_value("description")
                    .map(|(key, _)| key.clone()),
            );
            let below = lost.into_iter().map(|lost| format!("items/{lost}"));
            (item, below.collect())
        }
        Some(_) => (any(), vec!["items".into()]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(schema: &Value, kind: &str, lost: &[&str]) {
        let expected = lost.iter().map(|&lost| lost.to_owned()).collect();
        assert_eq!(type_of(schema), (kind.to_owned(), expected), "{schema}");
    }

    #[test]
    fn what_a_type_does_not_say_is_named() {
        check(&json!({"type": "integer"}), "i64", &[]);
        check(
            &json!({"type": "integer", "default": 3}),
            "i64",
            &["default"],
        );
        check(
            &json!({"type": "array", "items": {"type": "string", "enum": ["a"], "description": "b"}, "maxItems": 3}),
            "Vec<String>",
            &["items/enum", "items/description", "maxItems"],
        );
        check(
            &json!({"type": "array", "items": [{"type": "string"}]}),
            "Vec<serde_json::Value>",
            &["items"],
        );
        check(
            &json!({"type": ["string", "null"], "x/y": 1}),
            "serde_json::Value",
            &["type", "x~1y"],
        );
    }
}
