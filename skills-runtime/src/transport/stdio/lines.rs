//! Lines from a stream, however it is cut into reads. A line over the limit is reported once and skipped to its end, so
//! that a client cannot make the server hold more than the limit.

use std::io;
use std::ops::Range;

use tokio::io::{AsyncRead, AsyncReadExt};

/// How much is read at once: the size of a pipe on Linux.
const CHUNK: usize = 64 * 1024;

/// The buffer that is kept for later lines; a larger one is given back once it is empty.
const KEPT: usize = 16 * CHUNK;

/// Splits a stream into lines.
#[derive(Debug)]
pub(super) struct Lines<R> {
    reader: R,
    limit: usize,
    buffer: Vec<u8>,
    /// Where the line that is being assembled begins.
    start: usize,
    /// Up to where no line break was found.
    scanned: usize,
    /// Whether the line that is being assembled was over the limit and has been reported.
    skipping: bool,
    ended: bool,
}

/// One line of input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Where [`Lines::bytes`] finds it, without its line break. Valid until more is read.
    Complete(Range<usize>),
    /// It was longer than the limit.
    TooLong,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(reader: R, limit: usize) -> Self {
        Self {
            reader,
            limit,
            buffer: Vec::new(),
            start: 0,
            scanned: 0,
            skipping: false,
            ended: false,
        }
    }

    /// The next line that has arrived, if one has. At the end of the stream, a line needs no line break.
    pub(super) fn arrived(&mut self) -> Option<Line> {
        loop {
            let rest = self.buffer.get(self.scanned..).unwrap_or_default();
            let line = match memchr::memchr(b'\n', rest) {
                Some(offset) => self.take(self.scanned + offset, 1),
                None if self.ended && self.start < self.buffer.len() => {
                    self.take(self.buffer.len(), 0)
                }
                None => return self.pending(),
            };
            if let Some(line) = line {
                return Some(line);
            }
        }
    }

    /// The bytes of a line.
    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.buffer.get(range).unwrap_or_default()
    }

    /// Whether the stream has ended; lines that have arrived may still be there to take.
    pub(super) const fn ended(&self) -> bool {
        self.ended
    }

    /// Waits for more input or the end of it. Nothing is lost when the wait is abandoned.
    pub(super) async fn more(&mut self) -> io::Result<()> {
        self.compact();
        self.buffer.reserve(CHUNK);
        let count = self.reader.read_buf(&mut self.buffer).await?;
        self.ended = count == 0;
        Ok(())
    }

    /// Ends the current line at `end`; nothing where it is the rest of a line that was reported already.
    fn take(&mut self, end: usize, line_break: usize) -> Option<Line> {
        let range = self.start..end;
        self.start = end + line_break;
        self.scanned = self.start;
        if std::mem::take(&mut self.skipping) {
            return None;
        }
        Some(if range.len() > self.limit {
            Line::TooLong
        } else {
            Line::Complete(range)
        })
    }

    /// Without a line break so far: reports a line that is over the limit already, and drops what there is of it.
    fn pending(&mut self) -> Option<Line> {
        self.scanned = self.buffer.len();
        let is_over = self.buffer.len() - self.start > self.limit;
        if !is_over && !self.skipping {
            return None;
        }
        self.start = self.buffer.len();
        let was_reported = std::mem::replace(&mut self.skipping, true);
        (!was_reported).then_some(Line::TooLong)
    }

    /// Drops the lines that have been taken.
    fn compact(&mut self) {
        self.buffer.drain(..self.start);
        self.scanned -= self.start;
        self.start = 0;
        if self.buffer.is_empty() && self.buffer.capacity() > KEPT {
            self.buffer = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// All lines of `input` when it arrives `step` bytes at a time, with a limit of 8; `None` for a line over it.
    fn lines(input: &[u8], step: usize) -> Vec<Option<String>> {
        let reader = Steps { input, step };
        let mut lines = Lines::new(reader, 8);
        let mut found = Vec::new();
        loop {
            while let Some(line) = lines.arrived() {
                found.push(match line {
                    Line::Complete(range) => {
                        Some(String::from_utf8(lines.bytes(range).to_vec()).unwrap())
                    }
                    Line::TooLong => None,
                });
            }
            if lines.ended {
                return found;
            }
            lines.more().now_or_never().unwrap().unwrap();
        }
    }

    /// A stream that gives its bytes a few at a time.
    struct Steps<'a> {
        input: &'a [u8],
        step: usize,
    }

    impl AsyncRead for Steps<'_> {
        fn poll_read(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            buffer: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<io::Result<()>> {
            let count = self.step.min(self.input.len());
            let (now, later) = self.input.split_at(count);
            buffer.put_slice(now);
            self.input = later;
            std::task::Poll::Ready(Ok(()))
        }
    }

    fn check(input: &str, expected: &[Option<&str>]) {
        for step in [1, 2, 3, 7, 1000] {
            let found = lines(input.as_bytes(), step);
            let found: Vec<_> = found.iter().map(Option::as_deref).collect();
            assert_eq!(found, expected, "{input:?} in steps of {step}");
        }
    }

    #[test]
    fn lines_are_found_however_the_stream_is_cut() {
        check("", &[]);
        check("\n", &[Some("")]);
        check("one\n\ntwo\n", &[Some("one"), Some(""), Some("two")]);
        check("one\r\ntwo", &[Some("one\r"), Some("two")]);
    }

    #[test]
    fn a_line_over_the_limit_is_reported_once_and_the_next_is_intact() {
        check("12345678\nok\n", &[Some("12345678"), Some("ok")]);
        check("123456789\nok\n", &[None, Some("ok")]);
        check("1234567890123456789012345\nok", &[None, Some("ok")]);
        check("1234567890123456789012345", &[None]);
    }
}
