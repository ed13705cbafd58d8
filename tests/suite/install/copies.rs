//! What was there before stays in a copy, as long as the file does not say it.

use super::Home;

#[test]
fn what_changed_in_between_is_kept() {
    let text = "{\n  \"mcpServers\": {\n    \"a\": {}\n  }\n}\n";
    let home = Home::new("between").file(".gemini/settings.json", text);
    home.done(&["install", "--host", "gemini"]);
    let backup = ".gemini/settings.json.skills-server.bak";
    assert_eq!(home.read(backup), text);
    let installed = home.read(".gemini/settings.json");
    let edited = installed.replace("\"a\": {},", "\"a\": {\"mine\": 1}, // mine");
    let home = home.file(".gemini/settings.json", edited);
    let said = home.done(&["uninstall", "--host", "gemini"]);
    assert_eq!(
        home.read(".gemini/settings.json"),
        "{\n  \"mcpServers\": {\n    \"a\": {\"mine\": 1} // mine\n  }\n}\n"
    );
    assert_eq!(home.read(backup), text, "it says what the file does not");
    assert!(
        said.contains(&format!("{backup}, what was there before")),
        "{said}"
    );
}

#[test]
fn a_file_of_somebody_with_the_name_of_a_copy_is_neither_replaced_nor_removed() {
    let home = Home::new("copy")
        .file(".cursor/mcp.json", "{}")
        .file(".cursor/mcp.json.skills-server.bak", "mine");
    let before = home.everything();
    let said = home.done(&["install", "--host", "cursor"]);
    assert!(said.contains("mcp.json.skills-server.bak.1\n"), "{said}");
    assert_eq!(home.read(".cursor/mcp.json.skills-server.bak.1"), "{}");
    home.done(&["uninstall", "--host", "cursor"]);
    assert_eq!(home.everything(), before);
}

#[test]
fn an_entry_that_was_replaced_by_force_comes_back_although_more_has_changed() {
    let theirs = "{ \"command\": \"npx\", \"env\": { \"KEY\": \"mine\" } }";
    let text = format!("{{\n  \"mcpServers\": {{\n    \"skills-server\": {theirs}\n  }}\n}}\n");
    let home = Home::new("back").file(".cursor/mcp.json", &text);
    home.done(&["install", "--host", "cursor", "--force"]);
    let edited = home
        .read(".cursor/mcp.json")
        .replacen('{', "{\n  \"b\": 1,", 1);
    let home = home.file(".cursor/mcp.json", edited);
    let said = home.done(&["uninstall", "--host", "cursor"]);
    assert!(
        said.contains("that had this name before is there again"),
        "{said}"
    );
    assert_eq!(
        home.read(".cursor/mcp.json"),
        text.replacen('{', "{\n  \"b\": 1,", 1)
    );
    assert_eq!(home.read(".cursor/mcp.json.skills-server.bak"), text);
}

#[test]
fn an_entry_for_an_executable_that_has_moved_does_not_come_back() {
    let moved = "{\n  \"mcpServers\": {\n    \"skills-server\": {\n      \"command\": \"/moved\",\n      \"args\": [\"stdio\"]\n    }\n  }\n}\n";
    let home = Home::new("moved").file(".cursor/mcp.json", moved);
    home.done(&["install", "--host", "cursor", "--force"]);
    let edited = home
        .read(".cursor/mcp.json")
        .replacen('{', "{\n  \"b\": 1,", 1);
    let home = home.file(".cursor/mcp.json", edited);
    home.done(&["uninstall", "--host", "cursor"]);
    assert!(!home.read(".cursor/mcp.json").contains("/moved"));
}

#[test]
fn what_was_there_before_an_entry_is_not_forgotten_when_another_takes_its_place() {
    let text = "{\"mcpServers\": {\"other\": {\"command\": \"other\"}}} // mine\n";
    let home = Home::new("replaced").file(".gemini/settings.json", text);
    let [first, second] = ["http://127.0.0.1:3001/mcp", "http://127.0.0.1:4001/mcp"];
    for host in ["gemini", "codex"] {
        home.done(&["install", "--host", host, "--http", first]);
        home.done(&["install", "--host", host, "--http", second, "--force"]);
        home.done(&["uninstall", "--host", host, "--http", second]);
    }
    assert_eq!(home.read(".gemini/settings.json"), text);
    assert!(!home.path(".codex/config.toml").exists(), "there was none");
}

#[test]
fn what_its_owner_wrote_into_an_entry_is_in_a_copy_when_it_is_written_anew() {
    let home = Home::new("anew").file(".cursor/mcp.json", "{}");
    home.done(&["install", "--host", "cursor"]);
    let edited = home.read(".cursor/mcp.json").replace(
        "\"args\": [\"stdio\"]",
        "\"args\": [\"stdio\"], \"env\": {\"KEY\": \"mine\"}",
    );
    let home = home.file(".cursor/mcp.json", &edited);
    let copy = ".cursor/mcp.json.skills-server.bak.1";
    let said = home.done(&["install", "--host", "cursor", "--force"]);
    assert!(said.contains(copy), "{said}");
    assert_eq!(home.read(copy), edited);
    let said = home.done(&["uninstall", "--host", "cursor"]);
    assert_eq!(home.read(".cursor/mcp.json"), "{}");
    assert!(said.contains(&format!("{copy}, what was there")), "{said}");
    assert!(!home.path(".cursor/mcp.json.skills-server.bak").exists());
}
