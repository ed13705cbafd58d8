//! Markdown for reading in a terminal: paragraphs set to the width, headings, code and emphasis styled, everything else as
//! it is written. It is read a line at a time; what it does not know stays as it was.

use super::{Style, Terminal, wrap};

/// The text set for `terminal`; it must have been made printable before.
pub(in crate::cli) fn markdown(text: &str, terminal: &Terminal) -> String {
    let mut page = Page {
        terminal,
        out: String::with_capacity(text.len()),
        paragraph: Paragraph::default(),
        fence: None,
    };
    for line in text.lines() {
        page.line(line);
    }
    page.end_paragraph();
    page.out
}

struct Page<'a> {
    terminal: &'a Terminal,
    out: String,
    paragraph: Paragraph,
    /// What closes the code block that the line is in.
    fence: Option<&'static str>,
}

/// Lines that belong together, until it is known where they end.
#[derive(Default)]
struct Paragraph {
    /// In front of the first line, such as `- `.
    marker: String,
    /// In front of the others.
    indent: String,
    text: String,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        let content = line.trim_start();
        if let Some(fence) = self.fence {
            self.verbatim(line, Style::Code);
            if content.starts_with(fence) {
                self.fence = None;
            }
        } else if let Some(fence) = fence(content) {
            self.end_paragraph();
            self.verbatim(line, Style::Code);
            self.fence = Some(fence);
        } else if content.is_empty() {
            self.end_paragraph();
            self.out.push('\n');
        } else if is_heading(line) {
            self.end_paragraph();
            self.verbatim(line, Style::Bold);
        } else if content.starts_with('|') || content.starts_with('>') || content.starts_with('<') {
            self.end_paragraph();
            self.out.push_str(line);
            self.out.push('\n');
        } else {
            self.words(line, content);
        }
    }

    /// A line of running text: the start of a list item, or more of what came before.
    fn words(&mut self, line: &str, content: &str) {
        let marker = list_marker(content);
        if !marker.is_empty() || self.paragraph.text.is_empty() {
            self.end_paragraph();
            let indent = line.len() - content.len();
            self.paragraph.indent = " ".repeat(indent + marker.len());
            self.paragraph.marker = format!("{}{marker}", " ".repeat(indent));
        }
        let rest = content.get(marker.len()..).unwrap_or_default();
        self.paragraph.text.push_str(rest);
        self.paragraph.text.push(' ');
    }

    fn end_paragraph(&mut self) {
        let Paragraph {
            marker,
            indent,
            text,
        } = std::mem::take(&mut self.paragraph);
        let columns = self.terminal.columns.saturating_sub(indent.len()).max(20);
        let mut emphasis = Emphasis::default();
        for (index, line) in wrap(&text, columns).iter().enumerate() {
            self.out
                .push_str(if index == 0 { &marker } else { &indent });
            self.out.push_str(&emphasis.style(line, self.terminal));
            self.out.push('\n');
        }
    }

    fn verbatim(&mut self, line: &str, style: Style) {
        self.out.push_str(&self.terminal.style(style, line));
        self.out.push('\n');
    }
}

/// What the text is in the middle of, from line to line of a paragraph.
#[derive(Default)]
struct Emphasis {
    is_code: bool,
    is_bold: bool,
}

impl Emphasis {
    /// The line with its code and strong emphasis styled. The marks stay, so that it can be copied.
    fn style(&mut self, line: &str, terminal: &Terminal) -> String {
        let mut styled = String::with_capacity(line.len());
        for (index, piece) in line.split('`').enumerate() {
            if index > 0 {
                self.is_code = !self.is_code;
                styled.push('`');
            }
            if self.is_code {
                styled.push_str(&terminal.style(Style::Code, piece));
            } else {
                self.embolden(piece, terminal, &mut styled);
            }
        }
        styled
    }

    fn embolden(&mut self, text: &str, terminal: &Terminal, styled: &mut String) {
        for (index, piece) in text.split("**").enumerate() {
            if index > 0 {
                self.is_bold = !self.is_bold;
                styled.push_str("**");
            }
            if self.is_bold {
                styled.push_str(&terminal.style(Style::Bold, piece));
            } else {
                styled.push_str(piece);
            }
        }
    }
}

fn fence(content: &str) -> Option<&'static str> {
    ["```", "~~~"]
        .into_iter()
        .find(|fence| content.starts_with(fence))
}

fn is_heading(line: &str) -> bool {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    (1..=6).contains(&level) && line.as_bytes().get(level) == Some(&b' ')
}

/// `- `, `* `, `+ ` or `12. `; empty where no list item begins.
fn list_marker(content: &str) -> &str {
    let digits = content.bytes().take_while(u8::is_ascii_digit).count();
    let after = content.get(digits..).unwrap_or_default();
    let length = match digits {
        0 if ["- ", "* ", "+ "]
            .iter()
            .any(|bullet| content.starts_with(bullet)) =>
        {
            2
        }
        1..=9 if after.starts_with(". ") || after.starts_with(") ") => digits + 2,
        _ => 0,
    };
    content.get(..length).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let terminal = Terminal {
            is_interactive: true,
            is_styled: false,
            columns: 20,
        };
        assert_eq!(markdown(text, &terminal), expected, "{text}");
    }

    #[test]
    fn paragraphs_and_lists_are_set_to_the_width() {
        check(
            "a paragraph of\nseveral words\n",
            "a paragraph of\nseveral words\n",
        );
        check(
            "- an item that is longer\n- two\n",
            "- an item that is\n  longer\n- two\n",
        );
        check("10. ten\n    and more\n", "10. ten and more\n");
    }

    #[test]
    fn code_tables_and_headings_stay_as_they_are() {
        for text in [
            "```sh\na  very   long line of code that is wide\n```\n",
            "| a | table that is wider than that |\n",
            "# A heading that is longer than that\n",
            "~~~\n```\n~~~\n",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn code_and_emphasis_are_styled_across_lines() {
        let terminal = Terminal {
            is_interactive: true,
            is_styled: true,
            columns: 20,
        };
        let styled = markdown("see **very important words** and `x`", &terminal);
        let bold = "\u{1b}[1m";
        let expected = format!(
            "see **{bold}very important\u{1b}[0m\n{bold}words\u{1b}[0m** and `\u{1b}[36mx\u{1b}[0m`\n"
        );
        assert_eq!(styled, expected);
    }
}
