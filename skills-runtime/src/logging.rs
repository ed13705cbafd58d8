//! The log on standard error, which is where MCP hosts look for it: lines `[TIMESTAMP] [LEVEL] [COMPONENT] Message`, in which
//! control characters are escaped, because clients put text of theirs into messages, or JSON objects.

use std::fmt::{self, Write};
use std::panic::PanicHookInfo;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, layer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

use crate::clock::Timestamp;
use crate::text::escape_line;

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

/// The longest message, in characters; a request can be megabytes.
const MESSAGE_CHARS: usize = 2000;

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Level {
    Off,
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

impl Level {
    /// All levels, from least to most.
    pub(crate) const ALL: [Self; 6] = [
        Self::Off,
        Self::Error,
        Self::Warn,
        Self::Info,
        Self::Debug,
        Self::Trace,
    ];

    /// The word for it on the command line and in the environment.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }

    const fn ours(self) -> LevelFilter {
        match self {
            Self::Off => LevelFilter::OFF,
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
            Self::Trace => LevelFilter::TRACE,
        }
    }

    /// rmcp logs three lines at `info` for every stateless request, whole messages at `debug`, every mistake of a client
    /// at `warn` and everyone who goes away at `error`, with which clients could fill a log, or the pipe of a host that
    /// does not read it, and stop us. What goes wrong in it, clients are told, and `debug` shows.
    const fn theirs(self) -> LevelFilter {
        match self {
            Self::Off | Self::Error | Self::Warn | Self::Info => LevelFilter::OFF,
            Self::Debug => LevelFilter::INFO,
            Self::Trace => LevelFilter::TRACE,
        }
    }
}

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
pub(crate) fn start(level: Level, format: Format) {
    let filter = Targets::new()
        .with_default(level.theirs())
        .with_target(OURS, level.ours());
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

/// The form of a line.
struct Lines(Format);

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let (time, metadata) = (Timestamp::now(), event.metadata());
        let (level, component) = (metadata.level(), component(metadata.target()));
        match self.0 {
            Format::Text => {
                let mut message = Message::default();
                event.record(&mut message);
                let text = escape_line(&message.text, MESSAGE_CHARS);
                writeln!(writer, "[{time}] [{level}] [{component}] {text}")
            }
            Format::Json => {
                let mut members = Members::default();
                members.insert("timestamp", time.to_string().into());
                members.insert("level", level.to_string().into());
                members.insert("component", component.into());
                event.record(&mut members);
                writeln!(writer, "{}", Value::Object(members.0))
            }
        }
    }
}

/// The part of a target that a reader of the log knows: ours by their own name, others by the name of the crate.
fn component(target: &str) -> &str {
    let mut parts = target.split("::");
    match (parts.next(), parts.next()) {
        (Some(OURS), Some(component)) => component,
        (first, _) => first.unwrap_or(target),
    }
}

/// The message of an event, and then its fields as `name=value`.
#[derive(Default)]
struct Message {
    text: String,
}

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string cannot fail.
        let _ = if field.name() == "message" {
            let fields = std::mem::take(&mut self.text);
            write!(self.text, "{value:?}{fields}")
        } else {
            write!(self.text, " {}={value:?}", field.name())
        };
    }
}

/// The message of an event and its fields, as members of an object.
#[derive(Default)]
struct Members(Map<String, Value>);

impl Members {
    fn insert(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }
}

impl Visit for Members {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        // A request can be megabytes.
        let text: String = text.chars().take(MESSAGE_CHARS).collect();
        self.insert(field.name(), text.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let text: String = value.chars().take(MESSAGE_CHARS).collect();
        self.insert(field.name(), text.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field.name(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field.name(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_short() {
        assert_eq!(component(STDIO), "stdio");
        assert_eq!(component("rmcp::service"), "rmcp");
    }
}
