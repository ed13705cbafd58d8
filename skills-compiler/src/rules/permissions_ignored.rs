//! SK504: tools that a skill allows or forbids, which a host does not heed over MCP.

use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// A skill has `allowed-tools` or `disallowed-tools`, which have no effect over MCP.
    ///
    /// This rule is off by default: the field does no harm, and it works where the skill is installed as files.
    ///
    /// ## Why
    ///
    /// A host must not give permissions to a skill only because a server asks for them. It ignores `allowed-tools` of a
    /// skill that it has over MCP until the user approves of them for this skill. A skill that relies on the field asks for
    /// permission at every step; one that relies on tools being forbidden is not protected.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// allowed-tools: Read
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    PERMISSIONS_IGNORED = "SK504", "permissions-ignored", Protocol, Allow, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let entries = cx
        .skill
        .frontmatter
        .iter()
        .flat_map(|frontmatter| &frontmatter.entries);
    for entry in entries {
        let note = match entry.key.as_str() {
            "allowed-tools" => {
                "a host ignores it until the user approves of these tools for this skill"
            }
            "disallowed-tools" | "disallowedTools" => {
                "a host need not heed it, so that it protects nobody"
            }
            _ => continue,
        };
        let message = format!("`{}` has no effect over MCP", entry.key);
        let span = entry.key_span.start..entry.key_span.end.max(entry.value.span.end);
        out.push(
            Finding::at(&PERMISSIONS_IGNORED, cx.skill.document, span, message)
                .note(note)
                .help("remove it, or let the text say which tools the skill needs and why"),
        );
    }
}
