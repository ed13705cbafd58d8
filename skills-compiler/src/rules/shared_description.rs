//! SK033: skills that no model can tell apart.

use std::collections::{BTreeMap, BTreeSet};

use super::size::grouped;
use crate::diagnostics::Finding;
use crate::rules::rule::{BundleContext, Check, declare_rule};
use crate::syntax::ParsedSkill;

declare_rule! {
    /// Skills with different names have the same `description`.
    ///
    /// Skills that are installed with different plugins are not compared, and neither are copies.
    ///
    /// ## Why
    ///
    /// The description is what a model chooses by. Where two are the same, it takes the first or any one, and the other skill is
    /// as good as not there. Mostly one was copied from the other and never changed.
    ///
    /// ## Example
    ///
    /// ```text
    /// === invoices/SKILL.md
    /// ---
    /// name: invoices
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the invoice and pay it.
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === invoices/SKILL.md
    /// ---
    /// name: invoices
    /// description: Pays invoices. Use when the user has received one.
    /// ---
    /// Open the invoice and pay it.
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    SHARED_DESCRIPTION = "SK033", "shared-description", Format, Warn, Check::Bundle(check)
}

/// How many further skills are pointed at.
const MARKED: usize = 8;

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    let mut shared = BTreeMap::<_, Vec<&ParsedSkill<'_>>>::new();
    for skill in cx
        .skills
        .iter()
        .filter(|skill| !cx.copies.has(skill.directory))
    {
        let frontmatter = skill.frontmatter.as_ref();
        let text = frontmatter.and_then(|frontmatter| frontmatter.text("description"));
        if let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) {
            let plugin = cx.tree.reading().plugin(skill.directory);
            shared.entry((plugin, text)).or_default().push(skill);
        }
    }
    for skills in shared.into_values() {
        let names: BTreeSet<_> = skills.iter().map(|skill| skill.directory_name()).collect();
        if names.len() > 1 {
            out.extend(finding(&skills));
        }
    }
}

fn finding(skills: &[&ParsedSkill<'_>]) -> Option<Finding> {
    let [first, second, others @ ..] = skills else {
        return None;
    };
    let place = |skill: &ParsedSkill<'_>| {
        let entry = skill
            .frontmatter
            .as_ref()
            .and_then(|frontmatter| frontmatter.get("description"));
        let key = entry.map_or(0..0, |entry| entry.key_span.clone());
        (skill.document, key)
    };
    let count = match skills.len() {
        2 => "two".to_owned(),
        many => grouped(many),
    };
    let (document, span) = place(second);
    let message = format!("{count} skills have this description");
    let finding = Finding::at(&SHARED_DESCRIPTION, document, span, message).label("and here again");
    let (document, span) = place(first);
    let finding = others.iter().take(MARKED).fold(
        finding.related(document, span, "first here"),
        |finding, skill| {
            let (document, span) = place(skill);
            finding.related(document, span, "and here")
        },
    );
    Some(
        finding
            .note("a model chooses by descriptions, and cannot choose between these")
            .help("say of each what only it does, and when to use it"),
    )
}
