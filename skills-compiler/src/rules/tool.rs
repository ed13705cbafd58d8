//! Tools that clients have, as `allowed-tools` names them.

/// The tools of Claude Code, and those of its earlier versions.
pub(super) const CLAUDE_CODE: &[&str] = &[
    "Agent",
    "AskUserQuestion",
    "Bash",
    "BashOutput",
    "Edit",
    "EnterPlanMode",
    "EnterWorktree",
    "ExitPlanMode",
    "ExitWorktree",
    "Glob",
    "Grep",
    "KillBash",
    "KillShell",
    "LS",
    "LSP",
    "ListMcpResourcesTool",
    "MultiEdit",
    "NotebookEdit",
    "NotebookRead",
    "PowerShell",
    "Read",
    "ReadMcpResourceTool",
    "SendMessage",
    "Skill",
    "SlashCommand",
    "Task",
    "TaskCreate",
    "TaskGet",
    "TaskList",
    "TaskOutput",
    "TaskStop",
    "TaskUpdate",
    "TeamCreate",
    "TeamDelete",
    "TodoRead",
    "TodoWrite",
    "ToolSearch",
    "WebFetch",
    "WebSearch",
    "Write",
];

/// The tools of other clients that are named in skills.
pub(super) const OTHERS: &[&str] = &[
    "apply_patch",
    "ask_user",
    "bash",
    "codebase",
    "edit",
    "edit_file",
    "execute",
    "fetch",
    "glob",
    "grep",
    "list",
    "ls",
    "patch",
    "read",
    "read_file",
    "replace",
    "run_shell_command",
    "search",
    "shell",
    "task",
    "terminal",
    "todo",
    "todoread",
    "todowrite",
    "view",
    "web",
    "web_fetch",
    "webfetch",
    "websearch",
    "write",
    "write_file",
];

/// Whether some client has a tool of this name; `Bash(git *)` and tools of servers, `mcp__..`, are such too.
pub(super) fn is_tool_of_client(written: &str) -> bool {
    let name = name(written);
    name.starts_with("mcp__")
        || written.contains('(')
        || CLAUDE_CODE
            .iter()
            .any(|tool| tool.eq_ignore_ascii_case(name))
        || OTHERS.contains(&name)
}

/// The name of a tool without its arguments.
pub(super) fn name(written: &str) -> &str {
    written.split('(').next().unwrap_or_default().trim()
}
