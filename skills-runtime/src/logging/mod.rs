//! The log on standard error, which is where MCP hosts look for it: lines `[TIMESTAMP] [LEVEL] [COMPONENT] Message`, in which
//! control characters are escaped, because clients put text of theirs into messages, or JSON objects.
//!
//! A server never waits for whoever reads there: lines go through a bounded `queue.rs` to a thread of their own, the
//! `writer.rs`, and lines that do not fit are dropped and counted.

mod level;
mod lines;
#[cfg(feature = "http")]
mod metrics;
mod queue;
#[cfg(feature = "http")]
mod switch;
mod writer;

use std::io;
use std::panic::PanicHookInfo;
use std::sync::OnceLock;
use std::time::Duration;

use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt;

use self::lines::Lines;
use self::queue::{Flow, Queue};
use crate::error::Error;

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

/// How long the last lines may take to be written when the process ends.
const LAST_LINES: Duration = Duration::from_secs(2);

/// The lines of this process.
static QUEUE: Queue = Queue::new();

/// The form of the log of this process.
static FORMAT: OnceLock<Format> = OnceLock::new();

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

/// The log of this process, until it is dropped: then the last lines are written, as far as they can be within two seconds.
#[derive(Debug)]
#[must_use]
pub(crate) struct Log(());

/// Starts the log of this process; panics go to it, too.
///
/// A server's lines wait for [`flow`]: the thread that writes them has to be inside of the sandbox, and no line may stop the
/// server before that, either. Other commands write each line at once.
pub(crate) fn start(said: Said, format: Format, is_server: bool) -> Log {
    let filter = said.level.filter();
    #[cfg(feature = "http")]
    let filter = switch::with(filter, said);
    let lines = layer().event_format(Lines(format)).with_writer(|| Line);
    let subscriber = tracing_subscriber::registry().with(filter).with(lines);
    // Only the first log of a process can be set; a program that embeds the server may have its own.
    let _ = tracing::subscriber::set_global_default(subscriber);
    std::panic::set_hook(Box::new(log_panic));
    FORMAT.get_or_init(|| format);
    if is_server {
        QUEUE.turn(Flow::Held);
    }
    Log(())
}

/// Starts to write the lines of a server; to be called when the process has dropped its privileges.
pub(crate) fn flow() -> Result<(), Error> {
    if QUEUE.turn(Flow::Threaded) != Flow::Held {
        return Ok(());
    }
    let format = FORMAT.get().copied().unwrap_or(Format::Text);
    let started = writer::start(&QUEUE, format);
    if started.is_err() {
        // That has to be said all the same.
        QUEUE.turn(Flow::Direct);
    }
    started
}

/// Tells a person why the process ends, behind all lines.
pub(crate) fn tell(text: &str) {
    QUEUE.push_last(text.as_bytes());
}

/// Has the metrics of the log encoded with the others.
#[cfg(feature = "http")]
pub(crate) fn register(registry: &mut prometheus_client::registry::Registry) {
    registry.register_collector(Box::new(metrics::Figures(&QUEUE)));
}

impl Drop for Log {
    fn drop(&mut self) {
        finish();
    }
}

/// Has the last lines written; those of a server that ends before it serves are the first, too.
fn finish() {
    // Without a thread, nothing can be written that is sure not to wait.
    if QUEUE.flow() != Flow::Direct && flow().is_ok() && QUEUE.drained(LAST_LINES) {
        QUEUE.turn(Flow::Direct);
    }
}

/// A line on its way into the queue: events are formatted by who logs, and passed on whole.
struct Line;

impl io::Write for Line {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        QUEUE.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn log_panic(panic: &PanicHookInfo<'_>) {
    let payload = panic.payload();
    let literal = payload.downcast_ref::<&str>().copied();
    let formatted = || payload.downcast_ref::<String>().map(String::as_str);
    let message = literal.or_else(formatted).unwrap_or("no message");
    let place = panic.location().map(ToString::to_string);
    let place = place.as_deref().unwrap_or("an unknown place");
    tracing::error!(target: SERVER, "Panic at {place}: {message}");
    if cfg!(panic = "abort") {
        // Nothing else will run.
        finish();
    }
}
