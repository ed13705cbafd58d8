//! Protocol versions: how a client and the server come to one, and what each says about the server.

use serde_json::{Value, json};

use crate::server::{INITIALIZED, STATELESS, Server};

const SKILLS: &str = "io.modelcontextprotocol/skills";

fn is_complete(identity: &Value, server_info: &Value) {
    let capabilities = &identity["capabilities"];
    for capability in ["completions", "prompts", "resources", "tools"] {
        assert_eq!(
            capabilities[capability],
            json!({}),
            "{capability}: nothing can change"
        );
    }
    assert_eq!(
        capabilities["extensions"][SKILLS],
        json!({ "directoryRead": true })
    );
    assert_eq!(server_info["name"], env!("CARGO_PKG_NAME"));
    assert_eq!(server_info["version"], env!("CARGO_PKG_VERSION"));
    let instructions = identity["instructions"].as_str().expect("instructions");
    for tool in ["list_skills", "read_skill", "read_skill_file"] {
        assert!(instructions.contains(tool), "{tool} in {instructions}");
    }
}

#[test]
fn every_version_with_initialize_is_agreed_to() {
    for version in INITIALIZED {
        let mut server = Server::speaking(version);
        let skills = server.result("skills/list", json!({}));
        assert!(skills["skills"].is_array(), "{version}");
    }
}

#[test]
fn initialize_says_who_serves_what() {
    let mut server = Server::start();
    let params = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": { "name": "suite", "version": "1" },
    });
    server.write(
        format!(
            "{}\n",
            json!({ "jsonrpc": "2.0", "id": "first", "method": "initialize", "params": params })
        )
        .as_bytes(),
    );
    let answer = server.answer();
    assert_eq!(answer["id"], "first", "an id may be a string");
    is_complete(&answer["result"], &answer["result"]["serverInfo"]);
}

#[test]
fn a_version_that_nobody_knows_is_answered_with_the_newest_that_has_initialize() {
    let mut server = Server::start();
    let params = json!({
        "protocolVersion": "1999-12-31",
        "capabilities": {},
        "clientInfo": { "name": "suite", "version": "1" },
    });
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params });
    server.write(format!("{request}\n").as_bytes());
    assert_eq!(server.answer()["result"]["protocolVersion"], "2025-11-25");
}

#[test]
fn discovery_says_who_serves_what_in_which_versions() {
    let mut server = Server::speaking(STATELESS);
    let result = server.result("server/discover", json!({}));
    is_complete(
        &result,
        &result["_meta"]["io.modelcontextprotocol/serverInfo"],
    );
    let versions = result["supportedVersions"].as_array().expect("versions");
    for version in INITIALIZED.iter().chain(&[STATELESS]) {
        assert!(versions.contains(&json!(version)), "{version}");
    }
}

#[test]
fn a_stateless_request_needs_nothing_before_it() {
    for (method, key) in [
        ("skills/list", "skills"),
        ("tools/list", "tools"),
        ("prompts/list", "prompts"),
    ] {
        let mut server = Server::speaking(STATELESS);
        assert!(server.result(method, json!({}))[key].is_array(), "{method}");
    }
}

#[test]
fn a_stateless_request_of_an_unknown_version_is_told_the_known_ones() {
    let mut server = Server::start();
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "1999-12-31",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let request =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "skills/list", "params": { "_meta": meta } });
    server.write(format!("{request}\n").as_bytes());
    let error = server.answer()["error"].take();
    assert_eq!(error["code"], -32022);
    assert_eq!(error["data"]["requested"], "1999-12-31");
    let supported = error["data"]["supported"].as_array().expect("versions");
    assert!(supported.contains(&json!(STATELESS)), "{error}");
    assert!(server.result("skills/list", json!({}))["skills"].is_array());
}

#[test]
fn a_request_of_no_version_is_told_what_is_missing() {
    let mut server = Server::start();
    server.write(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"skills/list\"}\n");
    let error = server.answer()["error"].take();
    assert_eq!(error["code"], -32602);
    let message = error["message"].as_str().expect("a message");
    assert!(
        message.contains("io.modelcontextprotocol/protocolVersion"),
        "{message}"
    );
}
