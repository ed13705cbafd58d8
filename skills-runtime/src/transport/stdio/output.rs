//! Answers on their way out. They are queued as bytes and written together: whoever flushes first writes what all have
//! queued until then, so a burst of requests costs a few writes and no task of its own.
//!
//! Every step can be abandoned without losing or repeating a byte, because rmcp drops the future in which `receive` flushes
//! as soon as anything else happens.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::timeout;

use super::line;
use crate::logging::STDIO;

/// The buffer that is kept for later answers; a larger one is given back once it is written.
const KEPT: usize = 1024 * 1024;

/// The writing half of a connection, shared by all who answer.
#[derive(Debug)]
pub(super) struct Output<W> {
    queue: Mutex<Vec<u8>>,
    sink: tokio::sync::Mutex<Sink<W>>,
    /// How many bytes have been written in all.
    written: AtomicUsize,
    /// Why nothing more is written, once that is so.
    broken: watch::Sender<Option<io::ErrorKind>>,
}

#[derive(Debug)]
struct Sink<W> {
    writer: W,
    buffer: Vec<u8>,
    written: usize,
}

impl<W: AsyncWrite + Unpin> Output<W> {
    pub(super) fn new(writer: W) -> Self {
        let (buffer, written) = (Vec::new(), 0);
        Self {
            queue: Mutex::default(),
            sink: tokio::sync::Mutex::new(Sink {
                writer,
                buffer,
                written,
            }),
            written: AtomicUsize::new(0),
            broken: watch::Sender::new(None),
        }
    }

    /// Queues one message; [`Self::flush`] sends it.
    pub(super) fn push(&self, message: &impl Serialize) -> serde_json::Result<()> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let start = queue.len();
        let result = line::write(&mut queue, message);
        if result.is_err() {
            queue.truncate(start);
        } else {
            queue.push(b'\n');
        }
        result
    }

    /// Queues one message that is made of parts.
    pub(super) fn push_parts<'a>(&self, parts: impl IntoIterator<Item = &'a str>) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        parts
            .into_iter()
            .for_each(|part| queue.extend_from_slice(part.as_bytes()));
        queue.push(b'\n');
    }

    /// How many bytes wait to be written.
    pub(super) fn queued(&self) -> usize {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.len()
    }

    /// Writes what is left, until the client has read nothing of it for so long.
    pub(super) async fn linger(&self, patience: Duration) {
        let mut written = self.written.load(Ordering::Relaxed);
        while timeout(patience, self.flush()).await.is_err() {
            let now = self.written.load(Ordering::Relaxed);
            if std::mem::replace(&mut written, now) == now {
                tracing::warn!(target: STDIO, "Client does not read the last answers");
                return;
            }
        }
    }

    /// Writes everything that is queued. A client that stopped reading is noted and is no error: it ended the session.
    pub(super) async fn flush(&self) {
        let mut sink = self.sink.lock().await;
        if self.broken.borrow().is_some() {
            return;
        }
        if let Err(error) = self.write(&mut sink).await {
            if error.kind() == io::ErrorKind::BrokenPipe {
                tracing::info!(target: STDIO, "Client stopped reading");
            }
            self.broken.send_replace(Some(error.kind()));
        }
    }

    /// What has stopped the writing, now and later.
    pub(super) fn failure(&self) -> watch::Receiver<Option<io::ErrorKind>> {
        self.broken.subscribe()
    }

    /// Returns when the client has stopped reading.
    pub(super) async fn broken(&self) {
        let mut broken = self.broken.subscribe();
        // The sender lives as long as this borrow, so waiting cannot fail.
        let _ = broken.wait_for(Option::is_some).await;
    }

    async fn write(&self, sink: &mut Sink<W>) -> io::Result<()> {
        while sink.written < sink.buffer.len() || self.refill(sink) {
            let count = sink.write_some().await?;
            sink.written += count;
            self.written.fetch_add(count, Ordering::Relaxed);
        }
        sink.writer.flush().await
    }

    /// Moves what is queued into the empty sink; `false` if there is nothing.
    fn refill(&self, sink: &mut Sink<W>) -> bool {
        sink.buffer.clear();
        sink.written = 0;
        if sink.buffer.capacity() > KEPT {
            sink.buffer = Vec::new();
        }
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut *queue, &mut sink.buffer);
        !sink.buffer.is_empty()
    }
}

impl<W: AsyncWrite + Unpin> Sink<W> {
    async fn write_some(&mut self) -> io::Result<usize> {
        let Self {
            writer,
            buffer,
            written,
        } = self;
        let rest = buffer.get(*written..).unwrap_or_default();
        let count = poll_fn(|context| Pin::new(&mut *writer).poll_write(context, rest)).await?;
        if count == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        Ok(count)
    }
}
