//! The fields of a frontmatter that somebody gives a meaning to.

use crate::Settings;

/// The fields of the specification.
pub(super) const SPECIFIED: &[&str] = &[
    "name",
    "description",
    "license",
    "compatibility",
    "metadata",
    "allowed-tools",
];

/// What clients read beside the fields of the specification: the name of the set in `known-fields`, and its fields. Each
/// set is what the client documents or what its loader looks for, and nothing that is merely common.
const CLIENTS: &[(&str, &[&str])] = &[
    // https://code.claude.com/docs/en/skills#frontmatter-reference
    (
        "claude-code",
        &[
            "agent",
            "argument-hint",
            "arguments",
            "context",
            "disable-model-invocation",
            "disallowed-tools",
            "effort",
            "hooks",
            "model",
            "paths",
            "shell",
            "user-invocable",
            "when_to_use",
        ],
    ),
    // microsoft/vscode, `PromptsType.skill` in contrib/chat/common/promptSyntax/languageProviders/promptValidator.ts.
    // `user-invokable` was its first spelling and is deprecated, so that it counts as a misspelling.
    (
        "vscode",
        &[
            "argument-hint",
            "context",
            "disable-model-invocation",
            "user-invocable",
        ],
    ),
    // https://cursor.com/docs/skills
    ("cursor", &["disable-model-invocation", "paths"]),
    // openai/codex, codex-rs/core-skills/src/loader.rs: `name`, `description` and `metadata.short-description`; all else
    // that Codex wants to know stands in `agents/openai.yaml`.
    ("codex", &[]),
    // google-gemini/gemini-cli, packages/core/src/skills/skillLoader.ts: `name` and `description`.
    ("gemini", &[]),
    // https://docs.openclaw.ai/tools/skills
    (
        "openclaw",
        &[
            "command-arg-mode",
            "command-dispatch",
            "command-tool",
            "disable-model-invocation",
            "homepage",
            "user-invocable",
        ],
    ),
    // https://docs.openhands.dev/overview/skills
    ("openhands", &["paths", "triggers"]),
    // https://docs.openclaw.ai/clawhub/skill-format and `getFrontmatterValue(frontmatter, "version")` in openclaw/clawhub,
    // convex/lib/githubSkillSync.ts: a registry, and not among the clients of `openclaw`, which does not read it.
    ("clawhub", &["version"]),
];

/// Words that real skills have as fields of their own, or that clients read in other files than skills. They are never
/// taken for a misspelling, so that the list can only err on the side of silence.
const WORDS: &[&str] = &[
    "agents",
    "alwaysApply",
    "applyTo",
    "author",
    "background",
    "category",
    "color",
    "command",
    "dependencies",
    "disallowedTools",
    "enabled",
    "globs",
    "handoffs",
    "icon",
    "infer",
    "initialPrompt",
    "isolation",
    "keywords",
    "labels",
    "language",
    "locale",
    "maxTurns",
    "mcp-servers",
    "mcpServers",
    "memory",
    "mode",
    "namespace",
    "origin",
    "permissionMode",
    "priority",
    "repository",
    "requirements",
    "requires",
    "risk",
    "scope",
    "skills",
    "source",
    "status",
    "summary",
    "tags",
    "target",
    "title",
    "tools",
    "type",
    "version",
];

/// Fields whose misspellings are worth finding among those of clients: without them the skill behaves differently.
pub(super) const SPELLED: &[&str] = &[
    "argument-hint",
    "disable-model-invocation",
    "user-invocable",
    "when_to_use",
];

/// Whether a key is a word that somebody uses as a field.
pub(super) fn is_known(key: &str) -> bool {
    SPECIFIED.contains(&key)
        || WORDS.contains(&key)
        || of_clients(|_| true).any(|field| field == key)
}

/// The fields that the clients of the users read: of all clients, unless `known-fields` names some of them or the profile
/// wants the specification alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'settings> {
    settings: &'settings Settings,
    every_client: bool,
}

impl<'settings> Fields<'settings> {
    pub(super) fn of(settings: &'settings Settings) -> Self {
        let is_named =
            |(set, _): &(&str, _)| settings.known_fields.iter().any(|known| known == set);
        Self {
            settings,
            every_client: !settings.only_specified_fields && !CLIENTS.iter().any(is_named),
        }
    }

    /// Whether the fields of every client count.
    pub(super) fn are_of_every_client(&self) -> bool {
        self.every_client
    }

    /// Whether the fields of this client count.
    pub(super) fn include(&self, client: &str) -> bool {
        self.every_client
            || self
                .settings
                .known_fields
                .iter()
                .any(|known| known == client)
    }

    /// Whether a key is one of the fields.
    pub(super) fn contain(&self, key: &str) -> bool {
        SPECIFIED.contains(&key)
            || self.settings.known_fields.iter().any(|known| known == key)
            || of_clients(|client| self.include(client)).any(|field| field == key)
    }
}

fn of_clients(wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = &'static str> {
    let chosen = CLIENTS.iter().filter(move |(client, _)| wanted(client));
    chosen.flat_map(|(_, fields)| fields.iter().copied())
}
