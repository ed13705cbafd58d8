//! The body of an answer: pieces of memory that are sent as they are, or what rmcp streams.

use std::convert::Infallible;
use std::io::IoSlice;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use http_body::{Frame, SizeHint};
use http_body_util::combinators::BoxBody;
use smallvec::SmallVec;
use tokio::sync::OwnedSemaphorePermit;

/// A body that cannot fail.
#[derive(Debug)]
pub(super) enum Body {
    /// All of it, in one frame; nothing once that is sent.
    Whole(Option<Pieces>),
    /// Pieces that rmcp makes while they are read, and the place that they take until then.
    Stream {
        body: BoxBody<Bytes, Infallible>,
        _place: Option<OwnedSemaphorePermit>,
    },
}

/// Pieces of memory, written one after the other with one call.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    /// Those that are left to be sent, the last one first. None is empty.
    left: SmallVec<[Bytes; 4]>,
}

impl Body {
    pub(super) const fn empty() -> Self {
        Self::Whole(None)
    }

    pub(super) fn of(pieces: impl IntoIterator<Item = Bytes>) -> Self {
        let pieces = Pieces::from_iter(pieces);
        Self::Whole(pieces.has_remaining().then_some(pieces))
    }

    pub(super) fn text(text: impl Into<Bytes>) -> Self {
        Self::of([text.into()])
    }
}

impl http_body::Body for Body {
    type Data = Pieces;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Pieces>, Infallible>>> {
        match self.get_mut() {
            Self::Whole(pieces) => Poll::Ready(pieces.take().map(|pieces| Ok(Frame::data(pieces)))),
            Self::Stream { body, .. } => {
                let frame = Pin::new(body).poll_frame(context);
                frame.map_ok(|frame| frame.map_data(|data| Pieces::from_iter([data])))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(pieces) => pieces.is_none(),
            Self::Stream { body, .. } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(pieces) => {
                let bytes = pieces.as_ref().map_or(0, Pieces::remaining);
                SizeHint::with_exact(bytes as u64)
            }
            Self::Stream { body, .. } => body.size_hint(),
        }
    }
}

impl FromIterator<Bytes> for Pieces {
    fn from_iter<I: IntoIterator<Item = Bytes>>(pieces: I) -> Self {
        let pieces = pieces.into_iter().filter(|piece| !piece.is_empty());
        let mut left: SmallVec<_> = pieces.collect();
        left.reverse();
        Self { left }
    }
}

impl Buf for Pieces {
    fn remaining(&self) -> usize {
        self.left.iter().map(Bytes::len).sum()
    }

    fn chunk(&self) -> &[u8] {
        self.left.last().map(Bytes::as_ref).unwrap_or_default()
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let pieces = self.left.iter().rev().zip(slices);
        pieces
            .map(|(piece, slice)| *slice = IoSlice::new(piece))
            .count()
    }

    fn advance(&mut self, mut count: usize) {
        while let Some(piece) = self.left.last_mut() {
            if count < piece.len() {
                piece.advance(count);
                return;
            }
            count -= piece.len();
            self.left.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_sent_in_order_whatever_a_call_takes() {
        let text = ["", "one", "", "two", "three", "four", "five", ""];
        let whole = text.concat();
        for step in 1..=whole.len() {
            let mut pieces =
                Pieces::from_iter(text.map(|text| Bytes::from_static(text.as_bytes())));
            let mut sent = Vec::new();
            while pieces.has_remaining() {
                let mut slices = [IoSlice::new(&[]); 3];
                let count = pieces.chunks_vectored(&mut slices);
                let seen = slices[..count].iter().flat_map(|slice| slice.iter());
                let seen: Vec<u8> = seen.copied().collect();
                assert!(seen.starts_with(pieces.chunk()));
                let taken = step.min(seen.len());
                sent.extend_from_slice(&seen[..taken]);
                pieces.advance(taken);
                assert_eq!(pieces.remaining(), whole.len() - sent.len());
            }
            assert_eq!(sent, whole.as_bytes(), "{step} at a time");
        }
    }
}
