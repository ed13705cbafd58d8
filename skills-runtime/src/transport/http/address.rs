//! Where a listener is.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// The prefix of the path of a UNIX socket.
const UNIX: &str = "unix:";

/// An address that can be listened on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

impl Address {
    /// Whether only this machine can reach it.
    pub(super) fn is_local(&self) -> bool {
        match self {
            Self::Tcp(address) => address.ip().to_canonical().is_loopback(),
            Self::Unix(_) => true,
        }
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix(UNIX) {
            if path.is_empty() {
                return Err("the path of the UNIX socket is missing: unix:/run/skills.sock".into());
            }
            if cfg!(not(unix)) {
                return Err("there are no UNIX sockets on this system".into());
            }
            return Ok(Self::Unix(path.into()));
        }
        let address = text.parse().map(Self::Tcp);
        address.map_err(|_| {
            "write it as IP:PORT (127.0.0.1:3001, 0.0.0.0:3001, [::1]:3001) or unix:PATH".into()
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(formatter),
            Self::Unix(path) => write!(formatter, "{UNIX}{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn addresses_are_read_and_written_alike() {
        for text in [
            "127.0.0.1:3001",
            "[::1]:0",
            "0.0.0.0:80",
            "unix:/run/x.sock",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "3001",
            "localhost:3001",
            "127.0.0.1",
            "127.0.0.1:99999",
            "unix:",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[test]
    fn loopback_is_local_in_any_spelling() {
        let is_local = |text: &str| text.parse::<Address>().unwrap().is_local();
        assert!(
            ["127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1", "unix:/x"]
                .into_iter()
                .all(is_local)
        );
        assert!(
            !["0.0.0.0:1", "[::]:1", "10.0.0.1:1"]
                .into_iter()
                .any(is_local)
        );
    }
}
