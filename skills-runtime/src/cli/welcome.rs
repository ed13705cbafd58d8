//! What a person sees who starts the server at a terminal: what it is, and how a host gets to know it.

use std::borrow::Cow;
use std::path::Path;

use serde_json::json;
use skills_model::Bundle;

use crate::text::{count, printable, printable_json};

/// The text for somebody who started the executable at `program`.
pub(super) fn welcome(bundle: &Bundle, program: &Path, help: &str) -> String {
    let program = program.to_string_lossy();
    let (name, version) = (bundle.server.name, bundle.server.version);
    let skills = count(bundle.skills.len(), "skill");
    let files = count(bundle.resources.len(), "file");
    let configuration = json!({ "mcpServers": { name: { "command": program } } });
    let configuration = printable_json(&configuration.to_string());
    let (quoted_name, quoted_program) = (quoted(name), quoted(&program));
    let install = if cfg!(feature = "install") {
        format!(
            "\nor to all hosts on this machine that it knows:\n  {quoted_program} install --host all"
        )
    } else {
        String::new()
    };
    let text = format!(
        "{name} {version}: an MCP server with {skills} ({files}) inside.

Hosts start it and talk to it over standard input and output. To add it to Claude Code:
  claude mcp add {quoted_name} -- {quoted_program}{install}
or to another host, in its configuration:
  {configuration}

{help}"
    );
    printable(&text).into_owned()
}

/// The text as one word of a shell's command line.
fn quoted(text: &str) -> Cow<'_, str> {
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || "/._-+@".contains(character);
    if !text.is_empty() && text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::BUNDLE;

    #[test]
    fn it_says_what_the_server_is_and_how_to_add_it() {
        let text = welcome(&BUNDLE, Path::new("/opt/my server"), "HELP");
        for part in [
            "sample 1.2.3: an MCP server with 4 skills (7 files) inside.",
            "claude mcp add sample -- '/opt/my server'\n",
            r#"{"mcpServers":{"sample":{"command":"/opt/my server"}}}"#,
            "HELP",
        ] {
            assert!(text.contains(part), "{part:?} in {text}");
        }
    }

    #[test]
    fn words_are_quoted_where_a_shell_would_split_them() {
        assert_eq!(quoted("/usr/bin/x-1.0"), "/usr/bin/x-1.0");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
