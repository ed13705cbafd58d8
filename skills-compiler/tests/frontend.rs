//! The macros as functions from tokens to tokens: any input gives an expansion, and a bad one says so once.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use proc_macro2::TokenStream;
use skills_compiler::frontend::macros::{bundle, skill};

/// How often an expansion fails to compile on purpose.
fn errors(tokens: &TokenStream) -> usize {
    tokens.to_string().matches("compile_error").count()
}

#[track_caller]
fn check(input: &str, expected: usize) {
    let input: TokenStream = input.parse().expect("tokens");
    let bundle = bundle(input.clone());
    assert_eq!(errors(&bundle), expected, "{bundle}");
    let items = bundle.to_string();
    assert_eq!(items.matches("pub static BUNDLE").count(), 1, "{items}");
}

#[test]
fn what_is_not_one_text_is_refused() {
    for input in [
        "",
        "1",
        "skills",
        "b\"skills\"",
        "c\"skills\"",
        "'s'",
        "\"a\" \"b\"",
        "\"a\",",
        "(\"a\")",
        "concat!(\"a\")",
        "{ } [ ] $ # :: <",
    ] {
        check(input, 1);
        let tokens = skill(input.parse().expect("tokens"));
        assert_eq!(errors(&tokens), 1, "{tokens}");
    }
}

#[test]
fn a_directory_that_cannot_be_read_is_refused() {
    for input in ["\"gone\"", "\"\\0\"", "\"Cargo.toml\"", "r#\"go\"ne\"#"] {
        check(input, 1);
    }
}

#[test]
fn a_text_may_be_written_raw() {
    check("\"tests/frontend/skills\"", 0);
    check("r\"tests/frontend/skills\"", 0);
    check("r##\"tests/frontend/skills\"##", 0);
}

#[test]
fn a_skill_is_an_expression() {
    // This package has neither a bundle nor a directory `skills`.
    let tokens = skill("\"pdf\"".parse().expect("tokens"));
    assert_eq!(errors(&tokens), 1);
    assert!(!tokens.to_string().contains(';'), "{tokens}");
}
