//! SK605: a file that does not end as text files do.

use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// A Markdown file of the skill does not end with one line break: it has none, or blank lines after it.
    ///
    /// ## Why
    ///
    /// Tools that join files or append to them write into the last line, and version control shows the line as changed when
    /// somebody adds another.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Fill in the form.
    ///
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Fill in the form.
    /// ```
    TRAILING_NEWLINE = "SK605", "trailing-newline", Style, Allow, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for &file in cx.skill.outlines.keys() {
        let text = cx.text(file);
        let end = text.trim_end_matches(['\n', '\r']).len();
        let ending = text.get(end..).unwrap_or_default();
        let ends_well = matches!(ending, "\n" | "\r\n");
        // A lone carriage return at the end is no blank line; it is a matter of line ends.
        let is_other = !ending.is_empty() && !ending.contains('\n');
        if end == 0 || ends_well || is_other {
            continue;
        }
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let start = text
            .get(..end)
            .and_then(|text| text.char_indices().next_back())
            .map_or(0, |(at, _)| at);
        out.push(if ending.is_empty() {
            Finding::at(
                &TRAILING_NEWLINE,
                file,
                start..end,
                "no line break ends the last line",
            )
            .note("tools that append to a file write into such a line")
            .patch("end the line", [Patch::insert(end, newline)])
        } else {
            let first = end
                + ending
                    .find('\n')
                    .map_or(ending.len(), |newline| newline + 1);
            Finding::at(
                &TRAILING_NEWLINE,
                file,
                first..text.len(),
                "the file ends with blank lines",
            )
            .note("they say nothing, and differ from editor to editor")
            .patch("delete them", [Patch::replace(first..text.len(), "")])
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::Level;
    use crate::source::SourceTree;
    use crate::{Options, lint};

    fn check(text: &str, expected: Option<(usize, &str)>) {
        let text = format!(
            "---\nname: pdf\ndescription: Fills PDF forms. Use when there is one.\n---\n{text}"
        );
        let tree = SourceTree::new("skills", "skills").with_file("pdf/SKILL.md", text.as_str());
        let mut options = Options::default();
        options
            .set_level("trailing-newline", Level::Warn, "the test")
            .unwrap();
        let findings = lint(&tree, &options);
        let own = findings
            .iter()
            .find(|finding| finding.rule.name == "trailing-newline");
        let patch = own.map(|finding| &finding.helps[0].patches[0]);
        let found = patch.map(|patch| (text.len() - patch.span.start, patch.replacement.as_str()));
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn one_line_break_ends_a_file() {
        check("Fill it in.\n", None);
        check("Fill it in.\r\n", None);
        check("Fill it in.", Some((0, "\n")));
        check("Fill\r\nit in.", Some((0, "\r\n")));
        check("Fill it in.\n\n\n", Some((2, "")));
        check("Fill it in.\r", None);
        check("Fill it in.\r\n\r", Some((1, "")));
    }
}
