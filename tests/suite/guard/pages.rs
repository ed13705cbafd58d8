//! Listings of what a caller may see: cut into pages as if there were nothing else.

use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{document, request};
use crate::http::conversation::ask;
use crate::project::Project;
use crate::service::{Service, serve_with};

/// A server of 130 skills, of which 30 are for staff: the first 20 and the last 10.
static EXECUTABLE: LazyLock<PathBuf> = LazyLock::new(|| {
    let access = "[access]\n\"skill-00*\" = \"staff\"\n\"skill-01*\" = \"staff\"\n\"skill-12*\" = \"staff\"\n";
    let mut project = Project::new("partly-hidden").file("skills.toml", access);
    for number in 0..130 {
        let name = format!("skill-{number:03}");
        project = project.skill(&name, &document(&name, &format!("Counts to {number}")));
    }
    project.build()
});

/// Every page of a listing, and the cursor that each but the first was asked for with.
fn pages(service: &Service, method: &str, list: &str) -> (Vec<Vec<Value>>, Vec<String>) {
    let (mut pages, mut cursors) = (Vec::new(), Vec::new());
    let mut params = json!({});
    loop {
        let answer = ask(service.address(), &request(method, params)).json();
        let result = &answer["result"];
        let page = result[list].as_array();
        pages.push(page.unwrap_or_else(|| panic!("{answer}")).clone());
        let Some(next) = result["nextCursor"].as_str() else {
            return (pages, cursors);
        };
        assert!(pages.len() < 10, "the pages have no end");
        cursors.push(next.to_owned());
        params = json!({ "cursor": next });
    }
}

#[test]
fn no_page_says_how_much_is_hidden() {
    let service = Service::spawn(&mut serve_with(&EXECUTABLE, &[]));
    for (method, list, member) in [
        ("skills/list", "skills", "uri"),
        ("resources/list", "resources", "uri"),
        ("prompts/list", "prompts", "name"),
    ] {
        let (pages, cursors) = pages(&service, method, list);
        let lengths: Vec<_> = pages.iter().map(Vec::len).collect();
        assert_eq!(lengths, [50, 50], "{method}");
        assert!(cursors[0].ends_with("-1"), "{method}: {cursors:?}");
        let items = pages.concat();
        let names = items
            .iter()
            .map(|item| item[member].as_str().expect(member));
        for (name, number) in names.zip(20..) {
            assert!(
                name.contains(&format!("skill-{number:03}")),
                "{method}: {name}"
            );
        }
        // There is a third page only for who may see more.
        let beyond = cursors[0].replace("-1", "-2");
        let refused = ask(
            service.address(),
            &request(method, json!({ "cursor": beyond })),
        );
        assert_eq!(refused.code(), Some(-32602), "{method}: {}", refused.text());
    }
    let call = json!({ "name": "list_skills", "arguments": {} });
    let listed = ask(service.address(), &request("tools/call", call)).json();
    let text = listed["result"]["content"][0]["text"].as_str();
    let (head, _) = text.and_then(|text| text.split_once('\n')).expect("lines");
    assert_eq!(head, "100 skills:");
}
