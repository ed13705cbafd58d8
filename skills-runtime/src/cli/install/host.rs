//! The hosts that this server can be installed in: what differs between them, as data.

use clap::ValueEnum;

use super::edit::{Dialect, Format};

/// A host as it is named at the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Choice {
    ClaudeCode,
    ClaudeDesktop,
    Cursor,
    Vscode,
    Codex,
    Gemini,
    Qwen,
    Opencode,
    Copilot,
    /// Each of them that is on this machine.
    All,
}

/// What differs between hosts.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) choice: Choice,
    /// What people call it.
    pub(super) name: &'static str,
    pub(super) format: Format,
    /// The key of its configuration that holds the servers.
    pub(super) container: &'static str,
    /// Where its user's configuration begins.
    pub(super) root: Root,
    /// The file, from there.
    pub(super) user: &'static [&'static str],
    /// A file of earlier versions that is used instead where there is one: below the directory that the variable names, and
    /// below the home without it.
    pub(super) older: Option<[&'static [&'static str]; 2]>,
    /// What is there, from the same place, where the host has been used: one of these.
    pub(super) traces: &'static [&'static [&'static str]],
    /// The file of a project, if it has one.
    pub(super) project: Option<&'static [&'static str]>,
    /// How an entry says by what it is reached, if it does: for a program and for a URL.
    pub(super) types: Option<[&'static str; 2]>,
    /// How an entry names a program.
    pub(super) command: Command,
    /// Whether an entry has to say which tools may be used.
    pub(super) names_tools: bool,
    /// The key for the URL of a server that speaks Streamable HTTP, if an entry can have one.
    pub(super) url: Option<&'static str>,
    /// How it is told of a token.
    pub(super) bearer: Bearer,
    /// What begins a reference to a variable in its texts; nothing if it takes all texts as they are.
    pub(super) reference: Option<&'static str>,
    /// Whether it can close a server off that it starts.
    pub(super) has_sandbox: bool,
    /// What somebody has to do before the server is there.
    pub(super) then: &'static str,
    /// The same for a project's file.
    pub(super) then_in_project: &'static str,
}

/// Where a user's configuration of a host begins.
#[derive(Clone, Copy, Debug)]
pub(super) enum Root {
    /// The user's home.
    Home,
    /// Where programs of this system keep their settings.
    Settings,
    /// Where a variable of the environment says, otherwise below the home.
    Variable(&'static str, &'static [&'static str]),
}

/// How a host is told of a token: by the name of a variable of its environment, never by the token.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bearer {
    /// A header in which it replaces the reference.
    Header {
        open: &'static str,
        close: &'static str,
    },
    /// A key for the name.
    Variable(&'static str),
}

/// How an entry names the program that a host starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// `command` is the program, `args` are its arguments.
    WithArguments,
    /// `command` is a list of both.
    List,
}

const TO_BE_STARTED_AGAIN: &str = "it is there when the host is started again";

/// All of them, in the order in which they are tried.
pub(super) const HOSTS: [Host; 9] = [
    Host {
        choice: Choice::ClaudeCode,
        name: "Claude Code",
        format: Format::Json(Dialect::Strict),
        container: "mcpServers",
        root: Root::Variable("CLAUDE_CONFIG_DIR", &[]),
        user: &[".claude.json"],
        older: Some([&[".config.json"], &[".claude", ".config.json"]]),
        traces: &[&[".claude.json"], &[".claude"]],
        project: Some(&[".mcp.json"]),
        types: Some(["stdio", "http"]),
        command: Command::WithArguments,
        names_tools: false,
        url: Some("url"),
        bearer: Bearer::Header {
            open: "${",
            close: "}",
        },
        reference: Some("${"),
        has_sandbox: false,
        then: "`claude mcp list` shows whether it connects",
        then_in_project: "Claude Code asks everybody who works there before it is started",
    },
    Host {
        choice: Choice::ClaudeDesktop,
        name: "Claude Desktop",
        format: Format::Json(Dialect::Strict),
        container: "mcpServers",
        root: Root::Settings,
        user: &["Claude", "claude_desktop_config.json"],
        older: None,
        traces: &[&["Claude"]],
        project: None,
        types: None,
        command: Command::WithArguments,
        names_tools: false,
        url: None,
        bearer: Bearer::Variable("url"),
        reference: None,
        has_sandbox: false,
        then: TO_BE_STARTED_AGAIN,
        then_in_project: "",
    },
    Host {
        choice: Choice::Cursor,
        name: "Cursor",
        format: Format::Json(Dialect::Strict),
        container: "mcpServers",
        root: Root::Home,
        user: &[".cursor", "mcp.json"],
        older: None,
        traces: &[&[".cursor"]],
        project: Some(&[".cursor", "mcp.json"]),
        types: None,
        command: Command::WithArguments,
        names_tools: false,
        url: Some("url"),
        bearer: Bearer::Header {
            open: "${env:",
            close: "}",
        },
        reference: Some("${"),
        has_sandbox: false,
        then: "switch it on under Settings > MCP if Cursor has not",
        then_in_project: "switch it on under Settings > MCP if Cursor has not",
    },
    Host {
        choice: Choice::Vscode,
        name: "VS Code",
        format: Format::Json(Dialect::Jsonc),
        container: "servers",
        root: Root::Settings,
        user: &["Code", "User", "mcp.json"],
        older: None,
        traces: &[&["Code"]],
        project: Some(&[".vscode", "mcp.json"]),
        types: Some(["stdio", "http"]),
        command: Command::WithArguments,
        names_tools: false,
        url: Some("url"),
        bearer: Bearer::Header {
            open: "${env:",
            close: "}",
        },
        reference: Some("${"),
        has_sandbox: true,
        then: "VS Code asks whether it is trusted when it is first started",
        then_in_project: "VS Code asks everybody who opens the folder whether it is trusted",
    },
    Host {
        choice: Choice::Codex,
        name: "Codex",
        format: Format::Toml,
        container: "mcp_servers",
        root: Root::Variable("CODEX_HOME", &[".codex"]),
        user: &["config.toml"],
        older: None,
        traces: &[&[]],
        project: Some(&[".codex", "config.toml"]),
        types: None,
        command: Command::WithArguments,
        names_tools: false,
        url: Some("url"),
        bearer: Bearer::Variable("bearer_token_env_var"),
        reference: None,
        has_sandbox: false,
        then: "`codex mcp list` shows it",
        then_in_project: "Codex reads this file in projects only that are trusted",
    },
    Host {
        choice: Choice::Gemini,
        name: "Gemini CLI",
        format: Format::Json(Dialect::Comments),
        container: "mcpServers",
        root: Root::Home,
        user: &[".gemini", "settings.json"],
        older: None,
        traces: &[&[".gemini"]],
        project: Some(&[".gemini", "settings.json"]),
        types: None,
        command: Command::WithArguments,
        names_tools: false,
        url: Some("httpUrl"),
        bearer: Bearer::Header {
            open: "${",
            close: "}",
        },
        reference: Some("$"),
        has_sandbox: false,
        then: "`gemini mcp list` shows whether it connects, in a folder that Gemini CLI trusts",
        then_in_project: "Gemini CLI reads this file in folders only that are trusted",
    },
    Host {
        choice: Choice::Qwen,
        name: "Qwen Code",
        format: Format::Json(Dialect::Comments),
        container: "mcpServers",
        root: Root::Home,
        user: &[".qwen", "settings.json"],
        older: None,
        traces: &[&[".qwen"]],
        project: Some(&[".qwen", "settings.json"]),
        types: None,
        command: Command::WithArguments,
        names_tools: false,
        url: Some("httpUrl"),
        bearer: Bearer::Header {
            open: "${",
            close: "}",
        },
        reference: Some("$"),
        has_sandbox: false,
        then: "`qwen mcp list` shows whether it connects",
        then_in_project: "Qwen Code reads this file in folders only that are trusted",
    },
    Host {
        choice: Choice::Opencode,
        name: "opencode",
        format: Format::Json(Dialect::Jsonc),
        container: "mcp",
        root: Root::Variable("XDG_CONFIG_HOME", &[".config"]),
        user: &["opencode", "opencode.json"],
        older: None,
        traces: &[&["opencode"]],
        project: Some(&["opencode.json"]),
        types: Some(["local", "remote"]),
        command: Command::List,
        names_tools: false,
        url: Some("url"),
        bearer: Bearer::Header {
            open: "{env:",
            close: "}",
        },
        reference: Some("{"),
        has_sandbox: false,
        then: "`opencode mcp list` shows whether it connects",
        then_in_project: "`opencode mcp list` shows whether it connects",
    },
    Host {
        choice: Choice::Copilot,
        name: "Copilot CLI",
        format: Format::Json(Dialect::Strict),
        container: "mcpServers",
        root: Root::Home,
        user: &[".copilot", "mcp-config.json"],
        older: None,
        traces: &[&[".copilot"]],
        project: None,
        types: Some(["local", "http"]),
        command: Command::WithArguments,
        names_tools: true,
        url: Some("url"),
        bearer: Bearer::Header {
            open: "${",
            close: "}",
        },
        reference: Some("$"),
        has_sandbox: false,
        then: "`copilot mcp list` shows it",
        then_in_project: "",
    },
];
