//! Rust as text: names, string literals, and types for JSON Schemas.

use serde_json::Value;

/// Words of Rust that no name can be without `r#`; those that cannot even with it get an underscore.
const WORDS: [&str; 46] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "use", "virtual",
    "where", "while",
];

/// A name in `snake_case` that Rust takes.
pub(super) fn snake(text: &str) -> String {
    let mut name = String::new();
    let mut previous = '_';
    for letter in text.chars() {
        let is_word = letter.is_ascii_alphanumeric();
        let begins = letter.is_ascii_uppercase() && previous.is_ascii_lowercase();
        if (begins || !is_word) && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        if is_word {
            name.push(letter.to_ascii_lowercase());
        }
        previous = letter;
    }
    let name = name.trim_end_matches('_').to_owned();
    match name.chars().next() {
        None => "unnamed".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("_{name}"),
        Some(_) if WORDS.contains(&&*name) => format!("r#{name}"),
        Some(_) if matches!(&*name, "self" | "super" | "crate" | "yield" | "unsized") => {
            format!("{name}_")
        }
        Some(_) => name,
    }
}

/// A name in `CamelCase`.
pub(super) fn camel(text: &str) -> String {
    let name = snake(text);
    let words = name
        .trim_start_matches("r#")
        .split('_')
        .filter(|word| !word.is_empty());
    let words = words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]);
    let name: String = words.collect();
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        format!("_{name}")
    } else {
        name
    }
}

/// Text as a string literal.
pub(super) fn literal(text: &str) -> String {
    format!("{text:?}")
}

/// The type of what a schema describes, and the members of the schema that the type does not hold it to.
pub(super) fn type_of(schema: &Value) -> (String, Vec<String>) {
    let known = |keys: &[&str]| {
        let members = schema.as_object().into_iter().flatten();
        let others = members.filter(|(key, _)| !keys.contains(&key.as_str()));
        others.map(|(key, _)| key.clone()).collect::<Vec<_>>()
    };
    let plain = ["type", "description", "title", "default", "examples"];
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => ("String".into(), known(&plain)),
        Some("integer") => ("i64".into(), known(&plain)),
        Some("number") => ("f64".into(), known(&plain)),
        Some("boolean") => ("bool".into(), known(&plain)),
        Some("array") => {
            let (item, mut lost) = schema
                .get("items")
                .map_or(("serde_json::Value".into(), Vec::new()), type_of);
            lost.extend(known(&[&plain[..], &["items"]].concat()));
            (format!("Vec<{item}>"), lost)
        }
        Some("object") => (
            "serde_json::Map<String, serde_json::Value>".into(),
            known(&plain),
        ),
        _ => (
            "serde_json::Value".into(),
            known(&["description", "title", "default", "examples"]),
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_name_is_one_of_rust() {
        for (text, expected) in [
            ("maxResults", "max_results"),
            ("get-weather", "get_weather"),
            ("type", "r#type"),
            ("2fa", "_2fa"),
            ("é", "unnamed"),
            ("self", "self_"),
            ("HTTPServer", "httpserver"),
        ] {
            assert_eq!(snake(text), expected);
        }
        assert_eq!(camel("get-weather"), "GetWeather");
        assert_eq!(camel("type"), "Type");
    }

    #[test]
    fn what_a_type_does_not_say_is_named() {
        assert_eq!(type_of(&json!({"type": "integer"})), ("i64".into(), vec![]));
        let schema =
            json!({"type": "array", "items": {"type": "string", "enum": ["a"]}, "maxItems": 3});
        assert_eq!(
            type_of(&schema),
            ("Vec<String>".into(), vec!["enum".into(), "maxItems".into()])
        );
    }
}
