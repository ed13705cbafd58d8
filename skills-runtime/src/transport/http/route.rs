//! Which part of the server a path leads to.

/// Where the metadata of a protected resource is (RFC 9728, section 3).
#[cfg(feature = "oauth")]
const METADATA: &str = crate::oauth::WELL_KNOWN;
#[cfg(not(feature = "oauth"))]
const METADATA: &str = "/.well-known/oauth-protected-resource";

/// For whom a listener is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// MCP clients.
    Clients,
    /// Those who run the server.
    Operators,
}

/// A part of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Mcp,
    Health,
    Live,
    Ready,
    Metrics,
    Config,
    /// Where clients get access tokens.
    Metadata,
    /// Where OAuth clients look for an authorization server, which this is not.
    Authorization,
    /// Skills as static files.
    Discovery,
    Unknown,
}

impl Route {
    pub(super) fn of(audience: Audience, path: &str) -> Self {
        match (audience, path) {
            (_, "/health") => Self::Health,
            (_, "/health/live") => Self::Live,
            (_, "/health/ready") => Self::Ready,
            (Audience::Clients, "/mcp" | "/mcp/") => Self::Mcp,
            (Audience::Operators, "/metrics") => Self::Metrics,
            (Audience::Operators, "/config") => Self::Config,
            // At the path of the endpoint as clients see it, whatever a proxy makes of that, and without it.
            (Audience::Clients, path) if is_metadata(path) => Self::Metadata,
            (Audience::Clients, path) if is_authorization(path) => Self::Authorization,
            (Audience::Clients, path) if path.contains("/.well-known/") => Self::Discovery,
            _ => Self::Unknown,
        }
    }

    /// The methods that pages in browsers may use there, for the answer to a preflight (Fetch, section 3.2.5).
    pub(super) const fn methods(self) -> Option<&'static str> {
        match self {
            Self::Mcp => Some("POST, OPTIONS"),
            Self::Health
            | Self::Live
            | Self::Ready
            | Self::Metadata
            | Self::Authorization
            | Self::Discovery => Some("GET, HEAD, OPTIONS"),
            Self::Metrics | Self::Config | Self::Unknown => None,
        }
    }

    /// Whether it says how the server is.
    pub(super) const fn is_probe(self) -> bool {
        matches!(self, Self::Health | Self::Live | Self::Ready)
    }

    /// The value of the label `http_route`.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Mcp => "/mcp",
            Self::Health => "/health",
            Self::Live => "/health/live",
            Self::Ready => "/health/ready",
            Self::Metrics => "/metrics",
            Self::Config => "/config",
            Self::Metadata => METADATA,
            Self::Authorization => "/.well-known/oauth-authorization-server",
            Self::Discovery => "/.well-known",
            Self::Unknown => "_other",
        }
    }
}

/// Whether metadata is at a path: the well-known one, or one below it.
fn is_metadata(path: &str) -> bool {
    let rest = path.strip_prefix(METADATA);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether OAuth clients try a path when they are refused: for the metadata of an authorization server (RFC 8414, OpenID Connect
/// Discovery), before or behind the path of the endpoint, or for an endpoint at its usual place.
fn is_authorization(path: &str) -> bool {
    const DOCUMENTS: [&str; 2] = ["oauth-authorization-server", "openid-configuration"];
    const ENDPOINTS: [&str; 3] = ["/register", "/authorize", "/token"];
    let document = path.rsplit_once("/.well-known/").map(|(_, rest)| {
        let end = rest.find('/').unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    });
    document.is_some_and(|name| DOCUMENTS.contains(&name)) || ENDPOINTS.contains(&path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_oauth_clients_try_is_told_from_skills() {
        let of = |path| Route::of(Audience::Clients, path);
        for path in [
            "/.well-known/oauth-authorization-server",
            "/.well-known/oauth-authorization-server/mcp",
            "/.well-known/openid-configuration",
            "/.well-known/openid-configuration/mcp",
            "/mcp/.well-known/openid-configuration",
            "/register",
            "/authorize",
            "/token",
        ] {
            assert_eq!(of(path), Route::Authorization, "{path}");
        }
        for path in [
            "/.well-known/agent-skills/index.json",
            "/.well-known/agent-skills/openid-configuration/SKILL.md",
            "/.well-known/openid-configurations",
        ] {
            assert_eq!(of(path), Route::Discovery, "{path}");
        }
        assert_eq!(of("/registers"), Route::Unknown);
    }
}
