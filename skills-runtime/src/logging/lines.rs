//! What a line of the log looks like.

use std::fmt::{self, Write};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::{Format, OURS};
use crate::clock::Timestamp;
use crate::text::escape_line;

/// The longest message, in characters; a request can be megabytes.
const MESSAGE_CHARS: usize = 2000;

/// The form of a line.
pub(super) struct Lines(pub(super) Format);

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
                let mut members = Members::new(time, *level, component);
                event.record(&mut members);
                writeln!(writer, "{}", Value::Object(members.0))
            }
        }
    }
}

/// The line that says how many are missing in front of it.
pub(super) fn dropped(format: Format, count: u64) -> String {
    let (time, level, component) = (Timestamp::now(), Level::WARN, "log");
    let were = match count {
        1 => "line was",
        _ => "lines were",
    };
    let text =
        format!("{count} {were} dropped here, because standard error did not take them in time");
    match format {
        Format::Text => format!("[{time}] [{level}] [{component}] {text}\n"),
        Format::Json => {
            let mut members = Members::new(time, level, component);
            members.insert("message", text.into());
            members.insert("dropped", count.into());
            format!("{}\n", Value::Object(members.0))
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
    fn new(time: Timestamp, level: Level, component: &str) -> Self {
        let mut members = Self::default();
        members.insert("timestamp", time.to_string().into());
        members.insert("level", level.to_string().into());
        members.insert("component", component.into());
        members
    }

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
    use crate::logging::STDIO;

    #[test]
    fn components_are_short() {
        assert_eq!(component(STDIO), "stdio");
        assert_eq!(component("rmcp::service"), "rmcp");
    }
}
