//! SK709: rules of access that protect nothing, or that the skill around a nested one undermines.

use crate::diagnostics::Finding;
use crate::rules::rule::{BundleContext, Check, declare_rule};

declare_rule! {
    /// `[access]` in `skills.toml` names skills that are not there, or protects a skill that lies in one that more may see.
    ///
    /// ## Why
    ///
    /// A skill that was to be protected was renamed or moved, and would now be served to everybody. Or it lies in the
    /// directory of another skill: whoever sees that one gets all its files, those of the nested skill among them.
    ///
    /// ## Example
    ///
    /// ```text
    /// === ../skills.toml
    /// [access]
    /// "internal/**" = "skills:internal"
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
    /// === ../skills.toml
    /// [access]
    /// "internal/**" = "skills:internal"
    /// === internal/pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    ACCESS_MISMATCH = "SK709", "access-mismatch", Configuration, Deny, Check::Bundle(check)
}

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    let access = &cx.configuration.access;
    for requirement in &access.requirements {
        let at = |message: String| {
            Finding::at(
                &ACCESS_MISMATCH,
                requirement.file,
                requirement.span.clone(),
                message,
            )
        };
        if !cx
            .skills
            .iter()
            .any(|skill| requirement.concerns(skill.path))
        {
            out.push(
                at("no skill has a path like this".to_owned())
                    .note("what was to be protected would be served to everybody")
                    .help("write the path below the skills directory; `*` stands for one segment, `**` for any number"),
            );
            continue;
        }
        let protected = cx
            .skills
            .iter()
            .filter(|skill| requirement.concerns(skill.path));
        for nested in protected {
            let is_around = |path: &str| {
                let rest = nested.path.strip_prefix(path);
                path.is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
            };
            let mut outer = cx.skills.iter().filter(|skill| is_around(skill.path));
            let open =
                outer.find(|outer| outer.path != nested.path && !requirement.concerns(outer.path));
            if let Some(open) = open {
                out.push(
                    at(format!(
                        "`{}` is protected, and lies in `{}`, which is not",
                        nested.path, open.path
                    ))
                    .note("the files of a nested skill are files of the outer one, too")
                    .help("protect the outer skill as well, or move the nested one out of it"),
                );
                break;
            }
        }
    }
}
