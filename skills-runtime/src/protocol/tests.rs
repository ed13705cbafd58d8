//! The protocol layer as a client sees it: requests and answers as JSON, through rmcp's own transport.

use rmcp::ServiceExt;
use rmcp::service::Service;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use super::*;
use crate::testing::BUNDLE;

const SERVER_INFO: &str = "/_meta/io.modelcontextprotocol~1serverInfo/name";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Era {
    Initialize,
    Stateless,
}

/// The answers of a service to requests, in order.
fn ask(service: impl Service<RoleServer>, era: Era, requests: &[(&str, Value)]) -> Vec<Value> {
    let mut lines = Vec::new();
    if era == Era::Initialize {
        let client = json!({ "name": "test", "version": "0" });
        let params =
            json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
        lines.push(line("initialize", params, era));
    }
    lines.extend(
        requests
            .iter()
            .map(|(method, params)| line(method, params.clone(), era)),
    );
    let mut answers = exchange(service, &lines);
    answers.split_off(answers.len() - requests.len())
}

fn line(method: &str, mut params: Value, era: Era) -> String {
    if era == Era::Stateless {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
    }
    format!(
        "{}\n",
        json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })
    )
}

fn exchange(service: impl Service<RoleServer>, lines: &[String]) -> Vec<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let (server, client) = tokio::io::duplex(1024 * 1024);
        let serving = tokio::spawn(async {
            // A client that only asks who is there never begins a session.
            if let Ok(running) = service.serve(server).await {
                running.waiting().await.unwrap();
            }
        });
        let (reader, mut writer) = tokio::io::split(client);
        let mut reader = BufReader::new(reader).lines();
        let mut answers = Vec::new();
        for line in lines {
            writer.write_all(line.as_bytes()).await.unwrap();
            let answer = reader.next_line().await.unwrap().expect("an answer");
            answers.push(serde_json::from_str(&answer).unwrap());
        }
        drop((reader, writer));
        serving.await.unwrap();
        answers
    })
}

fn server() -> SkillServer<()> {
    SkillServer::new(&BUNDLE, Permits::One(Permit::owner()), ()).unwrap()
}

fn answer(era: Era, method: &str, params: Value) -> Value {
    ask(server(), era, &[(method, params)]).remove(0)
}

fn call(tool: &str, arguments: &Value) -> Value {
    let params = json!({ "name": tool, "arguments": arguments });
    answer(Era::Stateless, "tools/call", params)["result"].take()
}

fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap()
}

#[test]
fn every_result_of_the_stateless_era_says_who_answers_and_how_long_it_keeps() {
    let document = json!({ "uri": "skill://commit-message/SKILL.md" });
    for (method, params) in [
        ("server/discover", json!({})),
        ("skills/list", json!({})),
        ("skills/get", document.clone()),
        ("resources/list", json!({})),
        ("resources/read", document),
        ("resources/templates/list", json!({})),
        (
            "resources/directory/read",
            json!({ "uri": "skill://commit-message" }),
        ),
        ("prompts/list", json!({})),
        ("tools/list", json!({})),
    ] {
        let result = answer(Era::Stateless, method, params)["result"].take();
        assert_eq!(
            result.pointer(SERVER_INFO),
            Some(&json!("sample")),
            "{method}"
        );
        assert_eq!(result["resultType"], "complete", "{method}");
        assert_eq!(result["ttlMs"], 3_600_000, "{method}");
        assert_eq!(result["cacheScope"], "public", "{method}");
    }
}

#[test]
fn results_of_the_era_of_initialize_have_none_of_that() {
    let read = json!({ "name": "read_skill", "arguments": { "skill": "commit-message" } });
    for (method, params) in [("skills/list", json!({})), ("tools/call", read)] {
        let result = answer(Era::Initialize, method, params)["result"].take();
        assert!(result.is_object(), "{method}");
        assert!(result.get("_meta").is_none(), "{method}");
        assert!(result.get("resultType").is_none(), "{method}");
    }
}

#[test]
fn skills_are_listed_in_pages() {
    let first = answer(Era::Stateless, "skills/list", json!({}))["result"].take();
    assert_eq!(first["skills"].as_array().unwrap().len(), 2);
    let params = json!({ "cursor": first["nextCursor"] });
    let last = answer(Era::Stateless, "skills/list", params)["result"].take();
    assert_eq!(last["skills"][0]["uri"], "skill://globex/refunds/SKILL.md");
    assert!(last.get("nextCursor").is_none());
}

#[test]
fn files_are_read_as_text_or_in_base64() {
    for file in BUNDLE.resources {
        let result = answer(
            Era::Stateless,
            "resources/read",
            json!({ "uri": file.uri() }),
        );
        let contents = &result["result"]["contents"][0];
        assert_eq!(contents["mimeType"], file.media_type());
        match file.content() {
            skills_model::Content::Text(text) => assert_eq!(contents["text"], text),
            skills_model::Content::Blob(_) => assert_eq!(contents["blob"], "iVBORw0KGgo="),
        }
    }
}

#[test]
fn what_is_not_served_has_the_code_of_the_era() {
    for (era, method, uri, code) in [
        (
            Era::Stateless,
            "resources/read",
            "skill://no/SKILL.md",
            -32602,
        ),
        (
            Era::Initialize,
            "resources/read",
            "skill://no/SKILL.md",
            -32002,
        ),
        (
            Era::Initialize,
            "resources/read",
            "skill://commit-message",
            -32602,
        ),
        (Era::Initialize, "skills/get", "skill://no/SKILL.md", -32602),
        (
            Era::Stateless,
            "resources/directory/read",
            "skill://no",
            -32602,
        ),
    ] {
        let error = answer(era, method, json!({ "uri": uri }))["error"].take();
        assert_eq!(error["code"], code, "{method} {uri}");
        assert_eq!(error["data"]["uri"], uri);
        assert!(error["message"].as_str().unwrap().contains(uri));
    }
}

#[test]
fn a_prompt_has_the_instructions_the_files_and_the_task() {
    let params = json!({ "name": "commit-message", "arguments": { "task": "Fix it" } });
    let result = answer(Era::Stateless, "prompts/get", params)["result"].take();
    let text = result["messages"][0]["content"]["text"].as_str().unwrap();
    for part in [
        "# Commit messages",
        "- `scripts/check.sh` (application/x-sh, 15 bytes)\n",
        "- `references/style guide.md` (text/markdown, 20 bytes): skill://commit-message/references/style%20guide.md",
        "The task: Fix it",
    ] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
}

#[test]
fn a_tool_answers_in_text_alone() {
    let listed = call("list_skills", &json!({ "query": "acme" }));
    assert_eq!(
        text(&listed),
        "1 skill:\n- `acme/refunds`: Refund a customer of Acme."
    );
    let skill = call("read_skill", &json!({ "skill": "commit-message" }));
    assert!(text(&skill).contains("# Commit messages"));
    let picture = call(
        "read_skill_file",
        &json!({ "skill": "commit-message", "path": "assets/logo.png" }),
    );
    assert_eq!(
        text(&picture),
        "`commit-message/assets/logo.png`, image/png, 8 bytes"
    );
    assert_eq!(picture["content"][1]["type"], "image");
    for result in [listed, skill, picture] {
        assert!(result.get("structuredContent").is_none());
    }
}

#[test]
fn a_file_is_found_by_all_arguments_that_agree() {
    let uri = "skill://commit-message/scripts/check.sh";
    let (skill, path) = ("commit-message", "scripts/check.sh");
    for arguments in [
        json!({ "skill": skill, "path": path }),
        json!({ "skill": skill, "path": path, "uri": "", "line": 0, "lines": 0, "column": 0 }),
        json!({ "skill": skill, "path": path, "uri": uri, "line": null }),
        json!({ "skill": skill, "path": uri }),
        json!({ "skill": "", "path": uri }),
        json!({ "skill": uri.strip_suffix("/scripts/check.sh"), "path": path }),
        json!({ "skill": skill, "path": format!("{skill}/{path}") }),
        json!({ "uri": uri }),
    ] {
        let result = call("read_skill_file", &arguments);
        assert_eq!(text(&result), "#!/bin/sh\ntrue\n", "{arguments}");
    }
    for arguments in [
        json!({ "skill": "acme/refunds", "path": uri }),
        json!({ "skill": skill, "path": "assets/logo.png", "uri": uri }),
    ] {
        let result = call("read_skill_file", &arguments);
        assert_eq!(result["isError"], true, "{arguments}");
    }
}

#[test]
fn a_wrong_call_is_explained_to_the_model() {
    for (tool, arguments, explanation) in [
        ("read_skill", json!({}), "missing field `skill`"),
        ("read_skill", json!({ "skill": 1 }), "expected a string"),
        ("read_skill", json!({ "name": "x" }), "unknown field `name`"),
        (
            "read_skill",
            json!({ "skill": "refunds" }),
            "- `globex/refunds`: ",
        ),
        (
            "read_skill",
            json!({ "skill": "comit-message" }),
            "Did you mean `commit-message`?",
        ),
        (
            "read_skill_file",
            json!({ "skill": "commit-message" }),
            "missing field `path`",
        ),
        (
            "read_skill_file",
            json!({ "path": "scripts/check.sh" }),
            "missing field `skill`",
        ),
        (
            "read_skill_file",
            json!({ "skill": "commit-message", "path": "x" }),
            "- `scripts/check.sh`",
        ),
        (
            "list_skills",
            json!({ "cursor": "7" }),
            "cursor that the page before named",
        ),
    ] {
        let result = call(tool, &arguments);
        assert_eq!(result["isError"], true, "{explanation}");
        assert!(
            text(&result).contains(explanation),
            "{explanation} in {}",
            text(&result)
        );
    }
    let unknown = answer(Era::Stateless, "tools/call", json!({ "name": "rm" }));
    assert_eq!(unknown["error"]["code"], -32602);
}

#[test]
fn a_panic_is_an_error_that_tells_nothing() {
    let error = envelope::guarded(|| -> Result<(), ErrorData> { panic!("on purpose") });
    let error = serde_json::to_value(error.unwrap_err()).unwrap();
    assert_eq!(
        error,
        json!({ "code": -32603, "message": "Internal error" })
    );
}
