//! Skills that mean harm: nothing of them acts on a terminal, a log or a CI system, and no secret is shown.

use serde_json::Value;

use crate::folder::Folder;
use crate::process::run;

const FORMATS: [&str; 6] = ["human", "short", "json", "rustc-json", "sarif", "github"];

/// A token that looks real and is nobody's.
fn token() -> String {
    format!("ghp_{}", "x9Kd83Jf02LmQp47Zt61Vb58Nc30Rw72Hs94")
}

/// Everything that could act, in every place that a finding quotes.
fn hostile() -> Folder {
    let folder = Folder::empty();
    let harm = "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\u{e0041}\r::error::x ##[error]y";
    let text = format!(
        "---\nname: \"p{harm}\"\ndescription: Use when: {harm}\nNaem: {harm}\n---\n::error file=x::y\n ##[group]z\n\
         [{harm}](a{harm}.md) [x](::error::y.md) token {}\n",
        token()
    );
    folder.write("skills/pdf/SKILL.md", text.as_bytes());
    folder.write("skills/::warning::x/SKILL.md", b"::error::first line\n");
    folder.write("skills/a\u{1b}[31m##[error]\nb,c:d%/skill.md", b"x");
    folder
}

fn acts(symbol: char) -> bool {
    (symbol.is_control() && symbol != '\n')
        || matches!(symbol, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}')
}

fn is_harmless(text: &str, format: &str) {
    assert!(!text.chars().any(acts), "{format}: {text:?}");
    assert!(!text.contains("##["), "{format}: {text}");
    assert!(!text.contains(&token()), "{format}: {text}");
    let commands = text
        .lines()
        .filter(|line| line.trim_start().starts_with("::"));
    let ours = ["::error file=", "::warning file="];
    for line in commands {
        let is_ours = format == "github" && ours.iter().any(|ours| line.starts_with(ours));
        assert!(
            is_ours && line.matches("title=SK").count() == 1,
            "{format}: {line}"
        );
    }
}

#[test]
fn nothing_acts_in_any_format() {
    let folder = hostile();
    for format in FORMATS {
        let shown = run(&folder, &["check", "--format", format]).denied();
        assert!(shown.len() > 500, "{format}: {shown}");
        is_harmless(&shown, format);
    }
    is_harmless(
        &run(&folder, &["check", "--fix", "--dry-run"]).stdout,
        "diff",
    );
}

#[test]
fn a_folder_in_the_place_of_the_root_is_no_command_either() {
    let folder = Folder::empty();
    folder.write("::error::x/SKILL.md", b"x");
    for format in FORMATS {
        is_harmless(
            &run(&folder, &["check", ".", "--format", format]).denied(),
            format,
        );
        is_harmless(
            &run(&folder, &["check", "::error::x", "--format", format]).denied(),
            format,
        );
    }
}

#[test]
fn json_formats_keep_what_was_escaped() {
    let folder = hostile();
    let shown = run(&folder, &["check", "--format", "json"]).denied();
    let paths: Vec<Value> = shown
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect(line)["path"].clone())
        .collect();
    assert!(
        paths.contains(&Value::from("skills/a\u{1b}[31m##[error]\nb,c:d%/skill.md")),
        "{paths:?}"
    );
}

#[test]
fn what_is_typed_is_not_obeyed_either() {
    let folder = Folder::empty();
    let harm = "x\u{1b}[31m\n::error::y";
    for arguments in [
        &["check", harm][..],
        &["explain", harm],
        &["new-skill", harm],
        &["check", "-D", harm],
        &[harm],
    ] {
        let refusal = run(&folder, arguments).refused();
        assert!(!refusal.contains('\u{1b}'), "{refusal:?}");
        assert!(
            !refusal
                .lines()
                .any(|line| line.trim_start().starts_with("::")),
            "{refusal}"
        );
    }
}
