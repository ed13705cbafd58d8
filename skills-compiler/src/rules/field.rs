//! The fields of a frontmatter that somebody gives a meaning to.

/// The fields of the specification.
pub(super) const SPECIFIED: &[&str] = &[
    "name",
    "description",
    "license",
    "compatibility",
    "metadata",
    "allowed-tools",
];

/// The fields that some client reads besides: Claude Code, VS Code and Copilot, Cursor, Codex, Gemini and their kin. They
/// are never taken for a misspelling, so that the list can only err on the side of silence.
pub(super) const OF_CLIENTS: &[&str] = &[
    "agent",
    "agents",
    "alwaysApply",
    "applyTo",
    "argument-hint",
    "arguments",
    "author",
    "background",
    "category",
    "color",
    "command",
    "context",
    "dependencies",
    "disable-model-invocation",
    "disallowed-tools",
    "disallowedTools",
    "effort",
    "enabled",
    "globs",
    "handoffs",
    "homepage",
    "hooks",
    "icon",
    "initialPrompt",
    "infer",
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
    "model",
    "namespace",
    "origin",
    "paths",
    "permissionMode",
    "priority",
    "repository",
    "requirements",
    "requires",
    "risk",
    "scope",
    "shell",
    "skills",
    "source",
    "status",
    "summary",
    "tags",
    "target",
    "title",
    "tools",
    "triggers",
    "type",
    "user-invocable",
    "version",
    "when_to_use",
];

/// Fields whose misspellings are worth finding among those of clients: without them the skill behaves differently.
pub(super) const SPELLED: &[&str] = &[
    "argument-hint",
    "disable-model-invocation",
    "user-invocable",
    "when_to_use",
];

/// Whether anybody reads this field.
pub(super) fn is_known(key: &str) -> bool {
    SPECIFIED.contains(&key) || OF_CLIENTS.contains(&key)
}
