//! The two ways to an answer: prepared at build time, or made by rmcp. Each request is sent in the common shape and in one
//! that is left to rmcp, and both are answered alike. The log says which way was taken, so that none is compared with itself.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::http::conversation::{Conversation, Request};
use crate::pagination;
use crate::server::{EXECUTABLE, INITIALIZED, STATELESS, Server};
use crate::service::{Service, serve_with};
use crate::tree::{self, FILES};

const DOCUMENT: &str = "skill://conventional-commits/SKILL.md";

const META: &str = r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"suite","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}"#;

/// What no client of the common shape says, and no server minds.
const UNCOMMON: &str = r#""com.example/uncommon":{"x":[1]}"#;

/// A request in parts. Its id has a number that no other request has.
#[derive(Clone, Debug)]
struct Case {
    method: &'static str,
    /// As JSON.
    id: String,
    /// The members of the parameters as JSON, without `_meta`.
    params: String,
    /// What is said in `_meta` where requests stand alone.
    stateless_meta: String,
    /// What is said in `_meta` beside that.
    meta: String,
    /// Whether its answer is prepared.
    is_prepared: bool,
}

/// The requests to make of a server.
#[derive(Debug, Default)]
struct Cases(Vec<Case>);

impl Cases {
    fn add(&mut self, method: &'static str, params: impl Into<String>, is_prepared: bool) {
        let number = self.next_number();
        // Numbers and strings by turns.
        let id = match number % 2 {
            0 => number.to_string(),
            _ => format!("\"{number}\""),
        };
        self.0.push(Case {
            method,
            id,
            params: params.into(),
            stateless_meta: META.into(),
            meta: String::new(),
            is_prepared,
        });
    }

    fn next_number(&self) -> usize {
        7_000_000 + self.0.len()
    }

    fn named(&mut self, method: &'static str, uri: &str, is_prepared: bool) {
        self.add(method, format!("\"uri\":{}", Value::from(uri)), is_prepared);
    }

    /// Every resource, skill and directory of the bundle, every listing, and every method with no prepared answer.
    fn good(version: &str) -> Self {
        let mut cases = Self::default();
        for file in FILES.iter() {
            cases.named("resources/read", &file.uri(), true);
        }
        for uri in tree::skill_uris() {
            cases.named("skills/get", &uri, true);
        }
        for directory in directories() {
            cases.named("resources/directory/read", &directory, true);
        }
        for method in [
            "skills/list",
            "resources/list",
            "prompts/list",
            "tools/list",
        ] {
            cases.add(method, "", true);
            cases.add(method, r#""cursor":null"#, true);
            cases.add(method, r#""uri":null"#, true);
            cases.add(method, r#""cursor":"""#, method != "tools/list");
        }
        cases.add("server/discover", "", version == STATELESS);
        for (method, params) in [
            ("resources/templates/list", String::new()),
            ("tools/call", r#""name":"list_skills""#.into()),
            ("tools/call", r#""name":"read_skill","arguments":{"skill":"conventional-commits"}"#.into()),
            ("tools/call", format!(r#""name":"read_skill_file","arguments":{{"uri":"{DOCUMENT}"}}"#)),
            ("prompts/get", r#""name":"conventional-commits""#.into()),
            (
                "completion/complete",
                r#""ref":{"type":"ref/resource","uri":"skill://{+skill}/SKILL.md"},"argument":{"name":"skill","value":""}"#
                    .into(),
            ),
        ] {
            cases.add(method, params, false);
        }
        if version != STATELESS {
            cases.add("ping", "", false);
        }
        cases
    }

    /// What is wrong, which is never prepared.
    fn bad() -> Self {
        let mut cases = Self::default();
        for uri in [
            "skill://no/SKILL.md",
            "skill://conventional-comits/SKILL.md",
            "skill://conventional-commits",
            "skill://conventional-commits/",
            "skill://conventional-commits/SKILL.MD",
            "skill://conventional-commits/../conventional-commits/SKILL.md",
            "skill://conventional-commits/SKILL%2Emd",
            "SKILL://conventional-commits/SKILL.md",
            "file:///etc/passwd",
            "skill://",
            "/",
        ] {
            for method in ["resources/read", "skills/get"] {
                cases.named(method, uri, false);
            }
        }
        for uri in [
            "skill://no",
            "skill://",
            DOCUMENT,
            "skill://conventional-commits/",
            "skill://rust/",
        ] {
            cases.named("resources/directory/read", uri, false);
        }
        for cursor in [
            "nonsense",
            "0",
            "1",
            "-1",
            "50",
            " ",
            "99999999999999999999",
        ] {
            for method in [
                "skills/list",
                "resources/list",
                "prompts/list",
                "tools/list",
                "resources/templates/list",
            ] {
                cases.add(method, format!(r#""cursor":"{cursor}""#), false);
            }
            let params = format!(r#""uri":"skill://conventional-commits","cursor":"{cursor}""#);
            cases.add("resources/directory/read", params, false);
        }
        cases.add("skills/list", r#""cursor":7"#, false);
        cases.add("resources/read", r#""uri":7"#, false);
        cases.add("resources/read", "", false);
        cases.add("skills/get", r#""uri":null"#, false);
        cases.add("tools/call", r#""name":"no_such_tool""#, false);
        cases.add("prompts/get", r#""name":"no-such-prompt""#, false);
        for method in [
            "no/such",
            "resources/subscribe",
            "logging/setLevel",
            "tasks/get",
            "Tools/List",
        ] {
            cases.add(method, "", false);
        }
        cases
    }

    /// Ids, escapes and metadata of many kinds, on requests that could not be simpler.
    fn spelled() -> Self {
        let mut cases = Self::default();
        let long = "9".repeat(200);
        let ids: [(&str, bool); 10] = [
            ("#", true),
            ("\"#\"", true),
            ("\"a\\\"#\\u0000\\ud83d\\ude00\"", false),
            ("\"é#\u{2028}\"", true),
            ("10000000000#", true),
            ("900000000000#", false),
            ("-#", false),
            (&format!("\"{long}#\""), false),
            ("\" # \"", true),
            ("\"</script>#\"", true),
        ];
        for (id, is_prepared) in ids {
            let id = id.replace('#', &cases.next_number().to_string());
            cases.named("resources/read", DOCUMENT, is_prepared);
            if let Some(case) = cases.0.last_mut() {
                case.id = id;
            }
        }
        for meta in [
            r#""traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01""#,
            r#""traceparent":"","tracestate":"a=b","baggage":"c=d""#,
            r#""tracestate":null"#,
        ] {
            cases.named("resources/read", DOCUMENT, true);
            if let Some(case) = cases.0.last_mut() {
                case.meta = meta.into();
            }
        }
        cases.add(
            "resources/read",
            r#""uri":"skill:\/\/conventional-commits\u002fSKILL.md""#,
            true,
        );
        cases
    }

    /// Clients that say more of themselves, or less, or something strange; only where requests stand alone.
    fn introduced() -> Self {
        let version = r#""io.modelcontextprotocol/protocolVersion":"2026-07-28""#;
        let client = r#""io.modelcontextprotocol/clientInfo":{"name":"x","version":"1"}"#;
        let mut cases = Self::default();
        let mut add = |parts: &[&str], is_prepared| {
            cases.named("resources/read", DOCUMENT, is_prepared);
            if let Some(case) = cases.0.last_mut() {
                case.stateless_meta = join(parts);
            }
        };
        for (capabilities, is_prepared) in [
            ("{}", true),
            (r#"{"roots":{},"sampling":{},"elicitation":{}}"#, true),
            (
                r#"{"extensions":{"io.modelcontextprotocol/skills":{}}}"#,
                true,
            ),
            (r#"{"unheard":{"of":[1,2]}}"#, true),
            (r#"{"unheard":1,"unheard":2}"#, false),
            (r#"{"roots":7}"#, false),
            ("[]", false),
            ("null", false),
        ] {
            let capabilities =
                format!("\"io.modelcontextprotocol/clientCapabilities\":{capabilities}");
            add(&[version, client, &capabilities], is_prepared);
        }
        let capabilities = r#""io.modelcontextprotocol/clientCapabilities":{}"#;
        add(&[client, version, capabilities], true);
        let title =
            r#""io.modelcontextprotocol/clientInfo":{"name":"x","title":"y","version":"1"}"#;
        add(&[version, title, capabilities], true);
        for client in [
            r#""io.modelcontextprotocol/clientInfo":{"name":"x"}"#,
            r#""io.modelcontextprotocol/clientInfo":{"name":"x","version":1}"#,
            r#""io.modelcontextprotocol/clientInfo":{"name":"x","version":"1","websiteUrl":"https://x.test"}"#,
            r#""io.modelcontextprotocol/clientInfo":"x""#,
            "",
        ] {
            add(&[version, client, capabilities], false);
        }
        add(&[version, client], false);
        add(&[client, capabilities], false);
        for version in ["2099-01-01", "2025-11-25", "2026-07-28 ", ""] {
            let version = format!("\"io.modelcontextprotocol/protocolVersion\":\"{version}\"");
            add(&[&version, client, capabilities], false);
        }
        cases
    }
}

impl Case {
    fn body(&self, version: &str, uncommon: &str) -> String {
        let required = if version == STATELESS {
            self.stateless_meta.as_str()
        } else {
            ""
        };
        let meta = join(&[required, &self.meta, uncommon]);
        let meta = match meta.as_str() {
            "" => String::new(),
            meta => format!("\"_meta\":{{{meta}}}"),
        };
        let Self {
            id, method, params, ..
        } = self;
        let params = join(&[params, &meta]);
        format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{{{params}}}}}"#)
    }

    /// The shape that clients use, and one that is left to rmcp.
    fn shapes(&self, version: &str) -> [String; 2] {
        [self.body(version, ""), self.body(version, UNCOMMON)]
    }

    /// The number in its id.
    fn number(index: usize) -> String {
        (7_000_000 + index).to_string()
    }
}

fn join(members: &[&str]) -> String {
    let members: Vec<_> = members
        .iter()
        .filter(|member| !member.is_empty())
        .copied()
        .collect();
    members.join(",")
}

/// Every directory above a file.
fn directories() -> BTreeSet<String> {
    let mut directories = BTreeSet::new();
    for file in FILES.iter() {
        let mut path = file.path.as_str();
        while let Some((parent, _)) = path.rsplit_once('/') {
            directories.insert(format!("skill://{parent}"));
            path = parent;
        }
    }
    directories
}

/// The requests of the first shape were answered as their cases say, and none of the second was prepared.
fn check_ways(cases: &Cases, log: &str) {
    let prepared: Vec<_> = log
        .lines()
        .filter(|line| line.contains(" prepared "))
        .collect();
    for (index, case) in cases.0.iter().enumerate() {
        let number = Case::number(index);
        let count = prepared
            .iter()
            .filter(|line| line.contains(&number))
            .count();
        assert_eq!(count, usize::from(case.is_prepared), "{case:?}");
    }
    let expected = cases.0.iter().filter(|case| case.is_prepared).count();
    assert_eq!(prepared.len(), expected);
}

fn on_pipes(executable: &Path, version: &'static str, cases: &Cases) {
    let mut server = Server::spawn(Command::new(executable).env("SKILLS_LOG", "debug"));
    if version != STATELESS {
        server.open(version);
    }
    for case in &cases.0 {
        let [prepared, made] = case.shapes(version).map(|line| {
            server.write(format!("{line}\n").as_bytes());
            server.answer()
        });
        assert_eq!(prepared, made, "{version}: {case:?}");
    }
    check_ways(cases, &server.close().log);
}

fn over_http(executable: &Path, version: &'static str, cases: &Cases) {
    let service = Service::spawn(serve_with(executable, &[]).env("SKILLS_LOG", "debug"));
    let mut conversation = Conversation::connect(service.address());
    for case in &cases.0 {
        let [prepared, made] = case.shapes(version).map(|body| {
            let message = serde_json::from_str(&body).expect("JSON");
            let request = Request::message(version, &message).saying(body);
            let answer = conversation.ask(&request);
            let content_type = answer.header("content-type").map(str::to_owned);
            (answer.status, content_type, answer.json())
        });
        assert_eq!(prepared, made, "{version}: {case:?}");
        assert_eq!(prepared.2["jsonrpc"], "2.0");
    }
    check_ways(cases, &service.stop().log);
}

fn check(cases: impl Fn(&str) -> Cases) {
    for version in [INITIALIZED[0], INITIALIZED[3], STATELESS] {
        on_pipes(Path::new(EXECUTABLE), version, &cases(version));
    }
    for version in [INITIALIZED[1], INITIALIZED[2], INITIALIZED[3], STATELESS] {
        over_http(Path::new(EXECUTABLE), version, &cases(version));
    }
}

#[test]
fn what_is_served_is_the_same_on_both_ways() {
    check(Cases::good);
}

#[test]
fn what_is_wrong_is_the_same_on_both_ways() {
    check(|_| Cases::bad());
}

#[test]
fn ids_escapes_and_metadata_are_the_same_on_both_ways() {
    check(|_| Cases::spelled());
}

#[test]
fn what_clients_say_of_themselves_is_judged_the_same_on_both_ways() {
    on_pipes(Path::new(EXECUTABLE), STATELESS, &Cases::introduced());
    over_http(Path::new(EXECUTABLE), STATELESS, &Cases::introduced());
}

/// Every page, from the cursors that are announced.
fn pages() -> Cases {
    let mut server = Server::of(&pagination::EXECUTABLE, STATELESS);
    let mut cases = Cases::default();
    for (method, uri) in [
        ("skills/list", None),
        ("resources/list", None),
        ("prompts/list", None),
        (
            "resources/directory/read",
            Some("skill://skill-000/references"),
        ),
    ] {
        let mut params = json!({});
        if let Some(uri) = uri {
            params["uri"] = uri.into();
        }
        loop {
            let members = params.to_string();
            let members = members.trim_start_matches('{').trim_end_matches('}');
            cases.add(method, members, true);
            let result = server.result(method, params.clone());
            match result.get("nextCursor") {
                Some(cursor) => params["cursor"] = cursor.clone(),
                None => break,
            }
        }
    }
    assert!(cases.0.len() > 10, "there are pages");
    cases
}

#[test]
fn every_page_is_the_same_on_both_ways() {
    let cases = pages();
    for version in [INITIALIZED[3], STATELESS] {
        on_pipes(&pagination::EXECUTABLE, version, &cases);
        over_http(&pagination::EXECUTABLE, version, &cases);
    }
}

#[test]
fn a_name_in_base64_is_left_to_rmcp_and_answered_alike() {
    let service = Service::start(&["--log-level", "debug"]);
    let id = json!(1);
    let plain = Request::call(STATELESS, &id, "resources/read", json!({ "uri": DOCUMENT }));
    let encoded = "=?base64?c2tpbGw6Ly9jb252ZW50aW9uYWwtY29tbWl0cy9TS0lMTC5tZA==?=";
    let encoded = plain.clone().set("Mcp-Name", encoded);
    let mut conversation = Conversation::connect(service.address());
    let answers = [plain, encoded].map(|request| conversation.ask(&request).json());
    assert_eq!(answers[0], answers[1]);
    let log = service.stop().log;
    assert_eq!(log.matches(" prepared ").count(), 1, "{log}");
}
