//! The tools, for hosts that know nothing else: what models read of them.

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
            assert!(tool.get("outputSchema").is_none(), "results are text");
            assert_eq!(tool["_meta"]["anthropic/alwaysLoad"], true);
        }
    }
}

/// What a model reads of a result: its text, of which there is one block, and no second copy as data.
fn text_of(result: &Value) -> &str {
    assert!(result.get("structuredContent").is_none(), "{result}");
    let content = result["content"].as_array().expect("content");
    let texts: Vec<_> = content
        .iter()
        .filter_map(|block| block["text"].as_str())
        .collect();
    assert_eq!(texts.len(), 1, "{result}");
    texts[0]
}

/// The paths in the lines of a list.
fn paths(list: &str) -> Vec<&str> {
    let lines = list.lines().filter_map(|line| line.strip_prefix("- `"));
    lines
        .filter_map(|line| Some(line.split_once('`')?.0))
        .collect()
}

#[test]
fn a_model_gets_from_the_list_to_every_file() {
    let mut server = Server::speaking(INITIALIZED[0]);
    let listed = call(&mut server, "list_skills", &json!({}));
    let skills = paths(text_of(&listed));
    assert_eq!(skills.len(), tree::skills().len());
    let mut seen = skills.len();
    for path in skills {
        let read = call(&mut server, "read_skill", &json!({ "skill": path }));
        let (_, files) = text_of(&read).rsplit_once("\n---\n").unwrap_or_default();
        for relative in paths(files) {
            let arguments = json!({ "skill": path, "path": relative, "lines": 1_000_000 });
            let answer = call(&mut server, "read_skill_file", &arguments);
            is_the_file(&answer, path, relative);
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

fn is_the_file(answer: &Value, skill: &str, relative: &str) {
    let uri = format!("skill://{skill}/{}", relative.replace(' ', "%20"));
    let file = FILES.iter().find(|file| file.uri() == uri);
    let file = file.unwrap_or_else(|| panic!("{uri} is on the disk"));
    if let Some(text) = file.text() {
        assert_eq!(text_of(answer), text);
    } else {
        let size = format!("image/png, {} bytes", file.bytes.len());
        assert!(text_of(answer).ends_with(&size), "{answer}");
        let content = &answer["content"][1];
        assert_eq!(content["type"], "image");
        assert_eq!(content["data"], BASE64_STANDARD.encode(&file.bytes));
    }
}

#[test]
fn a_skill_is_found_by_words_by_name_and_by_uri() {
    let mut server = Server::speaking(STATELESS);
    let path = "rust/supply-chain/crate-review";
    for query in ["Crate LICENCE", "please review the licence of a crate"] {
        let found = call(&mut server, "list_skills", &json!({ "query": query }));
        assert_eq!(paths(text_of(&found)).first(), Some(&path), "{query}");
    }
    for skill in [
        "crate-review",
        "rust/supply-chain/crate-review",
        "skill://rust/supply-chain/crate-review/SKILL.md",
    ] {
        let read = call(&mut server, "read_skill", &json!({ "skill": skill }));
        let head = format!("Follow this skill, `{path}`:");
        assert!(text_of(&read).starts_with(&head), "{skill}");
    }
}

#[test]
fn what_models_are_told_first_names_the_skills() {
    let mut server = Server::speaking(STATELESS);
    let discovery = server.result("server/discover", json!({}));
    let instructions = discovery["instructions"].as_str().expect("text");
    let head: String = instructions.chars().take(250).collect();
    assert!(head.starts_with("Skills: "), "{head}");
    assert!(head.contains("`read_skill` with its name"), "{head}");
    let tools = server.result("tools/list", json!({}))["tools"].take();
    let description = tools[0]["description"].as_str().expect("text");
    let shown: String = description.chars().take(160).collect();
    assert!(shown.contains("conventional-commits"), "{shown}");
    for path in tree::skills() {
        let name = path.rsplit('/').next().expect("a name");
        assert!(description.contains(name), "{name} in {description}");
    }
    assert!(description.len() < 2_000, "Claude Code takes no more");
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
            "call list_skills",
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
            json!({ "uri": "skill://rust/supply-chain/crate-review/SKILL.md", "skill": "postmortem" }),
            "is not a file of the skill",
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
