//! The one thread that writes to standard error. It may wait for whoever reads there as long as that takes; nobody else does.

use std::io::{self, ErrorKind, Write};
use std::thread;
use std::time::Duration;

use super::Format;
use super::lines;
use super::queue::{Batch, Queue};
use crate::error::Error;

/// The largest write of several lines, in bytes: a pipe takes as many in one piece, whoever else writes to it.
const WRITE_BYTES: usize = 4096;

/// The largest buffer that is kept for the next lines.
const KEPT_BYTES: usize = 64 * 1024;

/// The pause before another attempt, where standard error was opened by others so that it never waits.
const PAUSE: Duration = Duration::from_millis(20);

/// Writes lines to a stream.
#[derive(Debug)]
struct Writer<W> {
    stream: W,
    /// Whether only a part of the last line could be written.
    is_torn: bool,
}

/// Starts to write what a queue has, as long as the process lives.
pub(super) fn start(queue: &'static Queue, format: Format) -> Result<(), Error> {
    let thread = thread::Builder::new().name("log".into());
    let started = thread.spawn(move || {
        let (mut writer, mut batch) = (Writer::new(io::stderr()), Batch::default());
        loop {
            queue.take(&mut batch);
            writer.write_batch(queue, &mut batch, format);
        }
    });
    started.map(drop).map_err(|source| Error::System {
        action: "start the thread that writes the log",
        source,
    })
}

impl<W: Write> Writer<W> {
    const fn new(stream: W) -> Self {
        Self {
            stream,
            is_torn: false,
        }
    }

    /// Writes a batch and leaves it empty; behind it, a line that says how many lines are missing there.
    fn write_batch(&mut self, queue: &Queue, batch: &mut Batch, format: Format) {
        let lost = self.write_lines(&batch.bytes);
        if lost > 0 {
            queue.lost(lost);
        }
        let dropped = batch.dropped;
        if dropped > 0 && self.write_lines(lines::dropped(format, dropped).as_bytes()) > 0 {
            queue.untold(dropped);
        }
        batch.bytes.clear();
        batch.bytes.shrink_to(KEPT_BYTES);
        batch.lines = 0;
    }

    /// Writes whole lines; how many of them could not be written.
    fn write_lines(&mut self, mut lines: &[u8]) -> u64 {
        let mut lost = 0;
        while !lines.is_empty() {
            let (some, rest) = lines.split_at(piece(lines));
            lines = rest;
            let written = self.write_piece(some);
            let missing = some.get(written..).unwrap_or_default();
            lost += memchr::memchr_iter(b'\n', missing).count() as u64;
        }
        lost
    }

    /// Writes lines, after the end of the one before; how many bytes were written before something failed.
    fn write_piece(&mut self, lines: &[u8]) -> usize {
        if self.is_torn {
            if self.write_bytes(b"\n") == 0 {
                return 0;
            }
            self.is_torn = false;
        }
        let written = self.write_bytes(lines);
        self.is_torn = written > 0 && lines.get(written - 1) != Some(&b'\n');
        written
    }

    fn write_bytes(&mut self, bytes: &[u8]) -> usize {
        let mut written = 0;
        while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
            match self.stream.write(rest) {
                Ok(0) => break,
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => thread::park_timeout(PAUSE),
                // A full disk, or a pipe that nobody reads any more.
                Err(_) => break,
            }
        }
        written
    }
}

/// How many bytes of these lines are written at once: whole lines.
fn piece(lines: &[u8]) -> usize {
    let first = lines.get(..WRITE_BYTES).unwrap_or(lines);
    let last = memchr::memrchr(b'\n', first).or_else(|| memchr::memchr(b'\n', lines));
    last.map_or(lines.len(), |last| last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logging::queue::Flow;

    /// A disk with room for so many bytes.
    #[derive(Default)]
    struct Disk {
        bytes: Vec<u8>,
        room: usize,
        writes: Vec<usize>,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = bytes.len().min(self.room - self.bytes.len());
            if count == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            self.bytes.extend_from_slice(&bytes[..count]);
            self.writes.push(count);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn disk(room: usize) -> Writer<Disk> {
        Writer::new(Disk {
            room,
            ..Disk::default()
        })
    }

    /// Writes what the queue has.
    fn write(writer: &mut Writer<Disk>, queue: &Queue) {
        let mut batch = Batch::default();
        queue.take(&mut batch);
        writer.write_batch(queue, &mut batch, Format::Text);
        assert_eq!((batch.bytes.len(), batch.lines), (0, 0));
    }

    #[test]
    fn lines_that_a_full_disk_does_not_take_are_counted_and_told_of_when_there_is_room() {
        let queue = Queue::new();
        queue.turn(Flow::Held);
        let mut writer = disk(6);
        for line in [&b"one\n"[..], b"two\n", b"three\n"] {
            queue.push(line);
        }
        write(&mut writer, &queue);
        assert_eq!(writer.stream.bytes, b"one\ntw");
        assert_eq!(queue.dropped(), 2);
        queue.push(b"four\n");
        write(&mut writer, &queue);
        assert_eq!(
            queue.dropped(),
            3,
            "the line that tells of them is none of them"
        );
        writer.stream.room = 1000;
        queue.push(b"five\n");
        write(&mut writer, &queue);
        let text = String::from_utf8(writer.stream.bytes.clone()).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[..3], ["one", "tw", "five"], "{text}");
        assert!(
            lines[3].contains("] [WARN] [log] 3 lines were dropped"),
            "{text}"
        );
        assert_eq!(lines.len(), 4);
        queue.push(b"six\n");
        write(&mut writer, &queue);
        assert!(writer.stream.bytes.ends_with(b"\nsix\n"), "it is told once");
    }

    #[test]
    fn a_write_is_whole_lines_and_fits_into_a_pipe_in_one_piece() {
        let mut writer = disk(usize::MAX);
        let long = format!("{}\n", "x".repeat(2 * WRITE_BYTES));
        let line = format!("{}\n", "y".repeat(99));
        let lines = [line.repeat(100), long.clone(), line.clone()].concat();
        assert_eq!(writer.write_lines(lines.as_bytes()), 0);
        assert_eq!(writer.stream.bytes, lines.as_bytes());
        assert_eq!(writer.stream.writes, [4000, 4000, 2000, long.len(), 100]);
    }
}
