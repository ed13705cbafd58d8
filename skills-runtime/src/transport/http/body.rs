//! The body of an answer: pieces of memory that are sent as they are, or what rmcp streams. It says when it is sent, and how fast
//! it is read.

use std::convert::Infallible;
use std::io::IoSlice;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::combinators::BoxBody;
use smallvec::SmallVec;
use tokio::time::{Instant, Sleep, sleep};

use super::exchange::Exchange;
use super::pace::Pace;

/// How much is handed over at once, in bytes: so much of an answer may be sent when the client no longer reads.
const FRAME: usize = 64 * 1024;

/// A body that cannot fail.
#[derive(Debug)]
pub(super) struct Body {
    content: Content,
    /// What lasts until the body is sent.
    exchange: Option<Box<Exchange>>,
}

#[derive(Debug)]
enum Content {
    /// All of it; nothing once that is sent.
    Whole(Option<Pieces>),
    /// Events that rmcp makes while they are read.
    Stream(Pin<Box<Events>>),
}

/// A stream of events, which lasts only so long.
#[derive(Debug)]
struct Events {
    body: BoxBody<Bytes, Infallible>,
    end: Pin<Box<Sleep>>,
    /// The last event, if the time is up; nothing once it is sent.
    last: Option<Bytes>,
}

/// Pieces of memory, written one after the other with one call.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    /// Those that are left to be sent, the last one first. None is empty.
    left: SmallVec<[Bytes; 4]>,
    /// What lasts until they are sent.
    exchange: Option<Box<Exchange>>,
}

impl Body {
    pub(super) const fn empty() -> Self {
        Self::new(Content::Whole(None))
    }

    const fn new(content: Content) -> Self {
        Self {
            content,
            exchange: None,
        }
    }

    pub(super) fn of(pieces: impl IntoIterator<Item = Bytes>) -> Self {
        let pieces = Pieces::from_iter(pieces);
        Self::new(Content::Whole(pieces.has_remaining().then_some(pieces)))
    }

    /// The same with something before and after it; a body with nothing in it stays as it is, and so does a stream.
    pub(super) fn between(self, before: Bytes, after: Bytes) -> Self {
        match self.content {
            Content::Whole(Some(mut pieces)) => {
                let left = std::mem::take(&mut pieces.left);
                Self::of(
                    [before]
                        .into_iter()
                        .chain(left.into_iter().rev())
                        .chain([after]),
                )
            }
            content => Self { content, ..self },
        }
    }

    pub(super) fn text(text: impl Into<Bytes>) -> Self {
        Self::of([text.into()])
    }

    /// A stream of events, which ends with this one when it has lasted so long.
    pub(super) fn events(
        body: BoxBody<Bytes, Infallible>,
        longest: Duration,
        last: impl Into<Bytes>,
    ) -> Self {
        Self::new(Content::Stream(Box::pin(Events {
            body,
            end: Box::pin(sleep(longest)),
            last: Some(last.into()),
        })))
    }

    /// Keeps an exchange until the body is sent. Whether it is read fast enough is watched where that is not seen by the
    /// connection: it may have several streams, or takes much at once.
    pub(super) fn keep(
        &mut self,
        mut exchange: Exchange,
        pace: impl FnOnce() -> Pace,
        is_shared: bool,
    ) {
        let is_watched = match &self.content {
            Content::Whole(None) => return,
            _ => is_shared || self.is_lasting(),
        };
        if is_watched {
            exchange.watch(pace());
        }
        self.exchange = Some(Box::new(exchange));
    }

    /// Whether sending it takes so long that what comes of it is known only at its end.
    pub(super) fn is_lasting(&self) -> bool {
        match &self.content {
            Content::Whole(pieces) => pieces
                .as_ref()
                .is_some_and(|pieces| pieces.remaining() > FRAME),
            Content::Stream(_) => true,
        }
    }

    fn pace(&self) -> Option<&Pace> {
        self.exchange.as_ref().and_then(|exchange| exchange.pace())
    }

    /// Hands pieces over, and with the last of them the exchange.
    fn hand_over(&mut self, mut pieces: Pieces, is_last: bool) -> Pieces {
        let bytes = pieces.remaining();
        if let Some(pace) = self.pace() {
            pace.took(bytes, Instant::now());
        }
        if let Some(exchange) = &mut self.exchange {
            exchange.sends(bytes);
        }
        if is_last {
            pieces.exchange = self.exchange.take();
        }
        pieces
    }
}

impl Events {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.last.is_none() {
            return Poll::Ready(None);
        }
        loop {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(data));
                    }
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => break,
            }
        }
        self.end.as_mut().poll(context).map(|()| self.last.take())
    }
}

impl http_body::Body for Body {
    type Data = Pieces;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Pieces>, Infallible>>> {
        let this = self.get_mut();
        let frame = |pieces| Poll::Ready(Some(Ok(Frame::data(pieces))));
        match &mut this.content {
            Content::Whole(whole) => {
                let Some(mut pieces) = whole.take() else {
                    return Poll::Ready(None);
                };
                *whole = pieces.split_off(FRAME);
                let is_last = whole.is_none();
                frame(this.hand_over(pieces, is_last))
            }
            Content::Stream(events) => match events.poll(context) {
                Poll::Ready(Some(event)) => {
                    frame(this.hand_over(Pieces::from_iter([event]), false))
                }
                Poll::Ready(None) => Poll::Ready(None),
                Poll::Pending => {
                    if let Some(pace) = this.pace() {
                        pace.caught_up(Instant::now());
                    }
                    Poll::Pending
                }
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Whole(pieces) => pieces.is_none(),
            Content::Stream(events) => events.last.is_none() || events.body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole(pieces) => {
                let bytes = pieces.as_ref().map_or(0, Pieces::remaining);
                SizeHint::with_exact(bytes as u64)
            }
            Content::Stream(_) => SizeHint::default(),
        }
    }
}

impl FromIterator<Bytes> for Pieces {
    fn from_iter<I: IntoIterator<Item = Bytes>>(pieces: I) -> Self {
        let pieces = pieces.into_iter().filter(|piece| !piece.is_empty());
        let mut left: SmallVec<_> = pieces.collect();
        left.reverse();
        Self {
            left,
            exchange: None,
        }
    }
}

impl Pieces {
    /// Keeps so many bytes and gives what is left, if there is any.
    fn split_off(&mut self, count: usize) -> Option<Self> {
        let mut kept = SmallVec::new();
        let mut room = count;
        while let Some(mut piece) = self.left.pop() {
            if piece.len() > room {
                let rest = piece.split_off(room);
                self.left.push(rest);
                if room > 0 {
                    kept.push(piece);
                }
                break;
            }
            room -= piece.len();
            kept.push(piece);
        }
        kept.reverse();
        let left = std::mem::replace(&mut self.left, kept);
        (!left.is_empty()).then_some(Self {
            left,
            exchange: None,
        })
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

    #[test]
    fn pieces_are_split_anywhere_without_a_loss() {
        let text = ["one", "two", "three", "four", "five"];
        let whole = text.concat();
        for at in 1..whole.len() + 2 {
            let mut kept = Pieces::from_iter(text.map(|text| Bytes::from_static(text.as_bytes())));
            let rest = kept.split_off(at);
            assert_eq!(kept.remaining(), at.min(whole.len()));
            let count = rest.as_ref().map_or(0, Pieces::remaining);
            assert_eq!(count, whole.len().saturating_sub(at), "{at}");
            assert_eq!(rest.is_some(), count > 0);
            let mut sent = kept.copy_to_bytes(kept.remaining()).to_vec();
            sent.extend(
                rest.map(|mut rest| rest.copy_to_bytes(rest.remaining()))
                    .unwrap_or_default(),
            );
            assert_eq!(sent, whole.as_bytes());
        }
    }
}
