//! Addresses of authorization servers: HTTPS, or HTTP on this machine. Nothing else can be asked.

use std::fmt;
use std::net::IpAddr;

use http::Uri;

/// A URL that may be asked.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Endpoint(Uri);

impl Endpoint {
    /// Says what is wrong with it, as the end of a sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.contains('#') {
            return Err("has a fragment".into());
        }
        let uri: Uri = text
            .parse()
            .map_err(|error: http::uri::InvalidUri| format!("is no URL: {error}"))?;
        let Some(authority) = uri.authority() else {
            return Err("is no absolute URL such as https://id.example.com".into());
        };
        if authority.as_str().contains('@') {
            return Err("has a user name in it".into());
        }
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if is_loopback(authority.host()) => {}
            Some("http") => return Err("is not https://, and not on this machine either".into()),
            _ => return Err("is not https://".into()),
        }
        Ok(Self(uri))
    }

    /// One that names an authority and a path, and nothing else: an issuer (RFC 8414, section 2), a resource.
    pub(super) fn without_query(text: &str) -> Result<Self, String> {
        let endpoint = Self::parse(text)?;
        if endpoint.0.query().is_some() {
            return Err("has a query".into());
        }
        Ok(endpoint)
    }

    pub(super) const fn uri(&self) -> &Uri {
        &self.0
    }

    /// The path, without a slash at the end: empty for none.
    pub(super) fn path(&self) -> &str {
        self.0.path().trim_end_matches('/')
    }

    /// Scheme, host and port.
    pub(super) fn origin(&self) -> String {
        let scheme = self.0.scheme_str().unwrap_or_default();
        let authority = self
            .0
            .authority()
            .map_or("", |authority| authority.as_str());
        format!("{scheme}://{authority}")
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Endpoint({})", self.0)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Whether a host is this machine.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        Endpoint::parse(text).expect_err(text)
    }

    #[test]
    fn https_and_this_machine_can_be_asked() {
        for text in [
            "https://id.example.com",
            "HTTPS://id.example.com/tenant/",
            "http://localhost:9400",
            "http://127.0.0.9/x",
            "http://[::1]:80/",
        ] {
            assert!(Endpoint::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn nothing_else_can_be_asked() {
        assert!(refused("http://id.example.com").contains("not https"));
        assert!(refused("http://localhost.evil.example").contains("not https"));
        assert!(refused("http://127.0.0.1.evil.example").contains("not https"));
        assert!(refused("https://id.example.com/#x").contains("fragment"));
        assert!(refused("https://user:word@id.example.com").contains("user name"));
        assert!(refused("ftp://id.example.com").contains("not https"));
        assert!(refused("/jwks").contains("absolute"));
        assert!(refused("https://id example").contains("no URL"));
        assert!(Endpoint::without_query("https://id.example.com?x=1").is_err());
    }

    #[test]
    fn a_slash_at_the_end_is_no_path() {
        let paths = [
            ("https://a/", ""),
            ("https://a/b/", "/b"),
            ("https://a", ""),
        ];
        for (text, path) in paths {
            assert_eq!(Endpoint::parse(text).expect(text).path(), path);
        }
    }
}
