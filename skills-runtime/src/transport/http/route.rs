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
            (Audience::Clients, "/mcp") => Self::Mcp,
            (Audience::Operators, "/metrics") => Self::Metrics,
            (Audience::Operators, "/config") => Self::Config,
            // At the path of the endpoint as clients see it, whatever a proxy makes of that, and without it.
            (Audience::Clients, path) if is_metadata(path) => Self::Metadata,
            (Audience::Clients, path) if path.contains("/.well-known/") => Self::Discovery,
            _ => Self::Unknown,
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
