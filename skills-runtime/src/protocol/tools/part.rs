//! Texts in parts: hosts cut what is too long for them, some in the middle and without a word. So an answer is of a size that
//! they hand on whole, ends where a section or a paragraph does, and its last line says how to go on.

use std::ops::Range;

use super::failure::Failure;

/// The room for the line that says how to go on, in bytes.
const NOTE_BYTES: usize = 300;

/// What is asked for of a text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Selection {
    /// The first line, counted from one.
    pub(super) line: Option<usize>,
    /// How many lines, whatever their size.
    pub(super) lines: Option<usize>,
    /// The character of the first line to begin at, counted from one.
    pub(super) column: Option<usize>,
}

/// How a text is cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cutting<'a> {
    /// The most bytes of an answer.
    pub(super) most: usize,
    /// Whether lines that begin with `#` are headings.
    pub(super) is_markdown: bool,
    /// The tool that gives the next part.
    pub(super) tool: &'a str,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Position {
    line: usize,
    column: usize,
}

/// The part of a text that is asked for, with a last line that says which part it is and how to go on; the text itself where that
/// is all of it.
pub(super) fn part(
    text: &str,
    selection: Selection,
    cutting: Cutting<'_>,
) -> Result<String, Failure> {
    let start = start(text, selection)?;
    let rest = text.get(start..).unwrap_or_default();
    let len = match selection.lines {
        Some(lines) => rest.split_inclusive('\n').take(lines).map(str::len).sum(),
        None if rest.len() <= room(start, cutting) => rest.len(),
        None => cut(text, start, cutting),
    };
    let end = start + len;
    if start == 0 && end == text.len() {
        return Ok(text.to_owned());
    }
    let part = text.get(start..end).unwrap_or_default();
    Ok(format!("{part}\n{}", note(text, start..end, cutting.tool)))
}

/// How many bytes of a text may follow a place without being cut: a text that is not whole needs its last line, too.
const fn room(start: usize, cutting: Cutting<'_>) -> usize {
    if start == 0 {
        return cutting.most;
    }
    cutting.most.saturating_sub(NOTE_BYTES)
}

/// The byte at which a selection begins.
fn start(text: &str, selection: Selection) -> Result<usize, Failure> {
    let line = selection.line.unwrap_or(1);
    let mut lines = text.split_inclusive('\n');
    let before: usize = lines.by_ref().take(line - 1).map(str::len).sum();
    let total = text.lines().count();
    if line > total.max(1) {
        let problem = format!("there is no line {line}: the text has {total} lines");
        return Err(Failure::Arguments(problem));
    }
    let first = lines.next().unwrap_or_default();
    let column = selection.column.unwrap_or(1);
    let skipped = first.char_indices().nth(column - 1).map(|(at, _)| at);
    match skipped {
        Some(skipped) => Ok(before + skipped),
        None if column == 1 => Ok(before),
        None => {
            let characters = first.trim_end_matches('\n').chars().count();
            let problem =
                format!("line {line} has no column {column}: it has {characters} characters");
            Err(Failure::Arguments(problem))
        }
    }
}

/// The last place between two characters that is not after an offset.
fn boundary(text: &str, offset: usize) -> usize {
    let mut before = (0..=offset.min(text.len())).rev();
    before.find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// How many bytes from `start` on make a part: to the last heading or else paragraph in the second half of what fits, else to
/// the last line, and in a line that is longer than a part, to the last word.
fn cut(text: &str, start: usize, cutting: Cutting<'_>) -> usize {
    let most = cutting.most.saturating_sub(NOTE_BYTES);
    let (before, rest) = text.split_at(start);
    let window = rest.get(..boundary(rest, most)).unwrap_or(rest);
    let mut fence = Fence::default();
    if cutting.is_markdown {
        before.lines().for_each(|line| fence.pass(line));
    }
    let (mut heading, mut paragraph, mut last) = (None, None, None);
    let (mut at, mut is_after_blank) = (0, false);
    for line in rest.split_inclusive('\n') {
        if at > window.len() {
            break;
        }
        if at > 0 {
            last = Some(at);
        }
        if at > most / 2 && !fence.is_open() {
            if cutting.is_markdown && is_heading(line) {
                heading = Some(at);
            }
            if is_after_blank && !line.trim().is_empty() {
                paragraph = Some(at);
            }
        }
        if cutting.is_markdown {
            fence.pass(line);
        }
        is_after_blank = line.trim().is_empty();
        at += line.len();
    }
    let word = || {
        window
            .rfind(' ')
            .filter(|at| *at > most / 2)
            .map(|at| at + 1)
    };
    let lines = heading.or(paragraph).or(last);
    lines.or_else(word).unwrap_or(window.len())
}

fn is_heading(line: &str) -> bool {
    let rest = line.trim_start_matches('#');
    (1..=6).contains(&(line.len() - rest.len())) && rest.starts_with([' ', '\t'])
}

/// Whether lines are in a fenced block of code (`CommonMark`, section 4.5).
#[derive(Default)]
struct Fence<'a>(Option<&'a str>);

impl<'a> Fence<'a> {
    fn is_open(&self) -> bool {
        self.0.is_some()
    }

    fn pass(&mut self, line: &'a str) {
        let line = line.trim_start_matches(' ');
        let marker = |symbol: char| {
            let rest = line.trim_start_matches(symbol);
            let (marker, rest) = line.split_at(line.len() - rest.len());
            (marker.len() >= 3).then_some((marker, rest))
        };
        // Behind backticks that open a block stands no other: that would be code in a line.
        let ticks = marker('`').filter(|(_, rest)| !rest.contains('`'));
        let Some((marker, rest)) = ticks.or_else(|| marker('~')) else {
            return;
        };
        match self.0 {
            None => self.0 = Some(marker),
            Some(open) if marker.starts_with(open) && rest.trim().is_empty() => self.0 = None,
            Some(_) => {}
        }
    }
}

/// The last line of an answer: which part it is, and how to get the next.
fn note(text: &str, part: Range<usize>, tool: &str) -> String {
    let total = text.lines().count();
    let (first, next) = (position(text, part.start), position(text, part.end));
    let is_whole_line = next.column == 1;
    let last = next.line - usize::from(is_whole_line);
    let from = match first.column {
        1 => String::new(),
        column => format!(", from column {column}"),
    };
    let lines = format!("Lines {}-{last} of {total}{from}", first.line);
    if part.end == text.len() {
        return format!("({lines}: the end.)");
    }
    let line = next.line;
    if is_whole_line {
        return format!("({lines}. Go on with line {line}: call {tool} again with `line` {line}.)");
    }
    let column = next.column;
    format!(
        "({lines}, to column {}. Go on in line {line}: call {tool} again with `line` {line} and `column` {column}.)",
        column - 1
    )
}

fn position(text: &str, at: usize) -> Position {
    let before = text.get(..at).unwrap_or(text);
    let (above, line) = before.rsplit_once('\n').unwrap_or(("", before));
    let newlines = usize::from(above.len() < before.len() - line.len());
    Position {
        line: above.matches('\n').count() + newlines + 1,
        column: line.chars().count() + 1,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CUTTING: Cutting<'_> = Cutting {
        most: 1_000,
        is_markdown: true,
        tool: "read",
    };

    fn parts(text: &str, cutting: Cutting<'_>) -> Vec<String> {
        let mut parts = Vec::new();
        let mut selection = Selection::default();
        loop {
            let answer = part(text, selection, cutting).ok().expect("a part");
            assert!(answer.len() <= cutting.most, "{} bytes", answer.len());
            let Some((body, note)) = answer
                .rsplit_once('\n')
                .filter(|(_, note)| note.starts_with("(Lines"))
            else {
                parts.push(answer);
                return parts;
            };
            parts.push(body.to_owned());
            let number = |name: &str| {
                let (_, rest) = note.split_once(&format!("`{name}` "))?;
                let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                digits.parse().ok()
            };
            selection = Selection {
                line: number("line"),
                column: number("column"),
                lines: None,
            };
            if selection.line.is_none() {
                assert!(note.ends_with(": the end.)"), "{note}");
                return parts;
            }
        }
    }

    fn text_of(result: Result<String, Failure>) -> String {
        result.ok().expect("a part")
    }

    #[test]
    fn what_fits_is_given_as_it_is() {
        for text in ["", "one", "one\n", "one\r\ntwo\n"] {
            assert_eq!(text_of(part(text, Selection::default(), CUTTING)), text);
        }
    }

    #[test]
    fn a_part_ends_before_a_heading_but_not_before_one_in_code() {
        let section = format!("text of some length\n{}", "- more\n".repeat(60));
        let text = format!("# One\n{section}\n# Two\n{section}```sh\n# no heading\n```\n{section}");
        let parts = parts(&text, CUTTING);
        assert!(
            parts.get(1).is_some_and(|part| part.starts_with("# Two\n")),
            "{parts:?}"
        );
        assert!(!parts.iter().any(|part| part.starts_with("# no")));
    }

    #[test]
    fn without_headings_a_part_ends_after_a_paragraph() {
        let text = "word word word word\nand more\n\n".repeat(100);
        for part in parts(&text, CUTTING) {
            assert!(part.ends_with("and more\n\n"), "{part:?}");
        }
    }

    #[test]
    fn lines_that_are_asked_for_are_given_whatever_their_size() {
        let text = "x".repeat(99).replace("xxx", "xx\n").repeat(100);
        let selection = Selection {
            line: Some(2),
            lines: Some(3_000),
            column: None,
        };
        let answer = text_of(part(&text, selection, CUTTING));
        assert!(answer.len() > 8_000);
        assert!(answer.contains(
            "(Lines 2-3001 of 3300. Go on with line 3002: call read again with `line` 3002.)"
        ));
    }

    #[test]
    fn a_place_that_does_not_exist_is_an_error() {
        let at = |line, column| {
            let selection = Selection {
                line: Some(line),
                lines: None,
                column: Some(column),
            };
            part("one\ntwo\n", selection, CUTTING)
        };
        assert!(at(3, 1).is_err());
        assert!(at(2, 9).is_err());
        assert!(text_of(at(2, 3)).starts_with("o\n"));
    }

    proptest! {
        #[test]
        fn every_text_is_read_to_its_end_by_its_own_last_lines(
            pieces in proptest::collection::vec("(#{1,3} |```|~~~ |[a-zé漢\u{1f389} ]{0,300}|\r?\n){0,40}", 0..40),
            is_markdown in any::<bool>(),
        ) {
            let text = pieces.concat();
            let parts = parts(&text, Cutting { is_markdown, ..CUTTING });
            prop_assert_eq!(parts.concat(), text);
        }
    }
}
