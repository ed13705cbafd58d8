//! The log on standard error, which is where MCP hosts look for it: lines `[TIMESTAMP] [LEVEL] [COMPONENT] Message`, in which
//! control characters are escaped, because clients put text of theirs into messages, or JSON objects.

mod level;
mod lines;
#[cfg(feature = "http")]
mod switch;

use std::panic::PanicHookInfo;

use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt;

use self::lines::Lines;

pub(crate) use self::level::{Level, Said, Source};
#[cfg(feature = "http")]
pub(crate) use self::switch::{follow, said};

/// The component that says what is served.
pub(crate) const SERVER: &str = "skills::server";

/// The component that answers requests.
pub(crate) const PROTOCOL: &str = "skills::protocol";

/// The component that talks over standard input and output.
pub(crate) const STDIO: &str = "skills::stdio";

/// The component that talks over HTTP.
#[cfg(feature = "http")]
pub(crate) const HTTP: &str = "skills::http";

/// The component that keeps the record of decisions.
#[cfg(feature = "audit")]
pub(crate) const AUDIT: &str = "skills::audit";

/// The component that says who may ask.
#[cfg(feature = "http")]
pub(crate) const GUARD: &str = "skills::guard";

/// The component that says which requests came.
#[cfg(feature = "http")]
pub(crate) const ACCESS: &str = "skills::access";

/// The component that says how authorization servers are.
#[cfg(feature = "oauth")]
pub(crate) const OAUTH: &str = "skills::oauth";

/// What all targets of this crate begin with.
const OURS: &str = "skills";

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A line for people.
    Text,
    /// A JSON object a line, for machines that gather logs.
    Json,
}

impl Format {
    /// Both forms.
    pub(crate) const ALL: [Self; 2] = [Self::Text, Self::Json];

    /// The word for it on the command line and in the environment.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// Starts the log of this process; panics go to it, too.
pub(crate) fn start(said: Said, format: Format) {
    let filter = said.level.filter();
    #[cfg(feature = "http")]
    let filter = switch::with(filter, said);
    let lines = layer()
        .event_format(Lines(format))
        .with_writer(std::io::stderr);
    let subscriber = tracing_subscriber::registry().with(filter).with(lines);
    // Only the first log of a process can be set; a program that embeds the server may have its own.
    let _ = tracing::subscriber::set_global_default(subscriber);
    std::panic::set_hook(Box::new(log_panic));
}

fn log_panic(panic: &PanicHookInfo<'_>) {
    let payload = panic.payload();
    let literal = payload.downcast_ref::<&str>().copied();
    let formatted = || payload.downcast_ref::<String>().map(String::as_str);
    let message = literal.or_else(formatted).unwrap_or("no message");
    let place = panic.location().map(ToString::to_string);
    let place = place.as_deref().unwrap_or("an unknown place");
    tracing::error!(target: SERVER, "Panic at {place}: {message}");
}
