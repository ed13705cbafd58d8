//! The body of an answer: pieces of memory that are sent as they are, or what rmcp streams.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::combinators::BoxBody;
use tokio::sync::OwnedSemaphorePermit;

/// A body that cannot fail.
#[derive(Debug)]
pub(super) enum Body {
    /// One piece after the other; hyper writes them together.
    Pieces(VecDeque<Bytes>),
    /// Pieces that rmcp makes while they are read, and the place that they take until then.
    Stream {
        body: BoxBody<Bytes, Infallible>,
        _place: Option<OwnedSemaphorePermit>,
    },
}

impl Body {
    pub(super) const fn empty() -> Self {
        Self::Pieces(VecDeque::new())
    }

    pub(super) fn of(pieces: impl IntoIterator<Item = Bytes>) -> Self {
        let pieces = pieces.into_iter().filter(|piece| !piece.is_empty());
        Self::Pieces(pieces.collect())
    }

    pub(super) fn text(text: impl Into<Bytes>) -> Self {
        Self::of([text.into()])
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Pieces(pieces) => {
                Poll::Ready(pieces.pop_front().map(|piece| Ok(Frame::data(piece))))
            }
            Self::Stream { body, .. } => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Pieces(pieces) => pieces.is_empty(),
            Self::Stream { body, .. } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Pieces(pieces) => {
                SizeHint::with_exact(pieces.iter().map(|piece| piece.len() as u64).sum())
            }
            Self::Stream { body, .. } => body.size_hint(),
        }
    }
}
