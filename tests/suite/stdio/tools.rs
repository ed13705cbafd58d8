//! The tools, for hosts that know nothing else: what they say in words and what they say as data.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::server::{INITIALIZED, STATELESS, Server};
use crate::tree::{self, FILES};

fn call(server: &mut Server, name: &str, arguments: &Value) -> Value {
    server.result(
        "tools/call",
        json!({ "name": name, "arguments": arguments }),
    )
}

#[test]
fn the_tools_are_three_that_only_read() {
    for version in [INITIALIZED[0], STATELESS] {
        let tools = Server::speaking(version).result("tools/list", json!({}))["tools"].take();
        let names = ["list_skills", "read_skill", "read_skill_file"];
        assert_eq!(tools.as_array().map(Vec::len), Some(names.len()));
        for (tool, name) in tools.as_array().expect("a list").iter().zip(names) {
            assert_eq!(tool["name"], name);
            assert_eq!(tool["annotations"]["readOnlyHint"], true);
            assert_eq!(tool["annotations"]["idempotentHint"], true);
            assert_eq!(tool["annotations"]["openWorldHint"], false);
            assert_eq!(tool["inputSchema"]["type"], "object");
            assert_eq!(tool["outputSchema"]["type"], "object");
        }
    }
}

#[test]
fn a_model_gets_from_the_list_to_every_file() {
    let mut server = Server::speaking(INITIALIZED[0]);
    let listed = call(&mut server, "list_skills", &json!({}))["structuredContent"].take();
    assert_eq!(listed["total"], tree::skills().len());
    let mut seen = tree::skills().len();
    for skill in listed["skills"].as_array().expect("a list") {
        let path = skill["path"].as_str().expect("a path");
        let read = call(&mut server, "read_skill", &json!({ "skill": path }));
        let words = read["content"][0]["text"].as_str().expect("text");
        let data = &read["structuredContent"];
        let files = data["files"].as_array().expect("a list");
        assert_eq!(
            skill["files"],
            files.len() + 1,
            "SKILL.md is not among them"
        );
        for file in files {
            let relative = file["path"].as_str().expect("a path");
            assert!(
                words.contains(&format!("- `{relative}` (")),
                "{relative} in {words}"
            );
            let answer = call(
                &mut server,
                "read_skill_file",
                &json!({ "skill": path, "path": relative }),
            );
            is_the_file(&answer, file["uri"].as_str().expect("a URI"));
            seen += usize::from(!nested(path, relative));
        }
    }
    assert_eq!(seen, FILES.len());
}

/// Whether the file belongs to a skill within the skill.
fn nested(skill: &str, file: &str) -> bool {
    let path = format!("{skill}/{file}");
    let inner = tree::skills().into_iter().filter(|other| *other != skill);
    inner
        .filter(|other| other.starts_with(&format!("{skill}/")))
        .any(|other| path.starts_with(&format!("{other}/")))
}

fn is_the_file(answer: &Value, uri: &str) {
    let file = FILES.iter().find(|file| file.uri() == uri);
    let file = file.expect("a file on the disk");
    let (content, data) = (&answer["content"][0], &answer["structuredContent"]);
    assert_eq!(data["size"], file.bytes.len(), "{uri}");
    if let Some(text) = file.text() {
        assert_eq!(content["text"], text);
        assert_eq!(data["text"], text);
    } else {
        assert_eq!(content["type"], "image");
        assert_eq!(content["data"], BASE64_STANDARD.encode(&file.bytes));
        assert!(data.get("text").is_none());
    }
}

#[test]
fn a_skill_is_found_by_words_by_name_and_by_uri() {
    let mut server = Server::speaking(STATELESS);
    let found = call(
        &mut server,
        "list_skills",
        &json!({ "query": "Crate LICENCE" }),
    );
    let path = &found["structuredContent"]["skills"][0]["path"];
    assert_eq!(path, "rust/supply-chain/crate-review");
    for skill in [
        "crate-review",
        "rust/supply-chain/crate-review",
        "skill://rust/supply-chain/crate-review/SKILL.md",
    ] {
        let read = call(&mut server, "read_skill", &json!({ "skill": skill }));
        assert_eq!(&read["structuredContent"]["path"], path, "{skill}");
    }
}

#[test]
fn a_model_that_errs_is_told_how_to_do_better() {
    let mut server = Server::speaking(STATELESS);
    for (name, arguments, advice) in [
        ("read_skill", json!({}), "missing field `skill`"),
        ("read_skill", json!({ "skill": ["x"] }), "expected a string"),
        (
            "read_skill",
            json!({ "skill": "crate-reviw" }),
            "Did you mean `crate-review`?",
        ),
        (
            "read_skill",
            json!({ "skill": "nothing like any" }),
            "Call list_skills",
        ),
        (
            "read_skill_file",
            json!({ "skill": "crate-review", "path": "no.md" }),
            "- `references/policy.md`",
        ),
        (
            "read_skill_file",
            json!({ "skill": "crate-review", "path": "../../../secret" }),
            "has no file",
        ),
        (
            "read_skill_file",
            json!({ "uri": "file:///etc/passwd" }),
            "No resource is served",
        ),
        (
            "read_skill_file",
            json!({ "uri": "skill://crate-review", "path": "x" }),
            "`uri` alone",
        ),
        (
            "list_skills",
            json!({ "limit": 5 }),
            "unknown field `limit`",
        ),
        (
            "list_skills",
            json!({ "query": "x".repeat(201) }),
            "longer than 200",
        ),
    ] {
        let result = call(&mut server, name, &arguments);
        assert_eq!(result["isError"], true, "{name} {arguments}");
        let text = result["content"][0]["text"].as_str().expect("text");
        assert!(text.contains(advice), "{advice:?} in {text:?}");
    }
}
