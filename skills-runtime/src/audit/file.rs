//! The file that lines go to: how it is taken up again at the start, followed when somebody moves it away, and laid aside
//! when it is full.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::num::NonZero;
use std::path::{Path, PathBuf};

use super::append::{Failure, Lines};
use super::chain::Link;
use super::settings::Destination;
use crate::error::Error;

/// The longest line that is looked for at the end of a file, in bytes; ours are a few hundred.
const LINE_BYTES: u64 = 64 * 1024;

/// Where lines go.
#[derive(Debug)]
pub(super) enum Output {
    Stderr(Lines<io::Stderr>),
    /// A device or a pipe, which has no end to look at.
    Stream(Lines<File>),
    File(LogFile),
}

/// What the lines that were there before end with.
#[derive(Debug)]
pub(super) struct Tail {
    pub(super) link: Link,
    /// How many bytes of an unfinished line were cut off.
    pub(super) cut: u64,
}

/// A file with its older ones beside it.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    lines: Lines<File>,
    identity: Option<Identity>,
    max_size: u64,
    keep: NonZero<u32>,
    /// Whether there is something that may not be on the disk yet.
    is_dirty: bool,
    /// Laying the file aside has failed, and is tried again when it is looked after.
    is_stuck: bool,
}

/// Which file it is, whatever it is called.
type Identity = (u64, u64);

impl Output {
    /// Opens what lines go to, and says what they are to follow.
    pub(super) fn open(
        destination: &Destination,
        max_size: u64,
        keep: NonZero<u32>,
    ) -> Result<(Self, Tail), Error> {
        let anew = Tail {
            link: Link::origin(),
            cut: 0,
        };
        let path = match destination {
            Destination::Stderr => return Ok((Self::Stderr(Lines::new(io::stderr(), 0)), anew)),
            Destination::File(path) => path,
        };
        let (file, metadata) = append_to(path).map_err(|source| Error::File {
            action: "open the audit log",
            path: path.clone(),
            source,
        })?;
        if !metadata.is_file() {
            return Ok((Self::Stream(Lines::new(file, 0)), anew));
        }
        let (length, tail) = taken_up(path, &file)?;
        let log = LogFile {
            path: path.clone(),
            lines: Lines::new(file, length),
            identity: identity(&metadata),
            max_size,
            keep,
            is_dirty: tail.cut > 0,
            is_stuck: false,
        };
        Ok((Self::File(log), tail))
    }

    /// Writes a line, in a new file if this one is full.
    pub(super) fn write(&mut self, line: &[u8]) -> Result<(), Failure> {
        match self {
            Self::Stderr(lines) => lines.write(line),
            Self::Stream(lines) => lines.write(line),
            Self::File(log) => log.write(line),
        }
    }

    /// Finishes a line that has begun.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Stderr(lines) => lines.finish(),
            Self::Stream(lines) => lines.finish(),
            Self::File(log) => log.lines.finish(),
        }
    }

    /// Has the disk keep what was written, and follows the path, if another file is there now.
    pub(super) fn look_after(&mut self) -> io::Result<()> {
        match self {
            Self::Stderr(_) | Self::Stream(_) => Ok(()),
            Self::File(log) => log.look_after(),
        }
    }
}

impl LogFile {
    fn write(&mut self, line: &[u8]) -> Result<(), Failure> {
        let length = self.lines.length();
        let is_full = length > 0 && length + line.len() as u64 > self.max_size;
        if is_full && !self.is_stuck && self.lines.finish().is_ok() {
            // A file that is too large is better than a line that is nowhere.
            self.is_stuck = self.lay_aside().is_err();
        }
        self.is_dirty = true;
        self.lines.write(line)
    }

    fn look_after(&mut self) -> io::Result<()> {
        self.is_stuck = false;
        if std::mem::take(&mut self.is_dirty) {
            let kept = self.lines.medium().sync_data();
            kept.inspect_err(|_| self.is_dirty = true)?;
        }
        let is_ours = match fs::metadata(&self.path) {
            Ok(metadata) => identity(&metadata) == self.identity,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(error),
        };
        if is_ours {
            return Ok(());
        }
        self.lines.finish()?;
        self.begin()
    }

    /// Gives the file a number and begins another.
    fn lay_aside(&mut self) -> io::Result<()> {
        self.lines.medium().sync_data()?;
        for number in (1..self.keep.get()).rev() {
            let (from, to) = (self.numbered(number), self.numbered(number + 1));
            match fs::rename(from, to) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::rename(&self.path, self.numbered(1))?;
        self.begin()
    }

    /// Goes on in the file that is at the path now, or a new one.
    fn begin(&mut self) -> io::Result<()> {
        let (file, metadata) = append_to(&self.path)?;
        let found = ending(&file)?;
        if found.torn > 0 {
            file.set_len(found.whole)?;
        }
        self.identity = identity(&metadata);
        self.lines = Lines::new(file, found.whole);
        Ok(())
    }

    fn numbered(&self, number: u32) -> PathBuf {
        numbered(&self.path, number)
    }
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

/// Opens a file to append to, for this process alone.
fn append_to(path: &Path) -> io::Result<(File, Metadata)> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // What is no file may not be readable.
    let is_file = fs::metadata(path).map_or(true, |found| found.is_file());
    let file = if is_file {
        options.read(true).open(path)?
    } else {
        open_stream(path, options)?
    };
    let metadata = file.metadata()?;
    if metadata.is_file() {
        lock(&file)?;
    }
    Ok((file, metadata))
}

/// Opens a pipe or a device. Opening a pipe would wait for who reads from it; writing may.
#[cfg(unix)]
fn open_stream(path: &Path, mut options: OpenOptions) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    use rustix::io::Errno;

    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let opened = options.custom_flags(flags).open(path);
    let file = opened.map_err(|error| match Errno::from_io_error(&error) {
        Some(Errno::NXIO) => {
            io::Error::other("nobody reads from this pipe; start the reader first")
        }
        _ => error,
    })?;
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    Ok(file)
}

#[cfg(not(unix))]
fn open_stream(path: &Path, options: OpenOptions) -> io::Result<File> {
    options.open(path)
}

/// Two processes would break each other's chain.
#[cfg(unix)]
fn lock(file: &File) -> io::Result<()> {
    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;

    flock(file, FlockOperation::NonBlockingLockExclusive).map_err(|error| match error {
        Errno::WOULDBLOCK => io::Error::new(
            ErrorKind::WouldBlock,
            "another process writes to it; every server needs a file of its own",
        ),
        error => error.into(),
    })
}

#[cfg(not(unix))]
fn lock(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "other systems do not tell which file it is"
)]
fn identity(metadata: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;

    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<Identity> {
    None
}

/// The length of the whole lines of a file and what is to follow them; what is unfinished is cut off.
fn taken_up(path: &Path, file: &File) -> Result<(u64, Tail), Error> {
    let failed = |source| Error::File {
        action: "take up the audit log",
        path: path.to_owned(),
        source,
    };
    let Ending { whole, torn, line } = ending(file).map_err(failed)?;
    if torn > 0 {
        file.set_len(whole).map_err(failed)?;
    }
    let link = match line {
        Some(line) => link(path, &line)?,
        None => follows(path)?,
    };
    Ok((whole, Tail { link, cut: torn }))
}

/// What the first line of a new file follows: the last of the file that was laid aside, if there is one.
#[expect(
    clippy::disallowed_methods,
    reason = "the record is a file that an operator names"
)]
fn follows(path: &Path) -> Result<Link, Error> {
    let older = numbered(path, 1);
    let read = File::open(&older).and_then(|file| ending(&file));
    match read {
        Ok(Ending {
            line: Some(line), ..
        }) => link(&older, &line),
        Ok(_) => Ok(Link::origin()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Link::origin()),
        Err(source) => Err(Error::File {
            action: "read what the audit log follows in",
            path: older,
            source,
        }),
    }
}

fn link(path: &Path, line: &[u8]) -> Result<Link, Error> {
    Link::of(line).ok_or_else(|| Error::Audit {
        path: path.to_owned(),
        problem:
            "its last line is no event; move the file away, and look at it with `audit verify`"
                .into(),
    })
}

/// How a file ends.
struct Ending {
    /// The length of its whole lines.
    whole: u64,
    /// How many bytes there are behind them.
    torn: u64,
    /// The last whole line, without its line break.
    line: Option<Vec<u8>>,
}

fn ending(mut file: &File) -> io::Result<Ending> {
    let length = file.metadata()?.len();
    // What is unfinished, and the line before it.
    let start = length.saturating_sub(2 * LINE_BYTES);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(2 * LINE_BYTES).read_to_end(&mut bytes)?;
    let Some(end) = memchr::memrchr(b'\n', &bytes) else {
        if start > 0 {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                "it has no lines at its end",
            ));
        }
        return Ok(Ending {
            whole: 0,
            torn: length,
            line: None,
        });
    };
    let lines = bytes.get(..end).unwrap_or_default();
    let first = memchr::memrchr(b'\n', lines).map_or(0, |before| before + 1);
    let whole = start + end as u64 + 1;
    Ok(Ending {
        whole,
        torn: length - whole,
        line: lines.get(first..).map(<[u8]>::to_vec),
    })
}
