//! Whom a token is for (RFC 8707, RFC 9068 section 4): compared as URLs where they are URLs, else as they are.

use http::Uri;

/// The audiences that this server answers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Audiences {
    accepted: Vec<String>,
    normalised: Vec<String>,
    ignore_slash: bool,
}

impl Audiences {
    pub(super) fn new(accepted: Vec<String>, ignore_slash: bool) -> Self {
        let normalised = accepted
            .iter()
            .map(|audience| normalised(audience, ignore_slash))
            .collect();
        Self {
            accepted,
            normalised,
            ignore_slash,
        }
    }

    /// Whether one of those that a token names is this server.
    pub(super) fn accept<'a>(&self, mut named: impl Iterator<Item = &'a str>) -> bool {
        named.any(|named| {
            self.normalised
                .contains(&normalised(named, self.ignore_slash))
        })
    }

    /// As they are configured.
    pub(super) fn accepted(&self) -> &[String] {
        &self.accepted
    }
}

/// One spelling for what is one URL: scheme and host in lower case, without the port that is meant anyway and, if that is to
/// be ignored, without one slash at the end. Clients add and drop that slash as they like.
fn normalised(audience: &str, ignore_slash: bool) -> String {
    let shortened = match audience.strip_suffix('/') {
        Some(shortened) if ignore_slash => shortened,
        _ => audience,
    };
    let Some((scheme, rest)) = shortened.split_once("://") else {
        return audience.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if shortened.parse::<Uri>().is_err() || authority.contains('@') {
        return audience.to_owned();
    }
    let scheme = scheme.to_ascii_lowercase();
    let authority = authority.to_ascii_lowercase();
    let default = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => "",
    };
    let authority = match authority.strip_suffix(default) {
        Some(bare) if !default.is_empty() => bare,
        _ => &authority,
    };
    format!("{scheme}://{authority}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MCP: &str = "https://skills.example.com/mcp";

    fn accepts(accepted: &str, ignore_slash: bool, named: &str) -> bool {
        let audiences = Audiences::new(vec![accepted.to_owned()], ignore_slash);
        audiences.accept(std::iter::once(named))
    }

    #[test]
    fn spellings_of_one_url_are_one_audience() {
        for named in [
            MCP,
            "https://skills.example.com/mcp/",
            "HTTPS://Skills.Example.Com/mcp",
            "https://skills.example.com:443/mcp",
        ] {
            assert!(accepts(MCP, true, named), "{named}");
        }
        assert!(accepts(
            "https://skills.example.com/",
            true,
            "https://skills.example.com"
        ));
        assert!(accepts("client-id-of-ours", true, "client-id-of-ours"));
    }

    #[test]
    fn other_urls_are_other_audiences() {
        for named in [
            "https://skills.example.com",
            "https://skills.example.com/MCP",
            "https://skills.example.com/mcp//",
            "https://skills.example.com/mcp2",
            "https://skills.example.com/mcp?x=1",
            "https://skills.example.com:8443/mcp",
            "http://skills.example.com/mcp",
            "https://skills.example.com@evil.example/mcp",
            "https://skills.example.com.evil.example/mcp",
            "*",
            "",
        ] {
            assert!(!accepts(MCP, true, named), "{named}");
        }
        assert!(!accepts("Client", true, "client"));
    }

    #[test]
    fn the_slash_can_matter() {
        assert!(!accepts(MCP, false, "https://skills.example.com/mcp/"));
        assert!(accepts(MCP, false, "https://SKILLS.example.com/mcp"));
    }
}
