//! A budget for the frames of HTTP/2 that serve no request: `PING`, `SETTINGS`, `PRIORITY`, `WINDOW_UPDATE`, `RST_STREAM`,
//! `CONTINUATION`, empty `DATA`, and those that nobody knows. They cost the client nothing and the server its processor. hyper
//! answers each of them, so they are counted where they come in, in front of it.
//!
//! Clients need some of them: to keep a connection alive, to say that they have read what they were sent, to take requests back.
//! So a request and each piece of an answer add to the budget, and it fills up by itself with time.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::usage::Usage;

/// What a connection of HTTP/2 begins with (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How many frames may come at once.
const BURST: u64 = 2048;

/// How many more may come each second.
const RATE: u64 = 128;

/// How many more may come for each request, and one for so many bytes of answers.
const FOR_REQUEST: u64 = 8;
const BYTES: u64 = 256;

/// What taking a request back costs: more than the request has added, because the server has begun to work on it.
const RESET: u64 = 12;

/// As many as these may have been saved up.
const MOST: u64 = 4 * BURST;

/// A piece of DATA that is smaller than this, in bytes, and not the last one, counts as well.
const SMALL: u32 = 32;

/// The frame that ends a connection, and the reason for it.
const GOAWAY: u8 = 7;
const ENHANCE_YOUR_CALM: u8 = 11;

/// A connection, and how many frames may still come of it.
#[derive(Debug)]
pub(super) struct Guarded<S> {
    stream: S,
    usage: Arc<Usage>,
    protocol: Protocol,
}

#[derive(Debug)]
enum Protocol {
    /// So many bytes have come, and all are those of the preface.
    Beginning(usize),
    /// No frames.
    Other,
    Frames(Box<Frames>),
}

/// The frames of a connection.
#[derive(Debug)]
struct Frames {
    incoming: Scan,
    outgoing: Scan,
    budget: Budget,
    /// The last stream that the client opened.
    last_stream: u32,
}

/// Where one frame ends and the next begins.
#[derive(Debug, Default)]
struct Scan {
    header: [u8; 9],
    /// How much of the header has come.
    filled: usize,
    /// How much of the payload is still to come.
    payload: u32,
}

/// The header of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    length: u32,
    kind: u8,
    flags: u8,
    stream: u32,
}

#[derive(Debug)]
struct Budget {
    left: u64,
    /// Up to when time has added to it.
    since: Instant,
    /// Bytes of answers that have not added to it.
    sent: u64,
}

impl Header {
    const DATA: u8 = 0;
    const HEADERS: u8 = 1;
    const RST_STREAM: u8 = 3;
    const END_STREAM: u8 = 1;

    /// Whether it opens a stream: trailers belong to one that is open.
    const fn is_request(&self, last_stream: u32) -> bool {
        self.kind == Self::HEADERS && self.stream > last_stream
    }

    /// Whether it brings a request on.
    const fn is_progress(&self) -> bool {
        self.kind == Self::DATA && (self.length >= SMALL || self.flags & Self::END_STREAM != 0)
    }
}

impl Scan {
    /// Reads on, and shows each header that is complete.
    fn read(&mut self, mut bytes: &[u8], mut found: impl FnMut(Header)) {
        while !bytes.is_empty() {
            let skipped = bytes.len().min(self.payload as usize);
            self.payload -= skipped as u32;
            bytes = bytes.get(skipped..).unwrap_or_default();
            let taken = bytes.len().min(self.header.len() - self.filled);
            let (head, rest) = bytes.split_at(taken);
            for (to, from) in self.header.iter_mut().skip(self.filled).zip(head) {
                *to = *from;
            }
            self.filled += taken;
            bytes = rest;
            if self.filled == self.header.len() {
                let [l0, l1, l2, kind, flags, s0, s1, s2, s3] = self.header;
                self.filled = 0;
                self.payload = u32::from_be_bytes([0, l0, l1, l2]);
                found(Header {
                    length: self.payload,
                    kind,
                    flags,
                    stream: u32::from_be_bytes([s0 & 0x7f, s1, s2, s3]),
                });
            }
        }
    }

    const fn is_between_frames(&self) -> bool {
        self.filled == 0 && self.payload == 0
    }
}

impl Budget {
    fn new() -> Self {
        Self {
            left: BURST,
            since: Instant::now(),
            sent: 0,
        }
    }

    fn add(&mut self, count: u64) {
        self.left = self.left.saturating_add(count).min(MOST);
    }

    fn sent(&mut self, bytes: usize) {
        self.sent += bytes as u64;
        self.add(self.sent / BYTES);
        self.sent %= BYTES;
    }

    /// Takes so much of it; false if there is not as much.
    fn spend(&mut self, count: u64, now: impl FnOnce() -> Instant) -> bool {
        if self.left < count {
            let passed = now().saturating_duration_since(self.since);
            let frames = passed.as_micros() as u64 * RATE / 1_000_000;
            self.since += Duration::from_micros(frames * 1_000_000 / RATE);
            // What time adds is no more than may come at once.
            self.left = self.left.saturating_add(frames.min(BURST));
        }
        let rest = self.left.checked_sub(count);
        self.left = rest.unwrap_or(0);
        rest.is_some()
    }
}

impl Frames {
    fn new() -> Self {
        Self {
            incoming: Scan::default(),
            outgoing: Scan::default(),
            budget: Budget::new(),
            last_stream: 0,
        }
    }

    /// Counts what has come; false if that is too much.
    fn came(&mut self, bytes: &[u8], now: impl FnOnce() -> Instant) -> bool {
        let (mut requests, mut others) = (0, 0);
        let last_stream = &mut self.last_stream;
        self.incoming.read(bytes, |header| {
            if header.is_request(*last_stream) {
                *last_stream = header.stream;
                requests += FOR_REQUEST;
            } else if header.kind == Header::RST_STREAM {
                others += RESET;
            } else if !header.is_progress() {
                others += 1;
            }
        });
        self.budget.add(requests);
        others == 0 || self.budget.spend(others, now)
    }

    /// The frame that says why the connection ends (RFC 9113, section 6.8).
    fn farewell(&self) -> [u8; 17] {
        let [s0, s1, s2, s3] = self.last_stream.to_be_bytes();
        [
            0,
            0,
            8,
            GOAWAY,
            0,
            0,
            0,
            0,
            0,
            s0,
            s1,
            s2,
            s3,
            0,
            0,
            0,
            ENHANCE_YOUR_CALM,
        ]
    }
}

impl<S> Guarded<S> {
    pub(super) const fn new(stream: S, usage: Arc<Usage>) -> Self {
        Self {
            stream,
            usage,
            protocol: Protocol::Beginning(0),
        }
    }
}

impl Protocol {
    /// Counts what has come; false if that is too much.
    fn came(&mut self, bytes: &[u8]) -> bool {
        match self {
            Self::Other => true,
            Self::Frames(frames) => frames.came(bytes, Instant::now),
            Self::Beginning(matched) => {
                let expected = PREFACE.get(*matched..).unwrap_or_default();
                let count = expected.len().min(bytes.len());
                let (head, rest) = bytes.split_at(count);
                if !expected.starts_with(head) {
                    *self = Self::Other;
                    return true;
                }
                *matched += count;
                if *matched < PREFACE.len() {
                    return true;
                }
                let mut frames = Frames::new();
                let is_borne = frames.came(rest, Instant::now);
                *self = Self::Frames(Box::new(frames));
                is_borne
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        let Poll::Ready(Ok(())) = read else {
            return read;
        };
        let came = buffer.filled().get(before..).unwrap_or_default();
        if this.protocol.came(came) {
            return read;
        }
        this.usage.flooded();
        if let Protocol::Frames(frames) = &this.protocol
            && frames.outgoing.is_between_frames()
        {
            // Whether it is heard is up to the client: the connection ends either way.
            let _ = Pin::new(&mut this.stream).poll_write(context, &frames.farewell());
        }
        Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        if let (Poll::Ready(Ok(count)), Protocol::Frames(frames)) = (&written, &mut this.protocol) {
            frames.budget.sent(*count);
            let mut left = *count;
            for slice in slices {
                let sent = slice.get(..left).unwrap_or(slice);
                frames.outgoing.read(sent, |_| {});
                left -= sent.len();
            }
        }
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(length: usize, kind: u8, flags: u8, stream: u32) -> Vec<u8> {
        let mut bytes = (length as u32).to_be_bytes()[1..].to_vec();
        bytes.extend([kind, flags]);
        bytes.extend(stream.to_be_bytes());
        bytes.resize(9 + length, 0);
        bytes
    }

    fn headers_of(bytes: &[u8], step: usize) -> Vec<(u32, u8, u32)> {
        let (mut scan, mut found) = (Scan::default(), Vec::new());
        for piece in bytes.chunks(step) {
            scan.read(piece, |header| {
                found.push((header.length, header.kind, header.stream));
            });
        }
        assert!(scan.is_between_frames());
        found
    }

    #[test]
    fn frames_are_found_however_they_are_cut() {
        let bytes = [
            frame(0, 4, 0, 0),
            frame(70_000, 0, 1, 5),
            frame(8, 6, 0, 0),
            frame(1, 1, 4, 7),
        ]
        .concat();
        let expected = [(0, 4, 0), (70_000, 0, 5), (8, 6, 0), (1, 1, 7)];
        for step in [1, 2, 8, 9, 10, 17, 1000, bytes.len()] {
            assert_eq!(headers_of(&bytes, step), expected, "{step} at a time");
        }
    }

    /// How many of these frames come before it is too much; nothing if they may all come.
    fn borne(protocol: &mut Protocol, frame: &[u8], most: usize) -> Option<usize> {
        (0..most).find(|_| !protocol.came(frame))
    }

    fn begun() -> Protocol {
        let mut protocol = Protocol::Beginning(0);
        for byte in PREFACE {
            assert!(protocol.came(&[*byte]));
        }
        assert!(matches!(protocol, Protocol::Frames(_)));
        protocol
    }

    #[test]
    fn frames_that_serve_nothing_have_a_budget() {
        // PING, SETTINGS, WINDOW_UPDATE, PRIORITY, CONTINUATION, an unknown one, empty DATA, and trailers.
        let kinds = [
            (8, 6, 0),
            (0, 4, 0),
            (4, 8, 0),
            (5, 2, 1),
            (1, 9, 1),
            (3, 200, 0),
            (0, 0, 1),
            (1, 1, 0),
        ];
        for (length, kind, stream) in kinds {
            let bytes = frame(length, kind, 0, stream);
            let count = borne(&mut begun(), &bytes, 100_000).expect("it is too much");
            assert!(
                (BURST as usize..BURST as usize + 500).contains(&count),
                "{count} of kind {kind}"
            );
        }
    }

    #[test]
    fn bodies_and_requests_cost_nothing_and_requests_add_to_the_budget() {
        let mut protocol = begun();
        assert_eq!(borne(&mut protocol, &frame(16_384, 0, 0, 1), 10_000), None);
        assert_eq!(borne(&mut protocol, &frame(0, 0, 1, 1), 10_000), None);
        for number in 0..10_000 {
            let request = frame(30, 1, 5, 2 * number + 1);
            let update = frame(4, 8, 0, 2 * number + 1);
            assert!(protocol.came(&[request, update.clone(), update].concat()));
        }
    }

    #[test]
    fn requests_that_are_taken_back_at_once_use_the_budget_up() {
        let mut protocol = begun();
        let borne = (0..10_000).find(|number| {
            let [request, reset] =
                [(1, 5), (3, 0)].map(|(kind, flags)| frame(4, kind, flags, 2 * number + 1));
            !protocol.came(&[request, reset].concat())
        });
        let borne = borne.expect("it is too much");
        assert!((200..1000).contains(&borne), "{borne}");
    }

    #[test]
    fn whoever_reads_much_may_say_so_often() {
        let Protocol::Frames(mut frames) = begun() else {
            panic!("it has begun");
        };
        let updates = [frame(4, 8, 0, 0), frame(4, 8, 0, 1)].concat();
        for _ in 0..100_000 {
            frames.budget.sent(1400);
            assert!(frames.came(&updates, Instant::now));
        }
    }

    #[test]
    fn time_fills_the_budget_again_but_not_beyond_a_burst() {
        let mut budget = Budget::new();
        let start = budget.since;
        let after = |seconds| move || start + Duration::from_secs(seconds);
        assert!(budget.spend(BURST, after(0)));
        assert!(!budget.spend(1, after(0)));
        assert!(budget.spend(RATE, after(1)));
        assert!(!budget.spend(1, after(1)));
        assert!(!budget.spend(BURST + 1, after(100_000)));
    }

    #[test]
    fn what_is_no_http_2_is_not_looked_at() {
        let mut protocol = Protocol::Beginning(0);
        assert!(protocol.came(b"PR"));
        assert!(protocol.came(b"OPFIND / HTTP/1.1\r\n"));
        assert!(matches!(protocol, Protocol::Other));
    }

    #[test]
    fn the_end_says_to_be_calm_and_which_stream_was_the_last() {
        let mut frames = Frames::new();
        assert!(frames.came(&frame(1, 1, 5, 7), Instant::now));
        assert_eq!(
            headers_of(&frames.farewell(), 17),
            [(8, 7, 0)],
            "one GOAWAY on the connection"
        );
        assert_eq!(frames.farewell()[9..], [0, 0, 0, 7, 0, 0, 0, 11]);
    }
}
