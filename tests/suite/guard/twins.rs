//! Skills of one name of which a caller sees only one: it has the name that it would have if there were no other.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{ask_as, document, file, folder, new_key, request, text};
use crate::http::conversation::{Request, ask};
use crate::project::Project;
use crate::service::{Service, serve_with};

const INDEX: &str = "/.well-known/agent-skills/index.json";

/// A server of three skills called `refunds`: one for everybody, one at the top for staff, one for partners.
static EXECUTABLE: LazyLock<PathBuf> = LazyLock::new(|| {
    let access = "[access]\n\"refunds\" = \"staff\"\n\"globex/**\" = \"payroll\"\n";
    let mut project = Project::new("twins").file("skills.toml", access);
    for path in ["acme/refunds", "globex/refunds", "refunds"] {
        let document = document("refunds", &format!("Pays back as {path} does"));
        project = project.skill(path, &document);
    }
    project.build()
});

/// The members of the items of a list.
fn all(list: &Value, member: &str) -> Vec<String> {
    let items = list.as_array().expect("a list").iter();
    let values = items.map(|item| item[member].as_str().expect(member).to_owned());
    values.collect()
}

/// The path of the skill behind a prompt, from what its answer begins with.
fn opened(answer: &Value) -> &str {
    let text = answer["result"]["messages"][0]["content"]["text"].as_str();
    let text = text.unwrap_or_else(|| panic!("{answer}"));
    text.split('`').nth(1).expect("a path")
}

#[test]
fn a_name_is_that_of_the_skill_that_the_caller_sees() {
    let _ = fs::remove_dir_all(folder("twins"));
    file("twins", "audit.key", &"k".repeat(64));
    let policy =
        "api-keys = \"keys.toml\"\n[audit]\nfile = \"audit.jsonl\"\nkey-file = \"audit.key\"\n";
    let policy = file("twins", "policy.toml", policy);
    let store = folder("twins").join("keys.toml");
    let guest = new_key(&store, &["guest"]);
    let staff = new_key(&store, &["staff", "--scope", "staff"]);
    let partner = new_key(&store, &["partner", "--scope", "payroll"]);
    let service =
        Service::with_admin_of(&mut serve_with(&EXECUTABLE, &["--policy", text(&policy)]));
    for (token, prompts, indexed) in [
        (&guest, &[("refunds", "acme/refunds")][..], 1),
        (
            &staff,
            &[("acme/refunds", "acme/refunds"), ("refunds", "refunds")],
            0,
        ),
        (
            &partner,
            &[
                ("acme/refunds", "acme/refunds"),
                ("globex/refunds", "globex/refunds"),
            ],
            0,
        ),
    ] {
        let listed = ask_as(&service, token, request("prompts/list", json!({}))).json();
        let names: Vec<_> = prompts.iter().map(|(name, _)| *name).collect();
        assert_eq!(all(&listed["result"]["prompts"], "name"), names);
        for (name, path) in prompts {
            let got = request("prompts/get", json!({ "name": name }));
            assert_eq!(opened(&ask_as(&service, token, got).json()), *path);
        }
        let index = ask_as(&service, token, Request::get(INDEX)).json();
        assert_eq!(all(&index["skills"], "name").len(), indexed, "{index}");
        let file = Request::get("/.well-known/agent-skills/refunds/SKILL.md");
        let status = ask_as(&service, token, file).status;
        assert_eq!(status == 200, indexed == 1, "{status}");
    }
    // The path is no name of a prompt for a guest, who knows of no other skill of that name.
    let path = request("prompts/get", json!({ "name": "acme/refunds" }));
    assert_eq!(ask_as(&service, &guest, path).code(), Some(-32602));

    let metrics = ask(service.admin(), &Request::get("/metrics"))
        .text()
        .to_owned();
    for (skill, count) in [("acme/refunds", 3), ("globex/refunds", 1), ("refunds", 1)] {
        let line = format!("mcp_skill_invocations_total{{skill=\"{skill}\"}} {count}\n");
        assert!(metrics.contains(&line), "{line} in {metrics}");
    }
    service.stop();
    let log = fs::read_to_string(folder("twins").join("audit.jsonl")).expect("a record");
    let lines = log.lines().map(serde_json::from_str::<Value>);
    let events: Vec<_> = lines.map(|line| line.expect("a line is JSON")).collect();
    let got = events.iter();
    let got: Vec<_> = got
        .filter(|event| event["method"] == "prompts/get")
        .collect();
    // The guest was the first to ask.
    let guest = &got.first().expect("there are some")["client_id"];
    let skills: Vec<_> = got
        .iter()
        .filter(|event| event["client_id"] == *guest)
        .map(|event| (event["target"].as_str(), event["skill"].as_str()))
        .collect();
    let path = Some("acme/refunds");
    assert_eq!(skills, [(Some("refunds"), path), (path, path)]);
}
