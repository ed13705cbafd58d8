//! Skills that are hidden from a caller leave no trace: random trees and callers, and every answer compared with that of a server which was
//! built without the skills that the caller does not see.
//!
//! This is the only place where the runtime meets the compiler, because what is compared is what both make of a tree together.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use rmcp::ServiceExt;
use serde_json::{Value, json};
use skills_compiler::source::SourceTree;
use skills_compiler::{Options, compile_tree};
use skills_model::{Bundle, Data, Scopes, Server, Telling, Tools};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use crate::catalog::Catalog;
use crate::discovery::{self, Indexes};
use crate::guard::Permit;
use crate::prepared::{Era, Prepared, Request};
use crate::protocol::{Permits, SkillServer};

const SCOPES: [&str; 3] = ["a", "b", "c"];

/// Directories that skills lie in; some are skills themselves, if the tree has those.
const PREFIXES: [&str; 8] = [
    "",
    "acme/",
    "acme/east/",
    "globex/",
    "globex/west/",
    "refunds/",
    "acme/tax/",
    "acme/tax/deep/",
];

const NAMES: [&str; 4] = ["refunds", "tax", "forms", "refund"];

/// A skill of a tree.
#[derive(Clone, Debug)]
struct Specimen {
    flag: &'static str,
    has_file: bool,
}

/// A tree, by the paths of its skills, and what callers have to be granted: scopes by path, for all that lies there.
#[derive(Clone, Debug)]
struct Sample {
    skills: BTreeMap<String, Specimen>,
    access: BTreeMap<&'static str, Vec<&'static str>>,
}

impl Sample {
    /// The scopes that are required for a skill: those of the outermost one around it, and of the directories above that.
    fn required(&self, path: &str) -> BTreeSet<&'static str> {
        let concerned = self.access.iter().filter(|(at, _)| is_at(path, at));
        concerned.flat_map(|(_, scopes)| scopes).copied().collect()
    }

    /// The tree with no other skills than a caller sees.
    fn seen_by(&self, granted: &[&str]) -> Self {
        let mut seen = self.clone();
        let is_seen = |path: &str| {
            self.required(path)
                .iter()
                .all(|scope| granted.contains(scope))
        };
        seen.skills.retain(|path, _| is_seen(path));
        seen.kept()
    }

    /// The tree without access to what is not there, or lies in a skill that more may see: the compiler would refuse it.
    fn kept(mut self) -> Self {
        let skills = &self.skills;
        self.access.retain(|at, _| {
            let is_inside = skills.keys().any(|path| path != at && is_at(at, path));
            skills.keys().any(|path| is_at(path, at)) && !is_inside
        });
        self
    }

    fn bundle(&self) -> &'static Bundle {
        let mut tree = SourceTree::new("skills", "skills");
        for (path, Specimen { flag, has_file }) in &self.skills {
            let name = path.rsplit('/').next().unwrap();
            let what = path.replace('/', " of ");
            let text = format!(
                "---\nname: {name}\ndescription: Helps with {what}. Use when somebody asks for {what}.\n{flag}---\n\n# About {what}\n\nDo it"
            );
            let (text, file) = if *has_file {
                (
                    text + " as the [notes](notes.md) say.\n",
                    Some(format!("# Notes\n\nOn {what}.\n")),
                )
            } else {
                (text + ".\n", None)
            };
            tree = tree.with_file(&format!("{path}/SKILL.md"), text);
            if let Some(file) = file {
                tree = tree.with_file(&format!("{path}/notes.md"), file);
            }
        }
        let access = self.access.iter();
        let access = access.map(|(path, scopes)| format!("{path:?} = {scopes:?}\n"));
        let settings = format!("[access]\n{}", access.collect::<String>());
        let compilation = compile_tree(
            tree.with_configuration("skills.toml", settings),
            &Options::default(),
        );
        let denied: Vec<_> = compilation
            .denied()
            .map(|finding| finding.rule.code)
            .collect();
        // A tree without skills is an error, and an empty bundle.
        let expected: &[&str] = if self.skills.is_empty() {
            &["SK708"]
        } else {
            &[]
        };
        assert_eq!(denied, expected, "{:?}", compilation.findings);
        let plan = compilation.plan;
        let server = Server {
            name: "sample",
            version: "1.2.3",
            introduction: plan.server.instructions.unwrap_or_default().leak(),
            guide: Telling {
                instructions: plan.guide.instructions.leak(),
                list_description: plan.guide.list_description.leak(),
                search_hint: plan.guide.search_hint.leak(),
            },
            tools: Tools::DEFAULT,
            compiler: "0.0.0",
        };
        let (text, bytes) = (plan.blob.text.leak(), plan.blob.bytes.leak());
        let data = Data::new(text, bytes, plan.tables.to_bytes().leak());
        Box::leak(Box::new(Bundle::new(server, Box::leak(Box::new(data)))))
    }
}

/// Whether a path is one of those at or below another.
fn is_at(path: &str, at: &str) -> bool {
    path.strip_prefix(at)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A server as one caller meets it.
struct Door {
    catalog: Catalog,
    permit: Permit,
    bundle: &'static Bundle,
    prepared: &'static Prepared,
    indexes: Indexes,
}

impl Door {
    fn new(bundle: &'static Bundle, granted: &[&str], is_personal: bool) -> Self {
        let held = bundle.scopes.iter().zip(0..);
        let held = held.filter(|(scope, _)| granted.contains(&scope.name()));
        let scopes = held.fold(Scopes::NONE, |scopes, (_, index)| {
            scopes.with(Scopes::of(index))
        });
        let permit = Permit::of_caller(scopes, is_personal);
        Self {
            catalog: Catalog::new(bundle, permit),
            permit,
            bundle,
            prepared: Prepared::new(bundle).unwrap(),
            indexes: Indexes::default(),
        }
    }

    /// The answers to requests of protocol 2026-07-28: prepared ones, and those of rmcp where there are none.
    fn ask(&self, requests: &[(&str, Value)]) -> Vec<String> {
        let lines = requests.iter().map(|(method, params)| line(method, params));
        let answered: Vec<_> = lines.map(|line| self.prepared(&line).ok_or(line)).collect();
        let rest = answered.iter().filter_map(|answer| answer.as_ref().err());
        let server = SkillServer::new(self.bundle, Permits::One(self.permit), ()).unwrap();
        let mut rest = exchange(server, &rest.collect::<Vec<_>>()).into_iter();
        let answers = answered
            .into_iter()
            .map(|answer| answer.ok().or_else(|| rest.next()));
        answers
            .map(|answer| answer.expect("every request has one"))
            .collect()
    }

    fn prepared(&self, line: &str) -> Option<String> {
        let request = Request::read(line.as_bytes())?;
        let answer = self
            .prepared
            .answer(self.catalog, &request, Era::Stateless)?;
        let (before, between) = (answer.before(request.id()), answer.between());
        let between = between.unwrap_or_default();
        Some([&before, answer.body(), &between, answer.closing()].concat())
    }

    /// What is said over plain HTTP, as text.
    fn get(&self, path: &str, encoding: &'static str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(encoding));
        let response =
            discovery::respond(&self.indexes, self.catalog, &Method::GET, path, &headers);
        let (parts, body) = response.expect("a path of discovery").into_parts();
        let body = String::from_utf8_lossy(&body.concat()).into_owned();
        format!("{} {:?} {body}", parts.status, parts.headers)
    }
}

fn line(method: &str, params: &Value) -> String {
    let mut params = params.clone();
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "0" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
}

/// The answers of rmcp to lines, in order.
fn exchange(server: SkillServer<()>, lines: &[&String]) -> Vec<String> {
    // A connection on which nothing is asked is no session.
    if lines.is_empty() {
        return Vec::new();
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let (near, far) = tokio::io::duplex(1024 * 1024);
        let serving =
            tokio::spawn(async { server.serve(near).await.unwrap().waiting().await.unwrap() });
        let (reader, mut writer) = tokio::io::split(far);
        let mut reader = BufReader::new(reader).lines();
        let mut answers = Vec::new();
        for line in lines {
            writer
                .write_all(format!("{line}\n").as_bytes())
                .await
                .unwrap();
            answers.push(reader.next_line().await.unwrap().expect("an answer"));
        }
        drop((reader, writer));
        serving.await.unwrap();
        answers
    })
}

/// What can be asked of a server: everything that names a skill names those that are hidden, too.
fn requests(paths: &BTreeSet<String>) -> Vec<(&'static str, Value)> {
    let mut requests = vec![
        ("server/discover", json!({})),
        ("tools/list", json!({})),
        ("resources/templates/list", json!({})),
        ("resources/directory/read", json!({ "uri": "skill://" })),
        (
            "tools/call",
            json!({ "name": "list_skills", "arguments": {} }),
        ),
        (
            "tools/call",
            json!({ "name": "list_skills", "arguments": { "cursor": "50" } }),
        ),
        (
            "tools/call",
            json!({ "name": "list_skills", "arguments": { "query": "acme" } }),
        ),
        (
            "tools/call",
            json!({ "name": "no_such_tool", "arguments": {} }),
        ),
    ];
    let complete = |name: &str, value: &str, skill: Option<&str>| {
        let arguments = skill.map(|skill| json!({ "skill": skill }));
        let params = json!({
            "ref": { "type": "ref/resource", "uri": "skill://{+skill}/{+file}" },
            "argument": { "name": name, "value": value },
            "context": { "arguments": arguments.unwrap_or_else(|| json!({})) },
        });
        ("completion/complete", params)
    };
    requests.extend(["", "a", "refunds", "tax"].map(|value| complete("skill", value, None)));
    let mut words: BTreeSet<_> = paths.clone();
    words.extend(NAMES.map(str::to_owned));
    // What is nearly right is answered with a suggestion.
    words.extend(words.clone().iter().map(|word| word.replacen('e', "", 1)));
    words.extend(["acme", "acme/east", "globex", "nothing/like/it"].map(str::to_owned));
    for word in &words {
        requests.push(("prompts/get", json!({ "name": word })));
        let open = json!({ "name": "read_skill", "arguments": { "skill": word } });
        requests.push(("tools/call", open));
        let arguments = json!({ "skill": word, "path": "notes.md" });
        requests.push((
            "tools/call",
            json!({ "name": "read_skill_file", "arguments": arguments }),
        ));
        requests.push(complete("file", "", Some(word)));
        requests.push((
            "resources/directory/read",
            json!({ "uri": format!("skill://{word}") }),
        ));
        for file in ["SKILL.md", "notes.md", "SKILLS.md"] {
            let uri = format!("skill://{word}/{file}");
            requests.push(("skills/get", json!({ "uri": uri })));
            requests.push(("resources/read", json!({ "uri": uri })));
            let read = json!({ "name": "read_skill_file", "arguments": { "uri": uri } });
            requests.push(("tools/call", read));
        }
    }
    requests
}

/// Paths of plain HTTP, of what is there and of what is not.
fn urls(paths: &BTreeSet<String>) -> Vec<String> {
    let mut urls = Vec::new();
    let mut prefixes: BTreeSet<_> = paths.clone();
    prefixes.extend(
        [
            "",
            "acme",
            "acme/east",
            "globex",
            "globex/west",
            "elsewhere",
        ]
        .map(str::to_owned),
    );
    for prefix in prefixes {
        let prefix = if prefix.is_empty() {
            prefix
        } else {
            format!("/{prefix}")
        };
        for directory in ["agent-skills", "skills"] {
            urls.push(format!("{prefix}/.well-known/{directory}/index.json"));
        }
        for name in NAMES {
            for rest in [
                ".zip",
                "/SKILL.md",
                "/notes.md",
                "/refunds/SKILL.md",
                "@00.zip",
            ] {
                urls.push(format!("{prefix}/.well-known/agent-skills/{name}{rest}"));
            }
        }
    }
    urls
}

/// Compares all answers of a server with those of one that has only what the caller sees.
fn compare(sample: &Sample, granted: &[&str], is_personal: bool) {
    let seen = sample.seen_by(granted);
    let one = Door::new(sample.bundle(), granted, is_personal);
    let other = Door::new(seen.bundle(), granted, is_personal);
    let paths = sample.skills.keys();
    // Of many skills, some are enough.
    let paths = paths
        .step_by(1 + sample.skills.len() / 12)
        .cloned()
        .collect();
    let asked = requests(&paths);
    let answers = one.ask(&asked).into_iter().zip(other.ask(&asked));
    for (request, (answer, expected)) in asked.iter().zip(answers) {
        assert_eq!(answer, expected, "{request:?} of {granted:?} in {sample:?}");
    }
    for method in ["skills/list", "resources/list", "prompts/list"] {
        let mut params = json!({});
        loop {
            let asked = [(method, params)];
            let (answer, expected) = (one.ask(&asked), other.ask(&asked));
            assert_eq!(answer, expected, "{asked:?} of {granted:?} in {sample:?}");
            let answer: Value = serde_json::from_str(&answer[0]).unwrap();
            let Some(cursor) = answer["result"]["nextCursor"].as_str() else {
                break;
            };
            params = json!({ "cursor": cursor });
        }
    }
    for url in urls(&paths) {
        for encoding in ["identity", "gzip"] {
            let (answer, expected) = (one.get(&url, encoding), other.get(&url, encoding));
            assert_eq!(answer, expected, "{url} of {granted:?} in {sample:?}");
        }
    }
}

fn specimen() -> impl Strategy<Value = Specimen> {
    let flags = select(vec![
        "",
        "",
        "disable-model-invocation: true\n",
        "user-invocable: false\n",
    ]);
    (flags, any::<bool>()).prop_map(|(flag, has_file)| Specimen { flag, has_file })
}

fn samples() -> impl Strategy<Value = Sample> {
    let path = (select(&PREFIXES[..]), select(&NAMES[..]))
        .prop_map(|(prefix, name)| [prefix, name].concat());
    let skills = prop::collection::btree_map(path, specimen(), 0..9);
    let places = vec![
        "acme",
        "acme/east",
        "globex",
        "globex/west",
        "refunds",
        "tax",
        "acme/refunds",
        "globex/refunds",
        "acme/tax",
        "forms",
    ];
    let scopes = subsequence(SCOPES.to_vec(), 1..=2);
    let access = prop::collection::btree_map(select(places), scopes, 0..5);
    (skills, access).prop_map(|(skills, access)| Sample { skills, access }.kept())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_is_hidden_from_a_caller_leaves_no_trace(
        sample in samples(),
        granted in subsequence(SCOPES.to_vec(), 0..=3),
        is_personal in any::<bool>(),
    ) {
        // Where nobody is told apart, nobody has been granted anything.
        compare(&sample, &granted, is_personal || !granted.is_empty());
    }
}

fn sample(skills: &[&str], access: &[(&'static str, &'static str)]) -> Sample {
    let specimen = Specimen {
        flag: "",
        has_file: true,
    };
    Sample {
        skills: skills
            .iter()
            .map(|path| ((*path).to_owned(), specimen.clone()))
            .collect(),
        access: access
            .iter()
            .map(|(path, scope)| (*path, vec![*scope]))
            .collect(),
    }
}

#[test]
fn a_skill_has_the_name_that_it_would_have_without_those_that_are_hidden() {
    let sample = sample(
        &["acme/refunds", "globex/refunds", "initech/refunds"],
        &[("globex", "a"), ("initech", "b")],
    );
    let bundle = sample.bundle();
    for (granted, names) in [
        (&[][..], &["refunds"][..]),
        (&["a"], &["acme/refunds", "globex/refunds"]),
        (&["b"], &["acme/refunds", "initech/refunds"]),
        (
            &["a", "b"],
            &["acme/refunds", "globex/refunds", "initech/refunds"],
        ),
    ] {
        let door = Door::new(bundle, granted, true);
        let listed = door.ask(&[("prompts/list", json!({}))]).remove(0);
        let listed: Value = serde_json::from_str(&listed).unwrap();
        let prompts = listed["result"]["prompts"].as_array().unwrap();
        let listed: Vec<_> = prompts
            .iter()
            .map(|prompt| prompt["name"].as_str().unwrap())
            .collect();
        assert_eq!(listed, names, "{granted:?}");
        for name in names {
            let got = door
                .ask(&[("prompts/get", json!({ "name": name }))])
                .remove(0);
            assert!(got.contains("\"result\""), "{got}");
        }
        let index = door.get("/.well-known/agent-skills/index.json", "identity");
        let is_alone = names.len() == 1;
        assert_eq!(
            index.contains("Helps with acme of refunds"),
            is_alone,
            "{index}"
        );
        compare(&sample, granted, true);
    }
}

#[test]
fn pages_and_their_cursors_are_those_of_what_is_seen() {
    let skills: Vec<_> = (0..130)
        .map(|number| format!("{}/s{number:03}", ["open", "shut"][number % 13 / 12]))
        .collect();
    let twins = (0..130)
        .step_by(10)
        .map(|number| format!("shut/s{number:03}"));
    let skills: BTreeSet<_> = skills.into_iter().chain(twins).collect();
    let sample = sample(
        &skills.iter().map(String::as_str).collect::<Vec<_>>(),
        &[("shut", "a")],
    );
    compare(&sample, &[], true);
    compare(&sample, &["a"], true);
}
