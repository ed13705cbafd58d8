//! What a build script says of skills, as far as that can be told without running it.

use proc_macro2::{TokenStream, TokenTree};

/// The folder that a script compiles, if it does so with `skills_compiler::build("FOLDER")` and nothing more. One that configures
/// the compiler may allow what would be denied without it, and only running it tells.
pub(super) fn folder(script: &str) -> Option<String> {
    let tokens: TokenStream = script.parse().ok()?;
    let mut found = Vec::new();
    let is_configured = collect(tokens, &mut found);
    match (is_configured, found.pop(), found.is_empty()) {
        (false, Some(folder), true) => Some(folder),
        _ => None,
    }
}

/// Collects the folders of all calls; whether something else than such a call names the compiler.
fn collect(tokens: TokenStream, found: &mut Vec<String>) -> bool {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut is_configured = false;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => is_configured |= collect(group.stream(), found),
            TokenTree::Ident(name) if *name == "skills_compiler" => {
                match tokens.get(at..).and_then(called) {
                    Some(folder) => found.push(folder),
                    None => is_configured = true,
                }
            }
            _ => {}
        }
    }
    is_configured
}

/// `skills_compiler::build("FOLDER")`, at the beginning of tokens.
fn called(tokens: &[TokenTree]) -> Option<String> {
    let [_, colon, other_colon, name, TokenTree::Group(arguments), ..] = tokens else {
        return None;
    };
    let path = format!("{colon}{other_colon}{name}");
    let mut arguments = arguments.stream().into_iter();
    let (TokenTree::Literal(literal), None) = (arguments.next()?, arguments.next()) else {
        return None;
    };
    // What has escapes in it is no string of JSON, or the same one.
    serde_json::from_str(&literal.to_string())
        .ok()
        .filter(|_| path == "::build")
}

#[cfg(test)]
mod tests {
    use super::folder;

    #[track_caller]
    fn check(script: &str, expected: Option<&str>) {
        assert_eq!(folder(script).as_deref(), expected, "{script}");
    }

    #[test]
    fn the_usual_call_is_understood() {
        check(
            "fn main() -> std::process::ExitCode { skills_compiler::build(\"skills\") }",
            Some("skills"),
        );
        check(include_str!("../../template/build.rs"), Some("skills"));
    }

    #[test]
    fn what_may_mean_more_is_left_to_cargo() {
        check("fn main() {}", None);
        check("// skills_compiler::build(\"skills\")", None);
        check("fn main() { skills_compiler::build(folder()) }", None);
        check(
            "fn main() { skills_compiler::configure().warn(\"SK018\").build(\"skills\") }",
            None,
        );
        check(
            "use skills_compiler::configure; fn main() { skills_compiler::build(\"skills\") }",
            None,
        );
        check(
            "fn main() { skills_compiler::build(\"a\"); skills_compiler::build(\"b\") }",
            None,
        );
        check("fn main() { skills_compiler::build(\"a\" }", None);
    }
}
