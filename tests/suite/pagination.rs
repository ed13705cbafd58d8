//! Listings that do not fit on one page, walked from the first to the last through every door that has pages.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::project::Project;
use crate::server::{INITIALIZED, STATELESS, Server};

/// More than two pages of fifty.
const SKILLS: usize = 120;

/// More than one page of fifty, in one directory of the first skill.
const REFERENCES: usize = 60;

/// A server with this many skills.
pub(crate) static EXECUTABLE: LazyLock<PathBuf> = LazyLock::new(|| {
    let mut project = Project::new("many-skills");
    for number in 0..SKILLS {
        let name = format!("skill-{number:03}");
        let mut body = format!("# Skill {number}\n\nCount to {number}, then stop.\n");
        if number == 0 {
            for page in 0..REFERENCES {
                let file = format!("references/page-{page:02}.md");
                // Writing to a string cannot fail.
                let _ = writeln!(body, "\n- Read [page {page}]({file}) when you count it.");
                project =
                    project.file(&format!("skills/{name}/{file}"), format!("# Page {page}\n"));
            }
        }
        let description =
            format!("Counts to {number} aloud. Use when somebody asks for a count to {number}.");
        let document = format!("---\nname: {name}\ndescription: {description}\n---\n\n{body}");
        project = project.skill(&name, &document);
    }
    project.build()
});

/// Asks for every page; `ask` gives one for a cursor. All pages but the last are full.
fn walk(list: &str, ask: impl FnMut(Option<&Value>) -> Value) -> Vec<Value> {
    let walked = every_page(ask);
    let (end, full) = walked.split_last().expect("a page");
    for page in full {
        assert_eq!(page[list].as_array().map(Vec::len), Some(50), "{list}");
    }
    assert!(!end[list].as_array().expect(list).is_empty(), "{list}");
    let items = walked
        .iter()
        .flat_map(|page| page[list].as_array().expect(list));
    items.cloned().collect()
}

fn every_page(mut ask: impl FnMut(Option<&Value>) -> Value) -> Vec<Value> {
    let mut pages = vec![ask(None)];
    while let Some(cursor) = pages.last().and_then(|page| page.get("nextCursor")) {
        assert!(cursor.is_string(), "{cursor}");
        assert!(pages.len() < 10, "the pages have no end");
        let page = ask(Some(cursor));
        pages.push(page);
    }
    pages
}

fn with(mut params: Value, cursor: Option<&Value>) -> Value {
    if let Some(cursor) = cursor {
        params["cursor"] = cursor.clone();
    }
    params
}

fn check(method: &str, params: &Value, list: &str, key: &str, expected: usize) {
    for version in [INITIALIZED[3], STATELESS] {
        let mut server = Server::of(&EXECUTABLE, version);
        let items = walk(list, |cursor| {
            server.result(method, with(params.clone(), cursor))
        });
        let keys: BTreeSet<_> = items.iter().filter_map(|item| item[key].as_str()).collect();
        assert_eq!(items.len(), expected, "{method}");
        assert_eq!(keys.len(), expected, "{method} repeats nothing");
        for cursor in ["nonsense", "-1", "1", "999999", " ", "\u{0}"] {
            let error = server.error(method, with(params.clone(), Some(&json!(cursor))));
            assert_eq!(error["code"], -32602, "{method} {cursor:?}");
        }
        let again = server.result(method, params.clone());
        assert_eq!(again[list][0][key], items[0][key], "{method} begins anew");
    }
}

#[test]
fn skills_come_in_pages() {
    check("skills/list", &json!({}), "skills", "uri", SKILLS);
}

#[test]
fn resources_come_in_pages() {
    let files = SKILLS + REFERENCES;
    check("resources/list", &json!({}), "resources", "uri", files);
}

#[test]
fn prompts_come_in_pages() {
    check("prompts/list", &json!({}), "prompts", "name", SKILLS);
}

#[test]
fn the_children_of_a_directory_come_in_pages() {
    let directory = json!({ "uri": "skill://skill-000/references" });
    check(
        "resources/directory/read",
        &directory,
        "resources",
        "uri",
        REFERENCES,
    );
}

#[test]
fn the_tool_that_lists_skills_has_pages_that_hosts_hand_on_whole() {
    let mut server = Server::of(&EXECUTABLE, STATELESS);
    let mut call = |arguments: Value| {
        server.result(
            "tools/call",
            json!({ "name": "list_skills", "arguments": arguments }),
        )
    };
    let text = |result: &Value| {
        assert_eq!(result["isError"], json!(false), "{result}");
        result["content"][0]["text"]
            .as_str()
            .expect("text")
            .to_owned()
    };
    let (mut names, mut pages) = (BTreeSet::new(), 0);
    let mut cursor = String::new();
    loop {
        let page = text(&call(json!({ "cursor": cursor, "query": "" })));
        assert!(page.len() < 7_500, "{} bytes", page.len());
        pages += 1;
        let lines = page
            .lines()
            .filter_map(|line| line.strip_prefix("- `skill-"));
        names.extend(lines.filter_map(|line| line.get(..3)).map(str::to_owned));
        let (_, last) = page.rsplit_once('\n').expect("lines");
        let Some((_, next)) = last.split_once("again with the cursor \"") else {
            break;
        };
        next.trim_end_matches("\".").clone_into(&mut cursor);
    }
    assert_eq!(names.len(), SKILLS);
    assert!(pages > 1, "{pages}");
    for cursor in ["nonsense", "7", "-50", "9999"] {
        let refused = call(json!({ "cursor": cursor }));
        assert_eq!(refused["isError"], true, "{cursor}");
    }
    let found = text(&call(json!({ "query": "count to 119" })));
    assert!(
        found.starts_with("1 skill:\n- `skill-119`: Counts to 119"),
        "{found}"
    );
}
