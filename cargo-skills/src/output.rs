//! Where the program meets standard output and error: colours where they are welcome, and no line that a CI system would
//! take for a command.

use std::borrow::Cow;
use std::io::{self, ErrorKind, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use crate::error::Error;

/// The two streams, with what is known of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    choice: ColorChoice,
    /// Whether only findings are printed.
    is_quiet: bool,
}

impl Output {
    /// Streams with these colours; `Auto` goes by the terminal and by `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM`.
    pub(crate) fn new(wanted: ColorChoice, is_quiet: bool) -> Self {
        let choice = match wanted {
            ColorChoice::Auto => AutoStream::choice(&io::stdout()),
            choice => choice,
        };
        Self { choice, is_quiet }
    }

    /// Whether colours are welcome on standard output.
    pub(crate) fn is_styled(self) -> bool {
        self.choice != ColorChoice::Never
    }

    pub(crate) fn is_quiet(self) -> bool {
        self.is_quiet
    }

    /// Whether a person is at standard error who may want to know what takes so long.
    pub(crate) fn has_audience(self) -> bool {
        !self.is_quiet && io::stderr().is_terminal()
    }

    /// Prints text for people. Text of others in it has been escaped; what would still be a command to CI is not printed as one.
    pub(crate) fn print(self, text: &str) -> Result<(), Error> {
        let stream = AutoStream::new(io::stdout(), self.choice).lock();
        written(stream, &harmless(text))
    }

    /// Tells a person something beside the report, unless nothing is to be told.
    pub(crate) fn tell(self, text: &str) {
        if !self.is_quiet {
            complain(text);
        }
    }
}

/// Prints lines in a format that programs read, and which has no colours.
pub(crate) fn pass(text: &str) -> Result<(), Error> {
    written(io::stdout().lock(), text)
}

fn written(mut stream: impl Write, text: &str) -> Result<(), Error> {
    let written = stream.write_all(text.as_bytes());
    match written.and_then(|()| stream.flush()) {
        // A reader that has seen enough, such as `head`, is no error.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Error::Output),
    }
}

/// Tells a person what went wrong.
pub(crate) fn complain(text: &str) {
    // There is no third place to say that standard error cannot be written.
    let _ = io::stderr().lock().write_all(harmless(text).as_bytes());
}

/// What systems of CI take for a command wherever it stands in a line, and what is printed instead: GitHub and Azure's
/// pipelines, Azure's logging commands, `TeamCity`'s service messages.
const MARKS: [(&str, &str); 3] = [
    ("##[", r"##\u{5b}"),
    ("##vso[", r"##vso\u{5b}"),
    ("##teamcity[", r"##teamcity\u{5b}"),
];

/// The text without what a system of CI takes for a command: one of the marks, or a line that begins with `::` and a name.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    // No name begins with a colon, and with `:::` the renderer of findings names another file.
    let is_command = |line: &str| {
        let rest = line.trim_start().strip_prefix("::");
        rest.is_some_and(|rest| !rest.starts_with(':'))
    };
    let has_mark = MARKS.iter().any(|(mark, _)| text.contains(mark));
    if !has_mark && !text.lines().any(is_command) {
        return Cow::Borrowed(text);
    }
    let lines = text.split_inclusive('\n').map(|line| {
        let hide = |line: String, (mark, hidden): &(&str, &str)| line.replace(mark, hidden);
        let line = MARKS.iter().fold(line.to_owned(), hide);
        if is_command(&line) {
            line.replacen("::", r"\u{3a}:", 1)
        } else {
            line
        }
    });
    Cow::Owned(lines.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_a_command_to_ci() {
        assert_eq!(
            harmless("a\n  ::error::b\nc :: d ##[group]\n"),
            "a\n  \\u{3a}:error::b\nc :: d ##\\u{5b}group]\n"
        );
        assert_eq!(harmless("a ::error::b\n## [x]"), "a ::error::b\n## [x]");
        assert_eq!(
            harmless("  ::: skills/pdf/SKILL.md"),
            "  ::: skills/pdf/SKILL.md"
        );
    }
}
