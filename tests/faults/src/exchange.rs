//! One request and its answer over HTTP/1.1: as much of the protocol as a load generator needs.

use std::io::{self, BufRead, BufReader, Read, Write};

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status of the answer.
    pub status: u16,
    /// Whether the connection can be used again.
    pub is_open: bool,
}

/// Sends a request and reads its answer to the end.
pub fn exchange<S: Read + Write>(
    stream: &mut BufReader<S>,
    request: &[u8],
    line: &mut Vec<u8>,
) -> io::Result<Answer> {
    stream.get_mut().write_all(request)?;
    stream.get_mut().flush()?;
    let first = next_line(stream, line)?;
    let status = first
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| invalid("there is no status"))?;
    let (mut length, mut is_chunked, mut is_open) = (None, false, true);
    loop {
        let header = next_line(stream, line)?.to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        match header
            .split_once(':')
            .map(|(name, value)| (name, value.trim()))
        {
            Some(("content-length", value)) => length = value.parse().ok(),
            Some(("transfer-encoding", value)) => is_chunked = value == "chunked",
            Some(("connection", value)) => is_open = value != "close",
            _ => {}
        }
    }
    if is_chunked {
        while next_chunk(stream, line)? > 0 {}
    } else if let Some(length) = length.filter(|_| status != 304) {
        skip(stream, length)?;
    } else if status != 304 && status != 204 && status != 202 {
        return Err(invalid("the end of the body is not known"));
    }
    Ok(Answer { status, is_open })
}

/// Skips a chunk and its line break; how long it was.
fn next_chunk<S: Read>(stream: &mut BufReader<S>, line: &mut Vec<u8>) -> io::Result<u64> {
    let digits = next_line(stream, line)?;
    let digits = digits.split(';').next().unwrap_or_default();
    let length = u64::from_str_radix(digits, 16).map_err(|_| invalid("a chunk has no length"))?;
    skip(stream, length + 2)?;
    Ok(length)
}

fn skip<S: Read>(stream: &mut BufReader<S>, length: u64) -> io::Result<()> {
    let skipped = io::copy(&mut stream.by_ref().take(length), &mut io::sink())?;
    if skipped == length {
        Ok(())
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

fn next_line<'a, S: Read>(stream: &mut BufReader<S>, line: &'a mut Vec<u8>) -> io::Result<&'a str> {
    line.clear();
    stream.take(64 * 1024).read_until(b'\n', line)?;
    let text = line
        .strip_suffix(b"\r\n")
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    std::str::from_utf8(text).map_err(|_| invalid("a header is no text"))
}

fn invalid(problem: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A connection that says this, whatever it is asked.
    struct Peer(Cursor<&'static [u8]>);

    impl Read for Peer {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer)
        }
    }

    impl Write for Peer {
        fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
            Ok(buffer.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn statuses(says: &'static str) -> Vec<Result<(u16, bool), io::ErrorKind>> {
        let mut stream = BufReader::new(Peer(Cursor::new(says.as_bytes())));
        let mut line = Vec::new();
        let mut ask = || {
            let answer = exchange(&mut stream, b"", &mut line);
            answer
                .map(|answer| (answer.status, answer.is_open))
                .map_err(|error| error.kind())
        };
        vec![ask(), ask()]
    }

    #[test]
    fn answers_in_a_row_are_told_apart() {
        let length = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
        let chunks = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        let none = "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n";
        let last = "HTTP/1.1 404 Not Found\r\nConnection: close\r\ncontent-length: 0\r\n\r\n";
        for first in [length, chunks] {
            let found = statuses(Box::leak(format!("{first}{last}").into_boxed_str()));
            assert_eq!(found, [Ok((200, true)), Ok((404, false))]);
        }
        let found = statuses(Box::leak(format!("{none}{last}").into_boxed_str()));
        assert_eq!(found, [Ok((304, true)), Ok((404, false))]);
    }

    #[test]
    fn an_answer_that_breaks_off_is_an_error() {
        let found = statuses("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab");
        assert_eq!(found[0], Err(io::ErrorKind::UnexpectedEof));
        assert_eq!(statuses("")[0], Err(io::ErrorKind::UnexpectedEof));
    }
}
