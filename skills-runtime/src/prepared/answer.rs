//! The parts of a prepared answer, and what is put between them.

use std::borrow::Cow;

use crate::catalog::Slice;

/// A prepared answer: what it is made of, in order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    /// How the result begins.
    opening: &'static str,
    /// The greater part of it.
    body: &'static str,
    /// The cursor of the page after this one.
    next: Option<&'static str>,
    /// How the result and the message end.
    closing: &'static str,
}

impl Answer {
    pub(super) const fn new(
        opening: &'static str,
        body: &'static str,
        closing: &'static str,
    ) -> Self {
        Self {
            opening,
            body,
            next: None,
            closing,
        }
    }

    /// A page, if it is as it was prepared.
    pub(super) fn page(opening: &'static str, page: &Slice, closing: &'static str) -> Option<Self> {
        let Cow::Borrowed(items) = page.items else {
            return None;
        };
        let next = match page.next {
            None => None,
            Some(Cow::Borrowed(next)) => Some(next),
            Some(Cow::Owned(_)) => return None,
        };
        Some(Self {
            next,
            ..Self::new(opening, items, closing)
        })
    }

    /// What stands before the body in the answer to the request of an id, which is JSON.
    pub(crate) fn before(&self, id: &str) -> String {
        [
            "{\"jsonrpc\":\"2.0\",\"id\":",
            id,
            ",\"result\":",
            self.opening,
        ]
        .concat()
    }

    /// The greater part of the answer.
    pub(crate) const fn body(&self) -> &'static str {
        self.body
    }

    /// What stands between the body and the end; a cursor is text that needs no escapes.
    pub(crate) fn between(&self) -> Option<String> {
        let next = self.next?;
        Some([",\"nextCursor\":\"", next, "\""].concat())
    }

    /// What stands at the end.
    pub(crate) const fn closing(&self) -> &'static str {
        self.closing
    }
}
