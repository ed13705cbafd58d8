//! `new` and `import`: projects as they lie there, before anything is built.

use std::fs;
#[cfg(unix)]
use std::process::Command;

use serde_json::Value;

use crate::folder::{Folder, GOOD, ODD};
#[cfg(unix)]
use crate::process::done;
use crate::process::run;

#[test]
fn a_new_project_is_named_and_has_an_example() {
    let folder = Folder::empty();
    let said = run(&folder, &["new", "some where/pdf-tools"]).clean();
    assert!(
        said.starts_with("pdf-tools is in some where/pdf-tools;"),
        "{said}"
    );
    let manifest = folder.read("some where/pdf-tools/Cargo.toml");
    assert!(manifest.contains("name = \"pdf-tools\""), "{manifest}");
    let lock = folder.read("some where/pdf-tools/Cargo.lock");
    assert!(lock.contains("name = \"pdf-tools\""));
    for file in [
        ".gitignore",
        ".github/workflows/ci.yml",
        "ci.sh",
        "src/main.rs",
        "skills.toml",
    ] {
        folder.read(&format!("some where/pdf-tools/{file}"));
    }
    let found = run(
        &folder,
        &["check", "some where/pdf-tools/skills", "-D", "warnings"],
    )
    .clean();
    assert!(
        found.contains("1 skill checked in `some where/pdf-tools/skills`, nothing found"),
        "{found}"
    );
}

#[test]
fn a_new_project_takes_skills_over_as_they_are() {
    let folder = Folder::of(ODD);
    folder.write("skills/pdf/scripts/fill.sh", b"#!/bin/sh\n");
    folder.write("skills/pdf/scan.bin", &[0, 159, 146, 150]);
    folder.write("skills.toml", b"[server]\nname = \"acme\"\n");
    run(&folder, &["new", "acme", "--skills", "skills"]).clean();
    let root = folder.root();
    let mut count = 0;
    for (path, contents) in folder.contents() {
        let Ok(place) = path.strip_prefix(root.join("skills")) else {
            continue;
        };
        let copy = fs::read(root.join("acme/skills").join(place)).expect("it is copied");
        assert!(copy == contents, "{}", path.display());
        count += 1;
    }
    assert_eq!(count, 4);
    assert!(folder.read("acme/skills.toml").contains("name = \"acme\""));
}

#[test]
fn a_single_skill_becomes_one_of_a_project() {
    let folder = Folder::empty();
    folder.write("pdf/SKILL.md", GOOD.as_bytes());
    run(&folder, &["new", "acme", "--skills", "pdf"]).clean();
    assert_eq!(folder.read("acme/skills/pdf/SKILL.md"), GOOD);
}

#[test]
fn what_cannot_be_made_leaves_nothing_behind() {
    let folder = Folder::empty();
    folder.write("taken/file", b"");
    folder.write("a file", b"");
    let before = folder.contents();
    for (name, reason) in [
        ("taken", "`taken` is there already"),
        ("fn", "it is a word of Rust"),
        ("a b", "it may have letters"),
        ("été", "it has to begin with a letter"),
        ("test", "cargo or this project has another use for it"),
        ("a file/acme", "`a file/acme` cannot be written"),
    ] {
        let said = run(&folder, &["new", name]).refused();
        assert!(said.contains(reason) && said.contains("help: "), "{said}");
    }
    for (skills, reason) in [
        ("nowhere", "`nowhere` cannot be read"),
        ("a file", "`a file` cannot be read"),
    ] {
        let said = run(&folder, &["new", "acme", "--skills", skills]).refused();
        assert!(said.contains(reason), "{said}");
    }
    let said = run(&folder, &["new", "acme", "--checkout", "taken"]).refused();
    assert!(said.contains("`taken` is no checkout of skills"), "{said}");
    assert_eq!(folder.contents(), before);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_away_is_not_followed() {
    let folder = Folder::of(ODD);
    folder.write("secret", b"do not copy");
    std::os::unix::fs::symlink("../../secret", folder.path("skills/pdf/notes.md")).expect("a link");
    let said = run(&folder, &["new", "acme", "--skills", "skills"]).refused();
    assert!(
        said.contains("`skills/pdf/notes.md` cannot be copied"),
        "{said}"
    );
    assert!(!folder.path("acme").exists());
}

/// A configuration with one thing of every kind.
const CONFIGURATION: &str = r#"{
  "server": { "name": "Weather Tools", "version": "2.1.0", "host": "0.0.0.0", "port": 8080, "motto": "rain" },
  "tools": [
    {
      "name": "get-weather",
      "description": "Says \"how\" the weather is",
      "inputSchema": {
        "type": "object",
        "properties": {
          "city": { "type": "string", "description": "Where", "minLength": 1 },
          "maxDays": { "type": "integer" }
        },
        "required": ["city"],
        "additionalProperties": false
      },
      "handler": "./handlers/weather.js",
      "timeout": 500
    },
    { "name": "get-weather" },
    { "description": "nameless" },
    5
  ],
  "security": {
    "apiKeys": { "sk-live-3f9a04c1d29b0c41e7d2": { "name": "ci" } },
    "rateLimit": {
      "global": { "max": 1000, "windowMs": 60000 },
      "perTool": { "max": 10, "window": 60, "tools": { "get-weather": 5 } },
      "perApiKey": { "free": 100, "paid": { "max": 10000, "windowMs": 60000 }, "odd": "many" }
    },
    "ipWhitelist": ["10.0.0.0/8", "nonsense"],
    "sessionSecret": "hunter2-hunter2"
  },
  "caching": { "enabled": true, "ttl": 300 },
  "plugins/more": []
}"#;

#[test]
fn what_maps_is_mapped_and_what_does_not_is_named() {
    let folder = Folder::empty();
    folder.write("config.json", CONFIGURATION.as_bytes());
    let report = run(&folder, &["import", "config.json"]).clean();
    assert_eq!(report, folder.read("weather-tools/IMPORT.md"));
    for pointer in [
        "/server/motto",
        "/tools/0/inputSchema/properties/city/minLength",
        "/tools/0/timeout",
        "/tools/1/name",
        "/tools/2/name",
        "/tools/3",
        "/security/apiKeys",
        "/security/rateLimit/perTool/tools",
        "/security/rateLimit/perApiKey/odd",
        "/security/ipWhitelist/1",
        "/security/sessionSecret",
        "/caching",
        "/plugins~1more",
    ] {
        assert!(
            report.contains(&format!("\n- `{pointer}`: ")),
            "{pointer}: {report}"
        );
    }
    let policy = folder.read("weather-tools/policy.toml");
    assert_eq!(
        policy,
        "api-keys = \"keys.toml\"
networks = [\"10.0.0.0/8\"]

[limits]
all = { requests = 1000, per = \"60000ms\" }
tool = { requests = 10, per = \"60s\" }

[tiers]
\"free\" = { requests = 100, per = \"60s\" }
\"paid\" = { requests = 10000, per = \"60000ms\" }
"
    );
    let settings = folder.read("weather-tools/skills.toml");
    assert!(
        settings.contains("[server]\nname = \"weather-tools\"\nversion = \"2.1.0\"\n"),
        "{settings}"
    );
    assert!(
        report.contains("serve --listen 0.0.0.0:8080 --policy policy.toml"),
        "{report}"
    );
    assert!(report.contains("keys new ci "), "{report}");
    let everything: Vec<u8> = folder
        .contents()
        .into_iter()
        .filter(|(path, _)| !path.ends_with("config.json"))
        .flat_map(|(_, contents)| contents)
        .collect();
    let everything = String::from_utf8_lossy(&everything);
    for secret in ["sk-live-3f9a", "hunter2"] {
        assert!(!everything.contains(secret), "{secret} is copied");
    }
}

#[test]
fn what_is_no_configuration_is_refused() {
    let folder = Folder::empty();
    for (text, reason) in [
        ("{", "EOF while parsing"),
        ("[]", "it is no object"),
        ("{\"a\": 1} x", "trailing characters"),
        ("\u{feff}[]", "it is no object"),
    ] {
        folder.write("config.json", text.as_bytes());
        let said = run(&folder, &["import", "config.json", "-o", "acme"]).refused();
        assert!(said.contains(reason), "{said}");
    }
    folder.write("config.json", b"\xff\xfe{\0}\0");
    let said = run(&folder, &["import", "config.json", "-o", "acme"]).refused();
    assert!(said.contains("it is UTF-16; save it as UTF-8"), "{said}");
    let said = run(&folder, &["import", "nowhere.json"]).refused();
    assert!(said.contains("`nowhere.json` cannot be read"), "{said}");
    assert!(!folder.path("acme").exists());
}

#[test]
fn a_configuration_may_begin_with_a_byte_order_mark() {
    let folder = Folder::empty();
    folder.write("config.json", "\u{feff}{\"name\": \"acme\"}".as_bytes());
    run(&folder, &["import", "config.json"]).clean();
    assert!(folder.path("acme").exists());
}

#[cfg(unix)]
#[test]
fn what_has_no_end_is_not_read() {
    let folder = Folder::empty();
    done(Command::new("mkfifo").arg(folder.path("pipe")));
    let large = fs::File::create(folder.path("large.json")).expect("a file can be made");
    large
        .set_len(16 * 1024 * 1024 + 1)
        .expect("it can be a hole");
    for (path, reason) in [
        ("pipe", "it is no regular file"),
        ("/dev/zero", "it is no regular file"),
        (".", "it is no regular file"),
        ("large.json", "it is larger than 16777216 bytes"),
    ] {
        let said = run(&folder, &["import", path, "-o", "acme"]).refused();
        assert!(said.contains(reason), "{path}: {said}");
    }
}

#[test]
fn any_json_is_imported_or_refused() {
    let folder = Folder::empty();
    let values = [
        "null",
        "5",
        "\"x\"",
        "[]",
        "[{}]",
        "{}",
        "{\"name\": 5}",
        "[{\"name\": \"\"}]",
        "[{\"name\": \"type\", \"inputSchema\": {\"properties\": {\"\": {}, \"self\": true}}}]",
    ];
    for (number, value) in values.iter().enumerate() {
        let text = format!(
            r#"{{"server":{value},"name":{value},"tools":{value},"security":{value},"caching":{value}}}"#
        );
        serde_json::from_str::<Value>(&text).expect("it is JSON");
        folder.write("config.json", text.as_bytes());
        let run = run(
            &folder,
            &["import", "config.json", "-o", &format!("acme-{number}")],
        );
        assert_eq!(run.code, Some(0), "{text}: {run:?}");
    }
}
