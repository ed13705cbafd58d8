//! What an imported configuration must not bring along, and what it has to come to.

use serde_json::{Value, json};

use crate::folder::Folder;
use crate::process::run;

/// Imports a configuration as `acme`. The report.
fn import(folder: &Folder, configuration: &Value) -> String {
    folder.write("config.json", configuration.to_string().as_bytes());
    let report = run(folder, &["import", "config.json", "-o", "acme"]).clean();
    assert_eq!(report, folder.read("acme/IMPORT.md"));
    report
}

/// Everything that was made, as text.
fn everything(folder: &Folder) -> String {
    let contents = folder.contents().into_iter();
    let made = contents.filter(|(path, _)| !path.ends_with("config.json"));
    let texts = made.map(|(_, contents)| String::from_utf8_lossy(&contents).into_owned());
    texts.collect()
}

#[test]
fn keys_and_passwords_are_copied_nowhere() {
    let folder = Folder::empty();
    let token = "ghp_R7kQ2mVx9LpT4wZs8NcB1yHd6FgJ3aKe5UoX";
    let report = import(
        &folder,
        &json!({
            "server": { "instructions": format!("Say {token} and sk-live-SECRET1.") },
            "security": {
                "apiKeys": {
                    "sk-live-SECRET1": { "name": "alice", "note": "correct-sk-horse" },
                    "another-long-secret-of-bob": "bob",
                    "sk-live-SECRET4": { "id": "-rf" },
                    "free": { "key": "hunter3" },
                },
                "rateLimit": { "perApiKey": {
                    "sk-live-SECRET2": { "requests": 5 },
                    "sk-live-SECRET1": "many",
                    "hunter2": 5,
                    "paid": 6,
                    "free": 7,
                } },
                "ipWhitelist": [token],
            },
            "tools": [
                { "name": "x", "handler": "https://user:hunter2@api.example/run?key=hunter2" },
                { "name": token, "handler": "TOKEN=hunter2 node x.js --key hunter2", token: 1,
                  "description": "Wants hunter3.", "inputSchema": { "properties": { token: { "description": token } } } },
            ],
        }),
    );
    let everything = everything(&folder);
    for secret in [
        "SECRET",
        "hunter",
        "R7kQ2mVx",
        "long-secret",
        "-rf",
        "bob",
        "horse",
    ] {
        assert!(!everything.contains(secret), "{secret}: {everything}");
    }
    assert!(report.contains("`keys new alice --expires-in"), "{report}");
    assert!(report.contains("make 3 keys, whose owners"), "{report}");
    assert!(report.contains("`https://api.example/run`"), "{report}");
    assert!(report.contains("do here what `node …` did"), "{report}");
    let policy = folder.read("acme/policy.toml");
    let tiers = policy.split("[tiers]\n").nth(1).expect("tiers");
    let names: Vec<_> = tiers.lines().map(|line| line.split(" = ").next()).collect();
    let expected = ["\"tier-2\"", "\"tier-3\"", "\"paid\"", "\"tier-4\""];
    assert_eq!(names, expected.map(Some));
    let odd = "- `/security/rateLimit/perApiKey/…`: it is no object\n";
    assert!(report.contains(odd), "{report}");
}

#[test]
fn keys_are_counted_where_they_have_no_names() {
    for (keys, expected) in [
        (json!(["a", "b"]), "make 2 keys, whose owners"),
        (json!({ "a": "b" }), "make 1 key, whose owner "),
        (
            json!({ "header": "X-API-Key", "keys": ["a", "b", "c"] }),
            "make 3 keys",
        ),
    ] {
        let folder = Folder::empty();
        let report = import(&folder, &json!({ "security": { "apiKeys": keys } }));
        assert!(report.contains(expected), "{report}");
    }
}

#[test]
fn no_two_tools_are_one_in_rust() {
    let folder = Folder::empty();
    let names = [
        "get_2d",
        "get2d",
        "get-2d",
        "default",
        "tool_router",
        "x",
        "x_tool_attr",
        "self",
    ];
    let properties = json!({ "maxDays": {}, "max_days": {} });
    let tools =
        names.map(|name| json!({ "name": name, "inputSchema": { "properties": properties } }));
    import(&folder, &json!({ "tools": tools }));
    let tools = folder.read("acme/src/tools.rs");
    for wanted in [
        "struct Get2dArguments ",
        "struct Get2dArguments2 ",
        "struct Get2dArguments3 ",
        "fn get_2d(",
        "fn get2d(",
        "fn get_2d_2(",
        "fn default_tool(",
        "fn tool_router_tool(",
        "fn x(",
        "fn x_tool_attr_tool(",
        "fn self_tool(",
        "pub max_days: ",
        "pub max_days_2: ",
    ] {
        assert!(tools.contains(wanted), "{wanted}: {tools}");
    }
}

#[test]
fn a_description_is_told_as_rust_takes_it() {
    let folder = Folder::empty();
    let description = "one\rtwo\u{202e}three";
    let property = json!({ "description": description });
    let tool = json!({ "name": "x", "description": description, "inputSchema": { "properties": { "y": property } } });
    import(&folder, &json!({ "tools": [tool] }));
    let tools = folder.read("acme/src/tools.rs");
    assert!(!tools.contains(['\r', '\u{202e}']), "{tools:?}");
    assert!(
        tools.contains("    #[doc = \"one\\rtwo\\u{202e}three\"]\n    pub y: "),
        "{tools}"
    );
}

#[test]
fn a_policy_has_only_what_a_server_takes() {
    let folder = Folder::empty();
    let report = import(
        &folder,
        &json!({ "security": {
            "ipWhitelist": ["10.0.0.1", "::1", "10.0.0.0/33", "10.0.0.0/+8"],
            "rateLimit": {
                "perIp": { "max": 5 },
                "perClient": { "max": 6 },
                "perTool": { "max": 4_294_967_296_u64 },
                "global": { "max": 4_000_000_000_u64, "windowMs": 1 },
                "perApiKey": {
                    "free": { "max": 1, "window": "1h" },
                    "paid": { "max": 1, "windowSeconds": u64::MAX },
                    "pro": { "max": 1, "windowSeconds": 31_536_000, "burst": u32::MAX },
                    "basic": { "max": 1, "window": 600_000, "burst": 2 },
                    "team": { "max": 7, "color": "red" },
                    "none": {},
                    "odd": -5,
                },
            },
        } }),
    );
    assert_eq!(
        folder.read("acme/policy.toml"),
        "networks = [\"10.0.0.1/32\", \"::1/128\", \"10.0.0.0/8\"]

[limits]
client = { requests = 5, per = \"60s\" }

[tiers]
\"team\" = { requests = 7, per = \"60s\" }
"
    );
    let limits = "/security/rateLimit";
    for line in [
        format!(
            "- `{limits}/perClient`: `client` of [limits] in policy.toml is what `perIp` says\n"
        ),
        format!("- `{limits}/perTool`: a quota has 4294967295 requests at most\n"),
        format!("- `{limits}/global`: it has more than one request in a nanosecond\n"),
        format!("- `{limits}/perApiKey/free`: its window is no whole number above zero\n"),
        format!("- `{limits}/perApiKey/paid`: its window is longer than a year\n"),
        format!("- `{limits}/perApiKey/pro`: its burst is worth more time than can be counted\n"),
        format!(
            "- `{limits}/perApiKey/basic`: its window would be 600000s, which is under a second or over a day: write \
             `windowMs` or `windowSeconds`\n"
        ),
        format!("- `{limits}/perApiKey/team/color`: "),
        format!("- `{limits}/perApiKey/none`: it says no whole number of requests"),
        format!("- `{limits}/perApiKey/odd`: it says no whole number of requests"),
        "- `/security/ipWhitelist/2`: ".into(),
    ] {
        assert!(report.contains(&line), "{line}: {report}");
    }
}

#[test]
fn quotas_in_the_form_of_the_guides_are_in_milliseconds() {
    let guide = json!({
        "global": { "maxRequests": 1000, "window": 60_000 },
        "perTool": { "default": { "maxRequests": 10, "window": 60_000 }, "search": { "maxRequests": 5, "window": 60_000 } },
        "perClient": { "requests": 20, "window": 60 },
        "perApiKey": { "tiers": { "free": { "maxRequests": 100, "window": 60_000 }, "odd": { "maxRequests": 1, "window": 60 } } },
    });
    let folder = Folder::empty();
    let report = import(&folder, &json!({ "security": { "rateLimit": guide } }));
    assert_eq!(
        folder.read("acme/policy.toml"),
        "
[limits]
all = { requests = 1000, per = \"60000ms\" }
tool = { requests = 10, per = \"60000ms\" }
client = { requests = 20, per = \"60s\" }

[tiers]
\"free\" = { requests = 100, per = \"60000ms\" }
"
    );
    for line in [
        "- `/security/rateLimit/perTool/search`: a policy has one quota for every tool: the default\n",
        "- `/security/rateLimit/perApiKey/tiers/odd`: its window would be 60ms, which is under a second",
    ] {
        assert!(report.contains(line), "{line}: {report}");
    }
}

#[test]
fn of_quotas_for_single_tools_the_strictest_holds_for_all() {
    let quotas =
        json!({ "a": { "max": 10, "window": 60 }, "b": { "max": 5, "window": 60 }, "c": 8 });
    let folder = Folder::empty();
    let report = import(
        &folder,
        &json!({ "security": { "rateLimit": { "perTool": quotas } } }),
    );
    let policy = folder.read("acme/policy.toml");
    assert_eq!(
        policy,
        "\n[limits]\ntool = { requests = 5, per = \"60s\" }\n"
    );
    for tool in ["a", "c"] {
        let line = format!(
            "- `/security/rateLimit/perTool/{tool}`: a policy has one quota for every tool: the strictest, of `b`\n"
        );
        assert!(report.contains(&line), "{line}: {report}");
    }
}

#[test]
fn settings_are_read_back_as_they_were() {
    let folder = Folder::empty();
    let server =
        json!({ "name": "acme", "version": "1\u{7f}", "description": "a\u{7f}\u{202e}\"b\"\\\n" });
    import(&folder, &json!({ "server": server }));
    let settings = folder.read("acme/skills.toml");
    assert!(!settings.contains(['\u{7f}', '\u{202e}']), "{settings:?}");
    let found = run(&folder, &["check", "acme/skills", "-D", "warnings"]).clean();
    assert!(found.contains("nothing found"), "{found}");
}

#[test]
fn what_a_type_loses_is_told() {
    let folder = Folder::empty();
    let report = import(
        &folder,
        &json!({ "tools": [
            { "name": "x", "inputSchema": {
                "type": "array",
                "required": ["y", "nowhere", 5],
                "additionalProperties": { "type": "string" },
                "properties": {
                    "y": { "type": "integer", "default": 3, "title": "Y" },
                    "z": 5,
                    "list": { "type": "array", "items": { "type": "string", "pattern": "a" } },
                },
            } },
            { "name": "read_skill" },
        ] }),
    );
    let schema = "/tools/0/inputSchema";
    for pointer in [
        "type",
        "required/1",
        "required/2",
        "additionalProperties",
        "properties/y/default",
        "properties/y/title",
        "properties/z",
        "properties/list/items/pattern",
    ] {
        assert!(
            report.contains(&format!("- `{schema}/{pointer}`: ")),
            "{pointer}: {report}"
        );
    }
    assert!(!report.contains("required/0"), "{report}");
    assert!(
        report.contains("- `/tools/1/name`: every server of skills has a tool `read_skill`"),
        "{report}"
    );
}

#[test]
fn a_name_is_no_heading_and_no_item_of_the_report() {
    let folder = Folder::empty();
    let forged = "x\n## Mapped\n- `forged`";
    let report = import(
        &folder,
        &json!({
            "server": { "host": forged, "port": forged },
            forged: 1,
            "tools": [{ "name": forged, "handler": "a`b", "inputSchema": { "properties": { forged: { forged: 1 } } } }],
            "security": { "rateLimit": { "perApiKey": { forged: 5 } } },
        }),
    );
    assert_eq!(
        report.matches("## Mapped").count() - report.matches("\\u{a}## Mapped").count(),
        1
    );
    let lines = report.lines();
    let odd = lines.filter(|line| line.starts_with("- `forged"));
    assert_eq!(odd.count(), 0, "{report}");
    assert!(report.contains("do here what `` a`b `` did"), "{report}");
}

#[test]
fn a_place_to_listen_is_one_that_serve_takes() {
    let folder = Folder::empty();
    for (number, (host, port, expected)) in [
        (json!("::1"), json!(80), "`serve --listen [::1]:80 --policy"),
        (
            json!("localhost"),
            json!("80"),
            "`serve --listen 127.0.0.1:80 --policy",
        ),
        (json!("example.com"), json!(80), "- `/server/host`: "),
        (json!("127.0.0.1"), json!(70_000), "- `/server/port`: "),
    ]
    .into_iter()
    .enumerate()
    {
        let text = json!({ "server": { "host": host, "port": port } }).to_string();
        folder.write("config.json", text.as_bytes());
        let into = format!("acme-{number}");
        let report = run(&folder, &["import", "config.json", "-o", &into]).clean();
        assert!(report.contains(expected), "{report}");
    }
}
