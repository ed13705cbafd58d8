//! Why a token was not accepted, in the words of RFC 6750. What is missing of scopes is judged by those who know what is asked.

use std::fmt;
use std::time::Duration;

/// Why a token was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It cannot be a token at all: the request is wrong (400).
    Malformed {
        /// What is wrong, for people.
        description: &'static str,
    },
    /// It is none for this server, or none any more (401).
    Invalid {
        /// What is wrong, for machines.
        reason: Reason,
        /// What is wrong, for people: what was expected and what was there, and never the token.
        description: String,
    },
    /// It cannot be judged, because its authorization server does not answer (503).
    Unavailable {
        /// When it is worth asking again.
        retry_after: Duration,
    },
    /// Too many tokens of its client were unknown to their authorization server (429).
    Limited {
        /// As many may be unknown ...
        tokens: u32,
        /// ... in this time.
        window: Duration,
        /// When one more may be asked about.
        retry_after: Duration,
    },
}

/// What is wrong with a token that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It is longer than any real one.
    Length,
    /// It is no signed JWT, and no authorization server can be asked about it.
    Form,
    /// Its header is not as RFC 7515 wants it.
    Header,
    /// It is signed with an algorithm that is not accepted.
    Algorithm,
    /// It is a JWT of another kind, such as an ID token.
    Type,
    /// It demands an extension (`crit`) that is not known here.
    Critical,
    /// No key of its authorization server fits it.
    Key,
    /// Its signature is wrong.
    Signature,
    /// It is from an authorization server that is not trusted.
    Issuer,
    /// It is for another server.
    Audience,
    /// It has expired.
    Expired,
    /// It is not valid yet.
    Early,
    /// It was issued longer ago than is accepted.
    Age,
    /// It says of nobody whom it is for.
    Subject,
    /// A claim is missing, or has a value that it cannot have.
    Claims,
    /// It is bound to a key of the client's, which is not checked here.
    Bound,
    /// Its authorization server says that it is not active.
    Inactive,
}

impl Reason {
    /// As a label of metrics and in logs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Form => "form",
            Self::Header => "header",
            Self::Algorithm => "algorithm",
            Self::Type => "type",
            Self::Critical => "critical",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::Early => "early",
            Self::Age => "age",
            Self::Subject => "subject",
            Self::Claims => "claims",
            Self::Bound => "bound",
            Self::Inactive => "inactive",
        }
    }
}

impl Refusal {
    pub(super) fn invalid(reason: Reason, description: impl Into<String>) -> Self {
        Self::Invalid {
            reason,
            description: description.into(),
        }
    }

    /// In a word.
    #[cfg(test)]
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "malformed",
            Self::Invalid { reason, .. } => reason.name(),
            Self::Unavailable { .. } => "unavailable",
            Self::Limited { .. } => "limited",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Malformed { description } => description,
            Self::Invalid { description, .. } => description,
            Self::Unavailable { .. } => "the authorization server of the token does not answer",
            Self::Limited { .. } => "too many tokens of this client were unknown",
        })
    }
}
