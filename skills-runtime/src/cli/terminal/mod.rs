//! Where the command line meets the world: standard output and error, and what is known of the terminal behind them.

mod markdown;
mod wrap;

use std::io::{self, ErrorKind, IsTerminal, Write};

pub(super) use markdown::markdown;
pub(super) use wrap::{shorten, width, wrap};

use crate::error::Error;
use crate::logging;
use crate::text::printable;

/// The width that text is set to where the terminal does not say.
const WIDTH: usize = 80;

/// Wider lines than this are hard to read, however wide the terminal is.
const WIDEST: usize = 120;

/// What is known of standard output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terminal {
    /// Whether a person is reading.
    pub(super) is_interactive: bool,
    /// Whether colours are welcome.
    pub(super) is_styled: bool,
    /// How many columns a line has.
    pub(super) columns: usize,
}

impl Terminal {
    #[expect(
        clippy::disallowed_methods,
        reason = "NO_COLOR and TERM are read here, once"
    )]
    pub(super) fn detect() -> Self {
        let is_interactive = io::stdout().is_terminal();
        let refuses = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        let size = terminal_size::terminal_size();
        let columns = size.map_or(WIDTH, |(columns, _)| usize::from(columns.0));
        Self {
            is_interactive,
            is_styled: is_interactive && !refuses && !is_dumb,
            columns: columns.clamp(20, WIDEST),
        }
    }

    /// The text in this style; as it is where styles are not welcome.
    pub(super) fn style(&self, style: Style, text: &str) -> String {
        if self.is_styled && !text.is_empty() {
            format!("{}{text}\u{1b}[0m", style.code())
        } else {
            text.to_owned()
        }
    }

    /// Prints what a command has made; all text of others in it has been escaped.
    #[expect(
        clippy::unused_self,
        reason = "printing is the terminal's, whatever it is like"
    )]
    pub(super) fn print(&self, text: &str) -> Result<(), Error> {
        write(&mut io::stdout().lock(), text)
    }

    /// Prints the text of others: to a person without what the terminal would obey, to a program byte for byte.
    pub(super) fn print_verbatim(&self, text: &str) -> Result<(), Error> {
        if self.is_interactive {
            self.print(&printable(text))
        } else {
            self.print(text)
        }
    }
}

/// The few styles that are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Bold,
    Dim,
    Code,
    #[cfg(feature = "install")]
    Added,
    #[cfg(feature = "install")]
    Removed,
}

impl Style {
    const fn code(self) -> &'static str {
        match self {
            Self::Bold => "\u{1b}[1m",
            Self::Dim => "\u{1b}[2m",
            Self::Code => "\u{1b}[36m",
            #[cfg(feature = "install")]
            Self::Added => "\u{1b}[32m",
            #[cfg(feature = "install")]
            Self::Removed => "\u{1b}[31m",
        }
    }
}

/// Tells a person what went wrong. For a server, it is the last line of the log, which may be stuck.
pub(super) fn complain(text: &str) {
    logging::tell(text);
}

/// Passes on what the parser of the command line has to say.
pub(super) fn relay(text: &str, is_error: bool) {
    let text = printable(text);
    if is_error {
        complain(&text);
    } else {
        // As above.
        let _ = write(&mut io::stdout().lock(), &text);
    }
}

/// Writes all of it. A reader that has seen enough, such as `head`, is no error.
fn write(stream: &mut impl Write, text: &str) -> Result<(), Error> {
    let written = stream
        .write_all(text.as_bytes())
        .and_then(|()| stream.flush());
    match written {
        Err(source) if source.kind() != ErrorKind::BrokenPipe => Err(Error::System {
            action: "print",
            source,
        }),
        _ => Ok(()),
    }
}
