//! What callers see of the skills: those that require nothing, and those whose scopes they have.

use serde_json::{Value, json};

use super::{EXECUTABLE, ask_as, file, new_key, no_file, read, request, start, text};
use crate::http::conversation::{Request, ask};
use crate::server::{STATELESS, Server};
use crate::service::Service;

const GREETING: &str = "skill://greeting/SKILL.md";
const ONBOARDING: &str = "skill://internal/onboarding/SKILL.md";
const PAYROLL: &str = "skill://internal/payroll/SKILL.md";
const DATES: &str = "skill://internal/payroll/references/dates.md";

/// The values of a member of all items of a listing.
fn all(result: &Value, list: &str, member: &str) -> Vec<String> {
    let items = result[list].as_array().expect(list).iter();
    let values = items.map(|item| item[member].as_str().expect(member).to_owned());
    values.collect()
}

/// Everything that a caller can learn of the skills, through every door that lists: their paths.
fn seen(service: &Service, token: &str) -> Vec<Vec<String>> {
    let result = |method: &str, params: Value| {
        let answer = ask_as(service, token, request(method, params));
        assert_eq!(answer.status, 200, "{method}: {}", answer.text());
        answer.json()["result"].take()
    };
    let paths = |uris: Vec<String>| {
        let documents = uris.iter().filter_map(|uri| uri.strip_suffix("/SKILL.md"));
        let paths = documents.filter_map(|uri| uri.strip_prefix("skill://"));
        paths.map(str::to_owned).collect::<Vec<_>>()
    };
    let listed = |arguments: Value| {
        let call = json!({ "name": "list_skills", "arguments": arguments });
        let answer = result("tools/call", call);
        let text = answer["content"][0]["text"].as_str().expect("text");
        let lines = text.lines().filter_map(|line| line.strip_prefix("- `"));
        let paths = lines.filter_map(|line| line.split_once('`'));
        paths.map(|(path, _)| path.to_owned()).collect::<Vec<_>>()
    };
    let completion = json!({
        "ref": { "type": "ref/resource", "uri": "skill://{+skill}/SKILL.md" },
        "argument": { "name": "skill", "value": "" },
    });
    let completed = result("completion/complete", completion);
    let completed = completed["completion"]["values"]
        .as_array()
        .expect("values")
        .iter();
    let index = "/.well-known/agent-skills/index.json";
    let index = ask_as(service, token, Request::get(index));
    assert_eq!(
        (index.status, index.header("cache-control")),
        (200, Some("private, max-age=300"))
    );
    vec![
        paths(all(&result("skills/list", json!({})), "skills", "uri")),
        paths(all(
            &result("resources/list", json!({})),
            "resources",
            "uri",
        )),
        all(&result("prompts/list", json!({})), "prompts", "name"),
        listed(json!({})),
        listed(json!({ "query": "people" })),
        completed
            .map(|value| value.as_str().expect("text").to_owned())
            .collect(),
        all(&index.json(), "skills", "name"),
    ]
}

#[test]
fn a_caller_sees_what_its_scopes_are_for_through_every_door() {
    let store = no_file("access", "keys.toml");
    let guest = new_key(&store, &["guest"]);
    let staff = new_key(&store, &["staff", "--scope", "staff"]);
    let boss = new_key(&store, &["boss", "--scope", "staff", "--scope", "payroll"]);
    let service = start(&["--api-keys", text(&store)]);
    for (token, full, names) in [
        (&guest, vec!["greeting"], vec!["greeting"]),
        (
            &staff,
            vec!["greeting", "internal/onboarding"],
            vec!["greeting", "onboarding"],
        ),
        (
            &boss,
            vec!["greeting", "internal/onboarding", "internal/payroll"],
            vec!["greeting", "onboarding", "payroll"],
        ),
    ] {
        for (door, paths) in seen(&service, token).into_iter().enumerate() {
            // Prompts and the index of static files have names.
            let expected = if [2, 6].contains(&door) {
                &names
            } else {
                &full
            };
            assert_eq!(&paths, expected, "door {door}");
        }
        for (uri, least) in [(GREETING, 1), (ONBOARDING, 2), (PAYROLL, 3), (DATES, 3)] {
            let is_seen = full.len() >= least;
            let answer = ask_as(&service, token, read(uri));
            assert_eq!(answer.code().is_none(), is_seen, "{uri}: {}", answer.text());
            let got = ask_as(
                &service,
                token,
                request("skills/get", json!({ "uri": uri })),
            );
            assert_eq!(got.code().is_none(), is_seen && uri != DATES, "{uri}");
            let path = uri
                .trim_start_matches("skill://")
                .trim_end_matches("/SKILL.md");
            let name = path.rsplit('/').next().expect("a name");
            if uri != DATES {
                let opened = request(
                    "tools/call",
                    json!({ "name": "read_skill", "arguments": { "skill": path } }),
                );
                let opened = ask_as(&service, token, opened).json()["result"].take();
                assert_eq!(opened["isError"] != json!(true), is_seen, "{opened}");
                let prompt = ask_as(
                    &service,
                    token,
                    request("prompts/get", json!({ "name": name })),
                );
                assert_eq!(prompt.code().is_none(), is_seen, "{name}");
            }
            let artifact = format!("/.well-known/agent-skills/{name}/SKILL.md");
            let status = ask_as(&service, token, Request::get(&artifact)).status;
            assert_eq!(status == 200, is_seen && uri != DATES, "{artifact}");
        }
        let directory = request(
            "resources/directory/read",
            json!({ "uri": "skill://internal" }),
        );
        let directory = ask_as(&service, token, directory);
        let children = full.len() - 1;
        if children == 0 {
            assert!(
                directory.code().is_some(),
                "nothing is in it for this caller"
            );
        } else {
            let listed = all(&directory.json()["result"], "resources", "uri");
            assert_eq!(listed.len(), children, "{listed:?}");
        }
    }
}

#[test]
fn what_one_caller_is_told_no_cache_keeps_for_others() {
    let store = no_file("scope", "keys.toml");
    let boss = new_key(&store, &["boss", "--scope", "staff", "--scope", "payroll"]);
    let service = start(&["--api-keys", text(&store)]);
    for (method, params) in [
        ("skills/list", json!({})),
        ("resources/read", json!({ "uri": GREETING })),
        ("server/discover", json!({})),
        ("tools/list", json!({})),
        ("prompts/list", json!({})),
        ("resources/templates/list", json!({})),
    ] {
        let answer = ask_as(&service, &boss, request(method, params)).json();
        assert_eq!(
            answer["result"]["cacheScope"], "private",
            "{method}: {answer}"
        );
    }
}

#[test]
fn a_suggestion_gives_nothing_away() {
    let store = no_file("suggestion", "keys.toml");
    let guest = new_key(&store, &["guest"]);
    let service = start(&["--api-keys", text(&store)]);
    for asked in [
        "skill://internal/payrol/SKILL.md",
        "skill://internal/payroll/SKILL.mdx",
    ] {
        let answer = ask_as(&service, &guest, read(asked));
        let told = answer.text().replace(asked, "");
        assert!(!told.contains("payroll"), "{told}");
    }
    let tool = json!({ "name": "read_skill", "arguments": { "skill": "payrol" } });
    let told = ask_as(&service, &guest, request("tools/call", tool));
    assert!(!told.text().contains("payroll"), "{}", told.text());
    let discovery = ask_as(&service, &guest, request("server/discover", json!({})));
    let instructions = discovery.json()["result"]["instructions"].to_string();
    assert!(
        instructions.contains("greeting") && !instructions.contains("internal"),
        "{instructions}"
    );
}

#[test]
fn a_probe_does_not_say_how_much_there_is() {
    let store = no_file("probe", "keys.toml");
    new_key(&store, &["guest"]);
    let service = super::with_admin(&["--api-keys", text(&store)]);
    let probe = Request::get("/health");
    assert_eq!(
        ask(service.address(), &probe).json(),
        json!({ "status": "healthy" })
    );
    let told = ask(service.admin(), &probe).json();
    assert_eq!(told["components"]["skills"]["skills"], 3, "{told}");
}

#[test]
fn without_authentication_everybody_sees_what_requires_nothing() {
    let service = start(&[]);
    let listed = ask(service.address(), &request("skills/list", json!({}))).json();
    assert_eq!(all(&listed["result"], "skills", "uri"), [GREETING]);
    assert!(ask(service.address(), &read(PAYROLL)).code().is_some());
}

#[test]
fn who_runs_the_server_over_pipes_sees_everything_unless_a_policy_says_otherwise() {
    let mut server = Server::of(&EXECUTABLE, STATELESS);
    let listed = server.result("skills/list", json!({}));
    assert_eq!(all(&listed, "skills", "uri").len(), 3);

    let store = no_file("pipes", "keys.toml");
    let staff = new_key(&store, &["staff", "--scope", "staff"]);
    let mut command = std::process::Command::new(&*EXECUTABLE);
    command
        .env("SKILLS_API_KEYS", &store)
        .env("SKILLS_TOKEN", &staff);
    let mut server = Server::spawn(&mut command);
    let listed = server.result("skills/list", json!({}));
    assert_eq!(all(&listed, "skills", "uri"), [GREETING, ONBOARDING]);
    let error = server.error("resources/read", json!({ "uri": PAYROLL }));
    assert_eq!(error["code"], -32602, "{error}");
    let ended = server.close();
    assert!(!ended.log.contains(&staff), "{}", ended.log);
}

#[test]
fn over_pipes_a_policy_wants_to_know_who_asks() {
    let store = no_file("pipes-unknown", "keys.toml");
    new_key(&store, &["staff"]);
    for (token, told) in [
        (None, "set SKILLS_TOKEN to an API key or a token"),
        (Some("skl_0_nobody"), "nobody has this API key"),
    ] {
        let mut command = std::process::Command::new(&*EXECUTABLE);
        command.args(["stdio", "--api-keys", text(&store)]);
        if let Some(token) = token {
            command.env("SKILLS_TOKEN", token);
        }
        let output = command.output().expect("it runs");
        let log = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{log}");
        assert!(log.contains(told) && output.stdout.is_empty(), "{log}");
    }
    let policy = file(
        "pipes-unknown",
        "policy.toml",
        "api-keys = \"keys.toml\"\nanonymous = true\n",
    );
    let mut command = std::process::Command::new(&*EXECUTABLE);
    command.args(["stdio", "--policy", text(&policy)]);
    let mut server = Server::spawn(&mut command);
    let listed = server.result("skills/list", json!({}));
    assert_eq!(all(&listed, "skills", "uri"), [GREETING]);
}
