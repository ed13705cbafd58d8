//! `github`: workflow commands, which GitHub shows as annotations at the lines of a change.

use skills_compiler::diagnostics::{Finding, visible};
use skills_compiler::source::SourceTree;

use super::place::{path_of, region_of};
use super::short::level;

pub(super) fn line(tree: &SourceTree, finding: &Finding) -> String {
    let place = region_of(tree, finding).map(|region| {
        let (start, end) = (region.start, region.end);
        let lines = format!(
            ",line={},endLine={},col={}",
            start.line, end.line, start.column
        );
        // GitHub takes a last column only within one line.
        if start.line == end.line {
            format!("{lines},endColumn={}", end.column)
        } else {
            lines
        }
    });
    let title = format!("{} {}", finding.rule.code, finding.rule.name);
    format!(
        "::{} file={}{},title={}::{}",
        level(finding),
        property(&path_of(tree, finding)),
        place.unwrap_or_default(),
        property(&title),
        data(&message(finding))
    )
}

/// What, why and what to do, on lines of their own.
fn message(finding: &Finding) -> String {
    let notes = finding
        .notes
        .iter()
        .map(|note| format!("\nnote: {}", visible(note)));
    let helps = finding
        .helps
        .iter()
        .map(|help| format!("\nhelp: {}", visible(&help.text)));
    let lines = notes.chain(helps);
    visible(&finding.message) + &lines.collect::<String>()
}

/// Text after the last `::`, in which a line break would end the command, and no older form of a command may stand.
fn data(text: &str) -> String {
    text.replace("##[", r"##\u{5b}")
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property, which a comma or a colon would end.
fn property(text: &str) -> String {
    data(&visible(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_or_a_property_early() {
        assert_eq!(data("50%\r\n::error::"), "50%25%0D%0A::error::");
        assert_eq!(data("##[error]"), r"##\u{5b}error]");
        assert_eq!(property("a,b:c%\n"), r"a%2Cb%3Ac%25\u{a}");
    }
}
