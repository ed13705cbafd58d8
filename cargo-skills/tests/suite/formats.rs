//! The formats, each as whoever reads it expects it.

use cargo_metadata::Message;
use cargo_metadata::diagnostic::{Applicability, DiagnosticLevel};
use serde_json::json;
use skills_compiler::diagnostics::{Style, render};
use skills_compiler::{Options, lint, source};

use crate::folder::{BAD, Folder, GOOD, ODD};
use crate::process::{findings, run};

#[test]
fn human_is_the_text_of_the_build_and_a_summary() {
    let folder = Folder::of(BAD);
    let tree = source::read(&folder.path("skills"), "skills").expect("it can be read");
    let texts = lint(&tree, &Options::default());
    let texts = texts
        .iter()
        .map(|finding| render(&tree, finding, Style::Plain) + "\n\n");
    let expected = texts.collect::<String>();
    let summary = "1 skill checked in `skills`: 2 errors; `--fix` repairs 1 of them\n";
    assert_eq!(
        run(&folder, &["check"]).denied(),
        format!("{expected}{summary}")
    );
    assert_eq!(run(&folder, &["check", "--quiet"]).denied(), expected);
}

#[test]
fn short_is_one_line_a_finding() {
    assert_eq!(
        run(&Folder::of(BAD), &["check", "--format", "short"]).denied(),
        "skills/pdf/SKILL.md:3:22: error[SK005] this `:` makes the value a mapping\n\
         skills/pdf/SKILL.md:5:12: error[SK205] this link leads to `skills/pdf/references/how.md`, which does not exist\n"
    );
    let odd = run(&Folder::of(ODD), &["check", "--format", "short"]).clean();
    assert!(
        odd.starts_with("skills/pdf/CONTRIBUTING.md:1:18: warning[SK205] "),
        "{odd}"
    );
    assert_eq!(
        run(&Folder::of(GOOD), &["check", "--format", "short"]).clean(),
        ""
    );
}

#[test]
fn json_is_one_object_a_finding() {
    let found = findings(&Folder::of(BAD), &[]);
    let expected = json!({
        "code": "SK005",
        "rule": "unquoted-colon",
        "level": "error",
        "source": "by default",
        "message": "this `:` makes the value a mapping",
        "path": "skills/pdf/SKILL.md",
        "start": { "byte": 35, "line": 3, "column": 22 },
        "end": { "byte": 36, "line": 3, "column": 23 },
        "label": "a nested mapping starts here",
        "related": [{
            "path": "skills/pdf/SKILL.md",
            "start": { "byte": 27, "line": 3, "column": 14 },
            "end": { "byte": 68, "line": 3, "column": 55 },
            "text": "in this unquoted value",
        }],
        "notes": found[0]["notes"],
        "helps": [{
            "text": "quote the value",
            "certain": true,
            "edits": [
                { "start": { "byte": 27, "line": 3, "column": 14 }, "end": { "byte": 27, "line": 3, "column": 14 }, "replacement": "\"" },
                { "start": { "byte": 68, "line": 3, "column": 55 }, "end": { "byte": 68, "line": 3, "column": 55 }, "replacement": "\"" },
            ],
        }],
    });
    assert_eq!(found[0], expected);
    assert_eq!(found.len(), 2);
}

#[test]
fn a_finding_about_a_path_has_no_region() {
    let folder = Folder::of("=== pdf/notes.md\n# Notes\n");
    let found = findings(&folder, &[]);
    assert_eq!(
        (&found[0]["code"], &found[0]["path"]),
        (&json!("SK001"), &json!("skills/pdf"))
    );
    assert!(found[0].get("start").is_none());
    let line = run(&folder, &["check", "--format", "github"]).denied();
    assert!(
        line.starts_with("::error file=skills/pdf,title=SK001 missing-skill-md::"),
        "{line}"
    );
}

#[test]
fn columns_are_characters_and_bytes_are_bytes() {
    let folder = Folder::of(
        "=== pdf/SKILL.md\n---\nname: pdf\ndescription: Füllt 📄 aus. Use when asked.\n---\nÄÖÜ📄 [x](weg.md)\n",
    );
    let found = &findings(&folder, &[])[0];
    assert_eq!(
        (&found["start"]["line"], &found["start"]["column"]),
        (&json!(5), &json!(10))
    );
    let byte = found["start"]["byte"].as_u64().expect("a number") as usize;
    assert!(folder.read("skills/pdf/SKILL.md")[byte..].starts_with("weg.md"));
}

#[test]
fn rustc_json_is_read_by_cargo_s_own_types() {
    let folder = Folder::of(BAD);
    let output = run(&folder, &["check", "--format", "rustc-json"]).denied();
    let messages = Message::parse_stream(output.as_bytes());
    let messages: Vec<_> = messages
        .map(|message| message.expect("a message of cargo"))
        .collect();
    let [
        Message::CompilerMessage(first),
        Message::CompilerMessage(_),
        Message::BuildFinished(end),
    ] = &messages[..]
    else {
        panic!("{messages:?}");
    };
    assert!(!end.success);
    let message = &first.message;
    assert_eq!(message.level, DiagnosticLevel::Error);
    assert_eq!(message.code.as_ref().expect("a code").code, "SK005");
    assert!(
        message
            .rendered
            .as_ref()
            .expect("a text")
            .starts_with("error[SK005]: ")
    );
    let span = &message.spans[0];
    assert_eq!(span.file_name, "skills/pdf/SKILL.md");
    assert_eq!(
        (
            span.byte_start,
            span.line_start,
            span.column_start,
            span.column_end
        ),
        (35, 3, 22, 23)
    );
    assert_eq!(
        span.text[0].text,
        "description: Use when: the user asks about PDFs, forms"
    );
    assert!(span.is_primary && !message.spans[1].is_primary);
    let help = message.children.last().expect("a help");
    assert_eq!(help.spans[0].suggested_replacement.as_deref(), Some("\""));
    assert_eq!(
        help.spans[0].suggestion_applicability,
        Some(Applicability::MachineApplicable)
    );
}

#[test]
fn rustc_json_says_how_sure_a_repair_is() {
    for (text, expected) in [
        (
            "---\nname: pdf\n---\nDo it.\n",
            Applicability::HasPlaceholders,
        ),
        (
            "=== pdf/SKILL.md\n---\nname: pdf-x\ndescription: Fills forms. Use when asked.\n---\nDo it.\n",
            Applicability::MaybeIncorrect,
        ),
    ] {
        let output = run(&Folder::of(text), &["check", "--format", "rustc-json"]).denied();
        let mut messages = Message::parse_stream(output.as_bytes());
        let Some(Ok(Message::CompilerMessage(first))) = messages.next() else {
            panic!("{output}");
        };
        let mut spans = first.message.children.iter().flat_map(|child| &child.spans);
        let found = spans.find_map(|span| span.suggestion_applicability.clone());
        assert_eq!(found, Some(expected), "{output}");
    }
}

#[test]
fn github_is_one_command_a_finding() {
    let lines = run(&Folder::of(BAD), &["check", "--format", "github"]).denied();
    let first = lines.lines().next().expect("a line");
    let expected = "::error file=skills/pdf/SKILL.md,line=3,endLine=3,col=22,endColumn=23,title=SK005 unquoted-colon::this `:` makes the value a mapping%0Anote: ";
    assert!(
        first.starts_with(expected) && first.ends_with("%0Ahelp: quote the value"),
        "{first}"
    );
    assert_eq!(lines.lines().count(), 2);
    let odd = run(&Folder::of(ODD), &["check", "--format", "github"]).clean();
    assert!(
        odd.starts_with("::warning file=skills/pdf/CONTRIBUTING.md,line=1,"),
        "{odd}"
    );
}
