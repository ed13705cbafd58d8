//! The requests to send, read from a file: for each, a line `NAME STATUS LENGTH`, and then the bytes of the request.

use std::io::{self, BufRead};

/// A request, and the status that its answer must have.
#[derive(Debug)]
pub struct Wanted {
    /// Under which its latency is reported.
    pub name: String,
    /// The status that is no error.
    pub status: u16,
    /// The request as it goes over the wire.
    pub bytes: Vec<u8>,
}

/// Reads all requests of a file.
pub fn read(mut from: impl BufRead) -> io::Result<Vec<Wanted>> {
    let mut all = Vec::new();
    let mut line = String::new();
    loop {
        line.clear();
        if from.read_line(&mut line)? == 0 {
            return Ok(all);
        }
        let (name, status, length) = header(&line).ok_or_else(|| invalid(&line))?;
        let mut bytes = vec![0; length];
        from.read_exact(&mut bytes)?;
        all.push(Wanted {
            name,
            status,
            bytes,
        });
    }
}

fn header(line: &str) -> Option<(String, u16, usize)> {
    let mut words = line.split_ascii_whitespace();
    let name = words.next()?.to_owned();
    let numbers = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    words
        .next()
        .is_none()
        .then_some((name, numbers.0, numbers.1))
}

fn invalid(line: &str) -> io::Error {
    let problem = format!("{line:?} is not `NAME STATUS LENGTH`");
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_one_after_the_other() {
        let file = b"live 200 5\nGET /\nread 404 0\n\n".as_slice();
        assert!(read(file).is_err());
        let file = b"live 200 5\nGET /read 404 2\n\n\n".as_slice();
        let all = read(file).unwrap();
        let found: Vec<_> = all
            .iter()
            .map(|one| (&*one.name, one.status, &*one.bytes))
            .collect();
        assert_eq!(
            found,
            [("live", 200, &b"GET /"[..]), ("read", 404, b"\n\n")]
        );
    }
}
