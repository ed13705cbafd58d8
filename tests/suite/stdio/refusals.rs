//! What fails: the code for each mistake of a client, in both eras, and that the mistake is named.

use serde_json::{Value, json};

use crate::server::{INITIALIZED, STATELESS, Server};

const DOCUMENT: &str = "skill://conventional-commits/SKILL.md";
const INVALID_PARAMS: i64 = -32602;

fn check(method: &str, params: &Value, in_session: i64, stateless: i64, named: &str) {
    for (version, code) in [
        (INITIALIZED[0], in_session),
        (INITIALIZED[3], in_session),
        (STATELESS, stateless),
    ] {
        let mut server = Server::speaking(version);
        let error = server.error(method, params.clone());
        assert_eq!(
            error["code"], code,
            "{method} {params} of {version}: {error}"
        );
        let message = error["message"].as_str().expect("a message");
        assert!(message.contains(named), "{named:?} in {message:?}");
        assert!(
            server.result("tools/list", json!({}))["tools"].is_array(),
            "it goes on"
        );
    }
}

fn check_params(method: &str, params: &Value, named: &str) {
    check(method, params, INVALID_PARAMS, INVALID_PARAMS, named);
}

#[test]
fn a_resource_that_is_not_served_has_the_code_of_the_era() {
    for uri in [
        "skill://no/SKILL.md",
        "file:///etc/passwd",
        "skill://conventional-commits/../../etc/passwd",
        "",
        "\u{0}",
    ] {
        check(
            "resources/read",
            &json!({ "uri": uri }),
            -32002,
            INVALID_PARAMS,
            uri,
        );
    }
    check(
        "resources/read",
        &json!({ "uri": "skill://conventional-comits/SKILL.md" }),
        -32002,
        INVALID_PARAMS,
        DOCUMENT,
    );
}

#[test]
fn a_directory_is_not_read_as_a_file_nor_a_file_as_a_directory() {
    check_params(
        "resources/read",
        &json!({ "uri": "skill://conventional-commits" }),
        "is a directory",
    );
    check_params(
        "resources/directory/read",
        &json!({ "uri": DOCUMENT }),
        "is not a directory",
    );
    check_params(
        "resources/directory/read",
        &json!({ "uri": "skill://no" }),
        "skill://no",
    );
    check_params(
        "resources/directory/read",
        &json!({ "uri": "skill://rust/" }),
        "no trailing slash",
    );
}

#[test]
fn a_skill_that_is_not_served_is_an_error_that_names_it() {
    check_params(
        "skills/get",
        &json!({ "uri": "skill://no/SKILL.md" }),
        "skill://no/SKILL.md",
    );
    check_params(
        "skills/get",
        &json!({ "uri": "skill://conventional-commits" }),
        "skill://conventional-commits",
    );
}

#[test]
fn a_cursor_that_no_page_announced_is_an_error_in_every_listing() {
    for method in [
        "skills/list",
        "resources/list",
        "resources/templates/list",
        "prompts/list",
        "tools/list",
    ] {
        check_params(
            method,
            &json!({ "cursor": "never announced" }),
            "never announced",
        );
    }
    let directory = json!({ "uri": "skill://conventional-commits", "cursor": "never announced" });
    check_params("resources/directory/read", &directory, "never announced");
}

#[test]
fn an_unknown_prompt_tool_or_template_is_an_error_that_names_it() {
    check_params(
        "prompts/get",
        &json!({ "name": "no-such-prompt" }),
        "no-such-prompt",
    );
    check_params(
        "tools/call",
        &json!({ "name": "no_such_tool" }),
        "no_such_tool",
    );
    let completion = json!({
        "ref": { "type": "ref/resource", "uri": "other://{x}" },
        "argument": { "name": "x", "value": "" },
    });
    check_params("completion/complete", &completion, "other://{x}");
}

#[test]
fn parameters_that_are_missing_or_of_another_type_are_named() {
    for (method, field) in [
        ("resources/read", "uri"),
        ("resources/directory/read", "uri"),
        ("skills/get", "uri"),
        ("prompts/get", "name"),
        ("tools/call", "name"),
        ("completion/complete", "ref"),
    ] {
        check_params(method, &json!({}), &format!("`{field}`"));
    }
    check_params("resources/read", &json!({ "uri": 7 }), "expected a string");
    check_params("skills/list", &json!({ "cursor": 7 }), "expected a string");
    check_params(
        "tools/call",
        &json!({ "name": "list_skills", "arguments": [] }),
        "expected a map",
    );
}

#[test]
fn a_method_that_the_server_does_not_have_is_an_error() {
    for method in [
        "no/such",
        "",
        "resources/subscribe",
        "logging/setLevel",
        "tasks/get",
        "Tools/List",
        "rpc.discover",
    ] {
        check(method, &json!({}), -32601, -32601, method);
    }
}
