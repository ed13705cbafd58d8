//! What a build script says of skills, as far as that can be told without running it.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The folder that a package compiles, if its build script does nothing but `skills_compiler::build("FOLDER")`. Any other may
/// write the skills first, or allow what would be denied, and only running it tells.
pub(super) fn folder(manifest: &str, script: &str) -> Option<String> {
    if manifest.lines().any(names_another) {
        return None;
    }
    let tokens: TokenStream = script.parse().ok()?;
    let tokens: Vec<_> = tokens.into_iter().collect();
    called(body(&tokens)?.stream())
}

/// Whether a line of a manifest may say that the build script is another file.
fn names_another(line: &str) -> bool {
    let value = line
        .trim_start()
        .strip_prefix("build")
        .and_then(|rest| rest.trim_start().strip_prefix('='));
    value.is_some_and(|value| value.trim() != "\"build.rs\"")
}

/// The body of `main`, in a script that has nothing else but comments and imports.
fn body(tokens: &[TokenTree]) -> Option<&Group> {
    match tokens {
        [
            TokenTree::Punct(hash),
            TokenTree::Punct(_),
            TokenTree::Group(text),
            rest @ ..,
        ]
        | [TokenTree::Punct(hash), TokenTree::Group(text), rest @ ..]
            if hash.as_char() == '#' && is_comment(text) =>
        {
            body(rest)
        }
        [TokenTree::Ident(word), rest @ ..] if *word == "use" => {
            let end = rest.iter().position(is_semicolon)?;
            body(rest.get(end + 1..)?)
        }
        [
            TokenTree::Ident(word),
            TokenTree::Ident(name),
            TokenTree::Group(_),
            returned @ ..,
            TokenTree::Group(body),
        ] if *word == "fn" && *name == "main" && body.delimiter() == Delimiter::Brace => {
            let is_type =
                |token: &TokenTree| matches!(token, TokenTree::Ident(_) | TokenTree::Punct(_));
            returned.iter().all(is_type).then_some(body)
        }
        _ => None,
    }
}

fn is_comment(attribute: &Group) -> bool {
    let first = attribute.stream().into_iter().next();
    matches!(first, Some(TokenTree::Ident(name)) if name == "doc")
}

fn is_semicolon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(sign) if sign.as_char() == ';')
}

/// The folder of `skills_compiler::build("FOLDER")`, if tokens are that and nothing else.
fn called(tokens: TokenStream) -> Option<String> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let [path @ .., TokenTree::Group(arguments)] = &*tokens else {
        return None;
    };
    let path: String = path.iter().map(TokenTree::to_string).collect();
    let mut arguments = arguments.stream().into_iter();
    let (TokenTree::Literal(literal), None) = (arguments.next()?, arguments.next()) else {
        return None;
    };
    // What has escapes in it is no string of JSON, or the same one.
    let folder = serde_json::from_str(&literal.to_string()).ok()?;
    (path == "skills_compiler::build").then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::folder;

    #[track_caller]
    fn check(script: &str, expected: Option<&str>) {
        assert_eq!(folder("", script).as_deref(), expected, "{script}");
    }

    #[test]
    fn the_usual_call_is_understood() {
        check(
            "fn main() -> std::process::ExitCode { skills_compiler::build(\"skills\") }",
            Some("skills"),
        );
        check(include_str!("../../template/build.rs"), Some("skills"));
        check(
            "//! What.\nuse std::process::ExitCode;\n/// Why.\nfn main() -> ExitCode {\n    // How.\n    skills_compiler::build(\"a b\")\n}",
            Some("a b"),
        );
    }

    #[test]
    fn what_may_mean_more_is_left_to_cargo() {
        for script in [
            "fn main() {}",
            "// skills_compiler::build(\"skills\")",
            "fn main() { skills_compiler::build(folder()) }",
            "fn main() { skills_compiler::configure().warn(\"SK018\").build(\"skills\") }",
            "fn main() { fetch(); skills_compiler::build(\"skills\") }",
            "fn main() { if x { skills_compiler::build(\"skills\") } }",
            "#[cfg(unix)] fn main() { skills_compiler::build(\"skills\") }",
            "fn main() { skills_compiler::build(\"skills\") } fn other() {}",
            "fn main() { skills_compiler::build(\"skills\" }",
        ] {
            check(script, None);
        }
    }

    #[test]
    fn another_script_is_another_matter() {
        let script = "fn main() { skills_compiler::build(\"skills\") }";
        for (manifest, expected) in [
            ("[package]\nbuild = \"build.rs\"\n", Some("skills")),
            ("[package]\n  build=\"real.rs\"\n", None),
            ("[package]\nbuild = false\n", None),
            ("[build-dependencies]\nx = \"1\"\n", Some("skills")),
        ] {
            assert_eq!(folder(manifest, script).as_deref(), expected, "{manifest}");
        }
    }
}
