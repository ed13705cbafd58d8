//! What succeeds: every method, in both eras, against the files on the disk.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::server::{INITIALIZED, STATELESS, Server};
use crate::tree::{self, FILES};

const ERAS: [&str; 2] = [INITIALIZED[3], STATELESS];

/// A skill that lies in another, and one below a prefix.
const NESTED: &str = "incident-response/postmortem";
const PREFIXED: &str = "rust/supply-chain/crate-review";

fn uris(items: &Value) -> Vec<&str> {
    let items = items.as_array().expect("a list");
    items
        .iter()
        .filter_map(|item| item["uri"].as_str())
        .collect()
}

/// A request for each method that the server has.
fn every_method() -> Vec<(&'static str, Value)> {
    let document = json!({ "uri": format!("skill://{NESTED}/SKILL.md") });
    vec![
        ("server/discover", json!({})),
        ("skills/list", json!({})),
        ("skills/get", document.clone()),
        (
            "resources/directory/read",
            json!({ "uri": format!("skill://{NESTED}") }),
        ),
        ("resources/list", json!({})),
        ("resources/templates/list", json!({})),
        ("resources/read", document),
        ("prompts/list", json!({})),
        ("tools/list", json!({})),
        ("tools/call", json!({ "name": "list_skills" })),
        ("prompts/get", json!({ "name": "postmortem" })),
        (
            "completion/complete",
            json!({
                "ref": { "type": "ref/resource", "uri": "skill://{+skill}/SKILL.md" },
                "argument": { "name": "skill", "value": "" },
            }),
        ),
    ]
}

#[test]
fn every_stateless_result_is_complete_and_signed_and_most_may_be_kept() {
    let mut server = Server::speaking(STATELESS);
    for (method, params) in every_method() {
        let result = server.result(method, params);
        let server_info = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
        assert_eq!(server_info["name"], env!("CARGO_PKG_NAME"), "{method}");
        assert_eq!(result["resultType"], "complete", "{method}");
        if !["tools/call", "prompts/get", "completion/complete"].contains(&method) {
            assert_eq!(result["ttlMs"], 3_600_000, "{method}");
            assert_eq!(result["cacheScope"], "public", "{method}");
        }
    }
}

#[test]
fn a_session_gets_results_without_what_its_version_does_not_have() {
    for version in INITIALIZED {
        let mut server = Server::speaking(version);
        for (method, params) in every_method().into_iter().skip(1) {
            let result = server.result(method, params);
            assert!(result.get("resultType").is_none(), "{method} of {version}");
            assert!(result.get("_meta").is_none(), "{method} of {version}");
        }
        assert_eq!(server.result("ping", json!({})), json!({}));
    }
}

#[test]
fn every_skill_is_listed_with_all_of_its_files() {
    for version in ERAS {
        let mut server = Server::speaking(version);
        let skills = server.result("skills/list", json!({}))["skills"].take();
        assert_eq!(uris(&skills), tree::skill_uris());
        for skill in skills.as_array().expect("a list") {
            let uri = skill["uri"].as_str().expect("a URI");
            let root = uri.strip_suffix("SKILL.md").expect("a SKILL.md");
            let files = FILES.iter().map(tree::File::uri);
            let expected: Vec<_> = files.filter(|file| file.starts_with(root)).collect();
            assert_eq!(uris(&skill["resources"]), expected);
            let alone = server.result("skills/get", json!({ "uri": uri }));
            assert_eq!(&alone["skill"], skill);
        }
    }
}

#[test]
fn every_file_is_listed_and_read_to_the_byte() {
    for version in ERAS {
        let mut server = Server::speaking(version);
        let resources = server.result("resources/list", json!({}))["resources"].take();
        let expected: Vec<_> = FILES.iter().map(tree::File::uri).collect();
        let mut listed = uris(&resources);
        listed.sort_unstable();
        assert_eq!(listed, expected);
        for file in FILES.iter() {
            let result = server.result("resources/read", json!({ "uri": file.uri() }));
            let contents = &result["contents"][0];
            assert_eq!(contents["uri"], file.uri());
            match file.text() {
                Some(text) => assert_eq!(contents["text"], text),
                None => assert_eq!(contents["blob"], BASE64_STANDARD.encode(&file.bytes)),
            }
        }
    }
}

#[test]
fn a_picture_says_that_it_is_one() {
    let mut server = Server::speaking(STATELESS);
    let file = tree::binary();
    let result = server.result("resources/read", json!({ "uri": file.uri() }));
    assert_eq!(result["contents"][0]["mimeType"], "image/png");
    assert!(result["contents"][0].get("text").is_none());
}

#[test]
fn directories_are_read_from_the_prefix_down_to_the_files() {
    for version in ERAS {
        let mut server = Server::speaking(version);
        let mut read = |uri: &str| {
            server.result("resources/directory/read", json!({ "uri": uri }))["resources"].take()
        };
        let prefix = read("skill://rust");
        assert_eq!(uris(&prefix), ["skill://rust/supply-chain"]);
        assert_eq!(prefix[0]["mimeType"], "inode/directory");
        let mut open = vec![
            format!("skill://{PREFIXED}"),
            "skill://incident-response".to_owned(),
        ];
        let mut found = Vec::new();
        while let Some(uri) = open.pop() {
            for child in read(&uri).as_array().expect("a list") {
                let child_uri = child["uri"].as_str().expect("a URI").to_owned();
                assert!(
                    child_uri.starts_with(&format!("{uri}/")),
                    "{child_uri} in {uri}"
                );
                if child["mimeType"] == "inode/directory" {
                    open.push(child_uri);
                } else {
                    found.push(child_uri);
                }
            }
        }
        found.sort();
        let files = FILES.iter().map(tree::File::uri);
        let in_either = |uri: &String| {
            uri.starts_with("skill://incident-response/") || uri.starts_with("skill://rust/")
        };
        assert_eq!(found, files.filter(in_either).collect::<Vec<_>>());
    }
}

#[test]
fn templates_are_completed_with_skills_and_their_files() {
    for version in ERAS {
        let mut server = Server::speaking(version);
        let templates =
            server.result("resources/templates/list", json!({}))["resourceTemplates"].take();
        let file_template = templates[1]["uriTemplate"].clone();
        assert_eq!(file_template, "skill://{+skill}/{+file}");
        let mut complete = |argument: Value, skill: &str| {
            let params = json!({
                "ref": { "type": "ref/resource", "uri": file_template },
                "argument": argument,
                "context": { "arguments": { "skill": skill } },
            });
            server.result("completion/complete", params)["completion"].take()
        };
        let skills = complete(json!({ "name": "skill", "value": "" }), "");
        assert_eq!(skills["values"], json!(tree::skills()));
        assert_eq!(skills["hasMore"], false);
        let nested = complete(json!({ "name": "skill", "value": "postm" }), "");
        assert_eq!(nested["values"], json!([NESTED]));
        let files = complete(json!({ "name": "file", "value": "scripts/" }), PREFIXED);
        assert_eq!(files["values"], json!(["scripts/crate-facts.sh"]));
        assert_eq!(files["total"], 1);
    }
}

#[test]
fn a_prompt_is_there_for_every_skill_that_a_user_may_invoke() {
    for version in ERAS {
        let mut server = Server::speaking(version);
        let prompts = server.result("prompts/list", json!({}))["prompts"].take();
        let not_for_users = |path: &&str| {
            let document = FILES
                .iter()
                .find(|file| file.path == format!("{path}/SKILL.md"));
            let text = document.and_then(tree::File::text).expect("a document");
            text.contains("\nuser-invocable: false\n")
        };
        let count = tree::skills().len()
            - tree::skills()
                .iter()
                .filter(|path| not_for_users(path))
                .count();
        let prompts = prompts.as_array().expect("a list");
        assert_eq!(prompts.len(), count);
        for prompt in prompts {
            let params = json!({ "name": prompt["name"], "arguments": { "task": "Do it well." } });
            let result = server.result("prompts/get", params);
            let text = result["messages"][0]["content"]["text"]
                .as_str()
                .expect("text");
            assert!(text.contains("\n# "), "the body of the skill");
            assert!(text.ends_with("The task: Do it well."), "{text}");
            assert_eq!(result["messages"][0]["role"], "user");
        }
    }
}
