//! One client: the definition that every count uses, be it of connections, requests, bytes, failures or quotas.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

/// Whose connections, requests and bytes are counted together.
///
/// A caller that is authenticated is one client, whatever keys and addresses it uses. Any other is told apart by its address:
/// that of the peer, or the one that a trusted proxy reports.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Client {
    /// A caller that is authenticated.
    Subject(Arc<str>),
    /// An address of IPv4, or a network of 64 bits of IPv6; made by [`Client::at`] only.
    Address(IpAddr),
    /// Nobody knows: a peer at a UNIX socket for whom no trusted proxy speaks, or one whose address a proxy hides. Any number of
    /// clients may be behind it, so nothing is refused because of what it did or holds by itself; only totals apply.
    Unknown,
}

impl Client {
    /// The client at an address, if there is one.
    pub(crate) fn at(ip: Option<IpAddr>) -> Self {
        ip.map_or(Self::Unknown, |ip| Self::Address(network(ip)))
    }

    /// The client itself, unless nobody knows which one it is.
    pub(crate) const fn known(&self) -> Option<&Self> {
        match self {
            Self::Unknown => None,
            client => Some(client),
        }
    }

    /// The address that it is told apart by, if it is.
    pub(crate) const fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Address(ip) => Some(*ip),
            Self::Subject(_) | Self::Unknown => None,
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subject(subject) => formatter.write_str(subject),
            Self::Address(ip) => ip.fmt(formatter),
            Self::Unknown => formatter.write_str("unknown"),
        }
    }
}

/// The address that stands for a client: one of IPv6 has a network of 64 bits to itself, and an address of IPv4 is the same
/// however it is written.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
        ip @ IpAddr::V4(_) => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Client {
        Client::at(Some(text.parse().unwrap()))
    }

    #[test]
    fn a_client_of_ipv6_is_its_network_of_64_bits() {
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:2"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
    }

    #[test]
    fn an_address_of_ipv4_is_the_same_client_when_it_is_written_as_ipv6() {
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
    }

    #[test]
    fn a_peer_without_an_address_is_no_client_that_counts() {
        assert_eq!(Client::at(None).known(), None);
        assert!(at("192.0.2.1").known().is_some());
    }
}
