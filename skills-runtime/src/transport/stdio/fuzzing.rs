//! For the fuzzer: lines, against a model that has the whole input at once.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use tokio::io::{AsyncRead, ReadBuf};

use super::lines::{Line, Lines};

/// Splits the rest of `bytes` into lines as it arrives in pieces. The first byte is the size of the pieces, the second the
/// longest line.
pub fn lines(bytes: &[u8]) {
    let [step, limit, input @ ..] = bytes else {
        return;
    };
    let (step, limit) = (usize::from(*step).max(1), usize::from(*limit));
    let mut lines = Lines::new(Pieces { input, step }, limit);
    let mut found = Vec::new();
    loop {
        while let Some(line) = lines.arrived() {
            found.push(match line {
                Line::Complete(range) => Some(lines.bytes(range).to_vec()),
                Line::TooLong => None,
            });
        }
        if lines.ended() {
            break;
        }
        let read = lines.more().now_or_never();
        read.expect("the input is there").expect("it can be read");
    }
    assert_eq!(found, expected(input, limit));
}

/// The lines of the input; nothing for one over the limit. What stands behind the last line break is a line unless it is empty.
fn expected(input: &[u8], limit: usize) -> Vec<Option<Vec<u8>>> {
    let mut lines: Vec<_> = input.split(|byte| *byte == b'\n').collect();
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    let lines = lines.into_iter();
    lines
        .map(|line| (line.len() <= limit).then(|| line.to_vec()))
        .collect()
}

/// A stream that gives its bytes a few at a time.
struct Pieces<'a> {
    input: &'a [u8],
    step: usize,
}

impl AsyncRead for Pieces<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let count = self.step.min(self.input.len()).min(buffer.remaining());
        let (now, later) = self.input.split_at(count);
        buffer.put_slice(now);
        self.input = later;
        Poll::Ready(Ok(()))
    }
}
