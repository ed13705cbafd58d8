//! Appends lines so that there is never half a line before a whole one: what a full disk took only a part of is taken back,
//! or finished before anything else is written.

use std::fs::File;
use std::io::{self, ErrorKind, Write};

/// What lines are appended to.
pub(super) trait Medium {
    /// Appends some of the bytes.
    fn append(&mut self, bytes: &[u8]) -> io::Result<usize>;
    /// Takes back what is behind this length.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

impl Medium for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write(bytes)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }
}

impl Medium for io::Stderr {
    fn append(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write(bytes)
    }

    fn cut(&mut self, _: u64) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }
}

/// Whole lines, one behind the other.
#[derive(Debug)]
pub(super) struct Lines<M> {
    medium: M,
    /// The length of all that is written.
    length: u64,
    /// What is still to be written of a line that has begun.
    rest: Vec<u8>,
}

/// A line that could not be written.
#[derive(Debug)]
pub(super) struct Failure {
    /// Whether a part of it is there nevertheless, so that it will be finished and counts as written.
    pub(super) has_begun: bool,
    pub(super) source: io::Error,
}

impl<M: Medium> Lines<M> {
    /// Lines behind those that are there.
    pub(super) const fn new(medium: M, length: u64) -> Self {
        Self {
            medium,
            length,
            rest: Vec::new(),
        }
    }

    pub(super) const fn medium(&self) -> &M {
        &self.medium
    }

    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// Finishes the line that has begun, if one has.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        let total = self.rest.len();
        let (written, result) = write(&mut self.medium, &self.rest);
        self.rest.drain(..written);
        self.length += written.min(total) as u64;
        result
    }

    /// Writes a line, with its line break, if the one before is finished.
    pub(super) fn write(&mut self, line: &[u8]) -> Result<(), Failure> {
        let unbegun = |source| Failure {
            has_begun: false,
            source,
        };
        self.finish().map_err(unbegun)?;
        let (written, result) = write(&mut self.medium, line);
        let Err(source) = result else {
            self.length += written as u64;
            return Ok(());
        };
        if written == 0 || self.medium.cut(self.length).is_ok() {
            return Err(unbegun(source));
        }
        self.length += written as u64;
        self.rest = line.get(written..).unwrap_or_default().to_vec();
        Err(Failure {
            has_begun: true,
            source,
        })
    }
}

/// Writes as much as the medium takes: in one go, if it takes all.
fn write(medium: &mut impl Medium, bytes: &[u8]) -> (usize, io::Result<()>) {
    let mut written = 0;
    while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
        match medium.append(rest) {
            Ok(0) => return (written, Err(ErrorKind::WriteZero.into())),
            Ok(count) => written += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (written, Err(error)),
        }
    }
    (written, Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk that has room for so many bytes.
    struct Disk {
        bytes: Vec<u8>,
        room: usize,
        can_cut: bool,
    }

    impl Medium for Disk {
        fn append(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = bytes.len().min(self.room - self.bytes.len());
            if count == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            self.bytes.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn cut(&mut self, length: u64) -> io::Result<()> {
            if !self.can_cut {
                return Err(ErrorKind::PermissionDenied.into());
            }
            self.bytes.truncate(length as usize);
            Ok(())
        }
    }

    fn lines(room: usize, can_cut: bool) -> Lines<Disk> {
        let disk = Disk {
            bytes: Vec::new(),
            room,
            can_cut,
        };
        Lines::new(disk, 0)
    }

    #[test]
    fn what_a_full_disk_took_a_part_of_is_taken_back() {
        let mut lines = lines(7, true);
        lines.write(b"one\n").unwrap();
        let failure = lines.write(b"second\n").unwrap_err();
        assert!(!failure.has_begun);
        assert_eq!(lines.medium.bytes, b"one\n");
        lines.medium.room = 100;
        lines.write(b"third\n").unwrap();
        assert_eq!(lines.medium.bytes, b"one\nthird\n");
        assert_eq!(lines.length(), 10);
    }

    #[test]
    fn what_cannot_be_taken_back_is_finished_before_anything_else() {
        let mut lines = lines(7, false);
        lines.write(b"one\n").unwrap();
        let failure = lines.write(b"second\n").unwrap_err();
        assert!(failure.has_begun);
        assert_eq!(lines.medium.bytes, b"one\nsec");
        assert!(!lines.write(b"third\n").unwrap_err().has_begun);
        lines.medium.room = 9;
        assert!(!lines.write(b"third\n").unwrap_err().has_begun);
        lines.medium.room = 100;
        lines.write(b"third\n").unwrap();
        assert_eq!(lines.medium.bytes, b"one\nsecond\nthird\n");
        assert_eq!(lines.length(), 17);
    }

    #[test]
    fn a_disk_without_any_room_changes_nothing() {
        let mut lines = lines(0, false);
        assert!(!lines.write(b"one\n").unwrap_err().has_begun);
        assert_eq!(lines.length(), 0);
    }
}
