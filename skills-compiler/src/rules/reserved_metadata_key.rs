//! SK502: metadata in the protocol's own name.

use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::NodeKind;

declare_rule! {
    /// A key of `metadata` begins with `io.modelcontextprotocol/`, which is reserved.
    ///
    /// ## Why
    ///
    /// The skills extension of MCP keeps this prefix for keys that extensions define, and defines none yet. What you mean
    /// by the key today is ignored by hosts, and may be read as something else tomorrow.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// metadata:
    ///   io.modelcontextprotocol/category: documents
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
    /// metadata:
    ///   com.example/category: documents
    /// ---
    /// Open the form and fill it.
    /// ```
    RESERVED_METADATA_KEY = "SK502", "reserved-metadata-key", Protocol, Deny, Check::Skill(check)
}

/// The prefix of the keys that only extensions of the protocol may define (Skills extension, "Frontmatter").
const RESERVED: &str = "io.modelcontextprotocol/";

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let metadata = cx
        .skill
        .frontmatter
        .as_ref()
        .and_then(|frontmatter| frontmatter.get("metadata"));
    let Some(NodeKind::Mapping(entries, _)) = metadata.map(|entry| &entry.value.kind) else {
        return;
    };
    for entry in entries
        .iter()
        .filter(|entry| entry.key.starts_with(RESERVED))
    {
        let message = format!(
            "the metadata key `{}` is in a reserved namespace",
            entry.key
        );
        let finding = Finding::at(&RESERVED_METADATA_KEY, cx.skill.document, entry.key_span.clone(), message)
            .label(format!("begins with `{RESERVED}`"))
            .note("only extensions of MCP define keys under this prefix, none so far, and hosts ignore all others")
            .help("name the key after a domain of your own, such as `com.example/...`, or without any");
        out.push(finding);
    }
}
