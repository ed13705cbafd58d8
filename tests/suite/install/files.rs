//! What is in the files of hosts stays there, whatever they look like.

use std::fs;
use std::process::{Command, Stdio};

use super::{HOSTS, Home};
use crate::server::EXECUTABLE;

/// Files that people have, by the format that the host reads.
const JSON: [&str; 10] = [
    "",
    "\n",
    "{}",
    "{\n}\n",
    "{\"numStartups\":3,\"mcpServers\":{\"a\":{\"command\":\"x\",\"env\":{\"KEY\":\"secret\"}}},\"z\":1e3}",
    "{\n\t// tabs and a comment\n\t\"servers\": {\n\t\t\"a\": {}, // last\n\t},\n\t\"mcpServers\": {\n\t\t\"a\": {} /* last */\n\t},\n}\n",
    "{\r\n    \"theme\": \"dark\",\r\n    \"theme\": \"twice\",\r\n    \"mcpServers\": {},\r\n    \"servers\": { }\r\n}\r\n",
    "\u{feff}{ \"inputs\": [] }",
    "// only a comment",
    "{\n\n      \"deep\": { \"a\": [1,\n2] },\n\n  \"mcpServers\": {\n  \"a\": {}}\n\n}",
];
const TOML: [&str; 6] = [
    "",
    "\n# only a comment",
    "model = \"m\" # mine\n\n[mcp_servers.a]\ncommand = \"x\"\n\n[mcp_servers.a.env]\nKEY = \"secret\"\n",
    "\u{feff}model = 'm'\r\n\r\n\r\n[tui]\r\nnotifications = [\r\n  \"a\",\r\n]\r\n# end\r\n",
    "[mcp_servers]\na = { command = \"x\" }\n[[other]]\nx=1\n[[other]]\nx=2",
    "mcp_servers.a.command = \"x\"\n",
];

/// The samples that a host can read: of JSON with comments or trailing commas, only where it takes them.
fn samples(host: &str) -> Vec<&'static str> {
    let reads = |text: &&str| match host {
        "vscode" => true,
        "gemini" => !text.contains(",\n}") && !text.contains("}, // last"),
        _ => !text.contains("//") && !text.contains("/*"),
    };
    if host == "codex" {
        return TOML.to_vec();
    }
    JSON.into_iter().filter(reads).collect()
}

/// Whether all of `text` is in `longer`, in its order.
fn is_within(text: &str, longer: &str) -> bool {
    let mut longer = longer.chars();
    text.chars()
        .all(|character| longer.any(|other| other == character))
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_lost_twice_is_once_and_uninstall_restores_every_byte() {
    for (host, path) in HOSTS {
        for (number, text) in samples(host).iter().enumerate() {
            let home = Home::new(&format!("files-{host}-{number}")).file(path, text);
            let before = home.everything();
            home.done(&["install", "--host", host]);
            let installed = home.read(path);
            assert!(is_within(text, &installed), "{host}: {installed}");
            assert!(installed.contains(EXECUTABLE), "{host}: {installed}");
            let after = home.everything();
            let again = home.done(&["install", "--host", host]);
            assert!(again.contains("is there already"), "{again}");
            assert_eq!(home.everything(), after, "{host} {number}");
            home.done(&["uninstall", "--host", host]);
            assert_eq!(home.everything(), before, "{host} {number}");
            let again = home.done(&["uninstall", "--host", host]);
            assert!(again.contains("there is no `skills-server`"), "{again}");
        }
    }
}

/// What is refused in a host's file, and where: it would be called corrupted, and none of its servers would start.
#[test]
fn a_file_in_json_that_its_host_does_not_read_is_refused() {
    let comment = "{\n  // a note\n  \"mcpServers\": {}\n}\n";
    let block = "{ /* a note */ \"mcpServers\": {} }";
    let trailing = "{\n  \"mcpServers\": {\n    \"a\": {},\n  }\n}\n";
    let number = "{\n  \"mcpServers\": {},\n  \"a\": 01\n}\n";
    let control = "{\n  \"mcpServers\": {},\n  \"a\": \"x\ty\"\n}\n";
    for (host, path, text, place) in [
        (
            "claude-code",
            ".claude.json",
            comment,
            ":2:3: comments are not allowed",
        ),
        (
            "claude-code",
            ".claude.json",
            block,
            ":1:3: comments are not allowed",
        ),
        (
            "claude-code",
            ".claude.json",
            trailing,
            ":3:12: trailing commas are not allowed",
        ),
        ("claude-code", ".claude.json", number, ":3:9: "),
        (
            "claude-code",
            ".claude.json",
            control,
            ":3:9: control character",
        ),
        (
            "cursor",
            ".cursor/mcp.json",
            comment,
            ":2:3: comments are not allowed",
        ),
        (
            "gemini",
            ".gemini/settings.json",
            trailing,
            ":3:12: trailing commas are not allowed",
        ),
    ] {
        let home = Home::new("strict").file(path, text);
        for command in ["install", "uninstall"] {
            let said = home.refused(&[command, "--host", host]);
            assert!(said.contains(&format!("{path}{place}")), "{place}: {said}");
            assert!(said.contains("help: "), "{said}");
        }
    }
    let project = Home::new("strict-project").file(".mcp.json", comment);
    let scope = ["--scope", "project"];
    let said = project.refused(&["install", "--host", "claude-code", scope[0], scope[1]]);
    assert!(said.contains(".mcp.json:2:3: "), "{said}");
}

#[test]
fn a_server_that_is_switched_off_in_a_comment_stays() {
    let text = "{\n  \"theme\": \"dark\"\n}\n";
    let home = Home::new("comment").file(".gemini/settings.json", text);
    home.done(&["install", "--host", "gemini"]);
    let comment = "\"mcpServers\": {\n    // \"github\": { \"command\": \"gh-mcp\" }";
    let installed = home.read(".gemini/settings.json");
    let edited = installed.replace("\"mcpServers\": {", comment);
    let home = home.file(".gemini/settings.json", edited);
    home.done(&["uninstall", "--host", "gemini"]);
    assert_eq!(
        home.read(".gemini/settings.json"),
        format!("{{\n  \"theme\": \"dark\",\n  {comment}\n  }}\n}}\n")
    );
}

#[test]
fn servers_that_are_installed_at_the_same_moment_are_all_there() {
    for round in 0..10 {
        let home = Home::new(&format!("at-once-{round}"));
        let names = ["a", "b", "c", "d"];
        let started = names.map(|name| {
            let mut command = home.command(&["install", "--host", "cursor", "--name", name]);
            command.stdout(Stdio::null()).spawn().expect("it starts")
        });
        for mut process in started {
            assert!(process.wait().expect("it ends").success());
        }
        let text = home.read(".cursor/mcp.json");
        for name in names {
            assert!(text.contains(&format!("\"{name}\": {{")), "{round}: {text}");
        }
    }
}

#[test]
fn a_file_that_cannot_be_understood_is_refused_where_and_with_what_to_paste() {
    for (host, path, text, place) in [
        (
            "gemini",
            ".gemini/settings.json",
            "{\n  \"a\": [1,\n}",
            ":3:1: ",
        ),
        (
            "gemini",
            ".gemini/settings.json",
            "{\"mcpServers\": []}",
            ":1:16: `mcpServers` is no object",
        ),
        (
            "vscode",
            ".config/Code/User/mcp.json",
            "{\"servers\": {\"skills-server\": {},\n\"skills-server\": {}}}",
            ":2:1: `skills-server` is there for the second time",
        ),
        ("codex", ".codex/config.toml", "a = 1\nb = \n", ":2:5: "),
        (
            "codex",
            ".codex/config.toml",
            "mcp_servers = { a = { command = \"x\" } }\n",
            "is an inline table",
        ),
    ] {
        if cfg!(not(target_os = "linux")) && host == "vscode" {
            continue;
        }
        let home = Home::new("broken").file(path, text);
        let said = home.refused(&["install", "--host", host]);
        assert!(said.starts_with("error: cannot edit "), "{said}");
        for part in [place, path, "help: ", "to do it by hand: ", EXECUTABLE] {
            assert!(said.contains(part), "{part:?} in {said}");
        }
    }
    let home = Home::new("bytes").file(".gemini/settings.json", b"{\n \xff}");
    let said = home.refused(&["install", "--host", "gemini"]);
    assert!(said.contains(":2:2: this is no UTF-8"), "{said}");
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_modes_and_protection_kept() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    let home = Home::new("links").file("dotfiles/cursor.json", "{}");
    let real = home.path("dotfiles/cursor.json");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("a mode");
    fs::create_dir_all(home.path(".cursor")).expect("a folder");
    symlink("../dotfiles/cursor.json", home.path(".cursor/mcp.json")).expect("a link");
    home.done(&["install", "--host", "cursor"]);
    let link = fs::symlink_metadata(home.path(".cursor/mcp.json")).expect("it is there");
    assert!(link.is_symlink());
    assert!(home.read("dotfiles/cursor.json").contains(EXECUTABLE));
    for file in [
        "dotfiles/cursor.json",
        "dotfiles/cursor.json.skills-server.bak",
    ] {
        let mode = fs::metadata(home.path(file)).expect("it is there").mode();
        assert_eq!(mode & 0o777, 0o640, "{file}");
    }
    fs::set_permissions(&real, fs::Permissions::from_mode(0o440)).expect("a mode");
    let said = home.refused(&["uninstall", "--host", "cursor"]);
    assert!(said.contains("cursor.json is read-only"), "{said}");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("a mode");
    home.done(&["uninstall", "--host", "cursor"]);
    assert_eq!(home.read("dotfiles/cursor.json"), "{}");
    fs::remove_file(&real).expect("it was there");
    let said = home.run(&["install", "--host", "cursor"]);
    assert_eq!(said.code, Some(1));
    assert!(
        said.err
            .contains("is a symbolic link to a file that does not exist"),
        "{}",
        said.err
    );
    home.done(&["install", "--host", "codex"]);
    let mode = fs::metadata(home.path(".codex/config.toml"))
        .expect("it is there")
        .mode();
    assert_eq!(mode & 0o777, 0o600, "others need not read what is new");
}

#[cfg(unix)]
#[test]
fn links_lead_somewhere_afterwards_and_a_home_may_be_one() {
    use std::os::unix::fs::symlink;

    let home = Home::new("linked")
        .file("dotfiles/cursor.json", "")
        .file(".cursor/x", "");
    symlink("../dotfiles/cursor.json", home.path(".cursor/mcp.json")).expect("a link");
    home.done(&["install", "--host", "cursor"]);
    fs::remove_file(home.path("dotfiles/cursor.json.skills-server.bak")).expect("it was there");
    home.done(&["uninstall", "--host", "cursor"]);
    assert_eq!(home.read(".cursor/mcp.json"), "");

    let other = Home::new("linked-home");
    fs::remove_dir(&other.0).expect("it is empty");
    symlink(&home.0, &other.0).expect("a link");
    let before = home.everything();
    other.done(&["install", "--host", "codex"]);
    assert!(home.read(".codex/config.toml").contains(EXECUTABLE));
    other.done(&["uninstall", "--host", "codex"]);
    assert_eq!(home.everything(), before);
    fs::remove_file(&other.0).expect("the link");
}

#[cfg(unix)]
#[test]
fn other_names_of_a_file_are_told() {
    let home = Home::new("names").file(".cursor/mcp.json", "{}");
    fs::hard_link(home.path(".cursor/mcp.json"), home.path("mine.json")).expect("a name");
    let said = home.done(&["install", "--host", "cursor"]);
    assert!(said.contains("other names (hard links)"), "{said}");
    assert_eq!(home.read("mine.json"), "{}");
}

#[cfg(target_os = "linux")]
#[test]
fn who_installs_for_themselves_needs_no_current_directory() {
    let home = Home::new("nowhere");
    let gone = home.path("gone");
    let run = |scope: &str| {
        fs::create_dir(&gone).expect("a folder");
        let script = "rmdir \"$PWD\" && exec \"$0\" install --host cursor --scope \"$1\"";
        let mut shell = Command::new("sh");
        shell
            .args(["-c", script, EXECUTABLE, scope])
            .current_dir(&gone);
        shell.env("HOME", &home.0).output().expect("it starts")
    };
    assert!(run("user").status.success());
    assert!(home.read(".cursor/mcp.json").contains(EXECUTABLE));
    assert!(!run("project").status.success());
}

#[test]
fn an_entry_of_another_server_stays_unless_it_is_forced() {
    let text = "{\"mcpServers\": {\"skills-server\": {\"url\": \"https://u:p@other.example/mcp?key=secret\"}}}";
    let home = Home::new("foreign").file(".cursor/mcp.json", text);
    for verb in ["install", "uninstall"] {
        let said = home.refused(&[verb, "--host", "cursor"]);
        assert!(
            said.contains("is another server: https://other.example/mcp\n"),
            "{said}"
        );
        assert!(
            said.contains("--name") && said.contains("--force"),
            "{said}"
        );
        assert!(!said.contains("secret") && !said.contains("u:p"), "{said}");
    }
    home.done(&["install", "--host", "cursor", "--name", "mine"]);
    home.done(&["uninstall", "--host", "cursor", "--name", "mine"]);
    assert_eq!(home.read(".cursor/mcp.json"), text);
    home.done(&["install", "--host", "cursor", "--force"]);
    assert!(!home.read(".cursor/mcp.json").contains("other.example"));
    home.done(&["uninstall", "--host", "cursor"]);
    assert_eq!(home.read(".cursor/mcp.json"), text, "as it was before");
    home.done(&["uninstall", "--host", "cursor", "--force"]);
    assert!(!home.read(".cursor/mcp.json").contains("skills-server"));
}

#[test]
fn an_entry_with_changes_of_its_owner_is_left_alone() {
    let home = Home::new("own").file(".cursor/mcp.json", "{}");
    home.done(&["install", "--host", "cursor"]);
    let edited = home.read(".cursor/mcp.json").replace(
        "\"args\": [\"stdio\"]",
        "\"args\": [\"stdio\", \"--sandbox=off\"]",
    );
    let home = home.file(".cursor/mcp.json", &edited);
    let said = home.done(&["install", "--host", "cursor"]);
    assert!(
        said.contains("with changes that are not from here"),
        "{said}"
    );
    assert_eq!(home.read(".cursor/mcp.json"), edited);
    home.done(&["uninstall", "--host", "cursor"]);
    assert_eq!(home.read(".cursor/mcp.json"), "{}");
}
