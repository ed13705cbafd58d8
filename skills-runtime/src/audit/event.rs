//! What is recorded of a decision, and how it is written down.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::Value;
use skills_model::Skill;

use super::key::Key;
use crate::clock::Timestamp;
use crate::text::printable_json;

/// How much of a text that a client chose is written down, in characters.
const TEXT_CHARS: usize = 200;

/// One decision, or a turn in the life of the server. What does not apply stays empty.
#[derive(Clone, Debug)]
pub(crate) struct Event<'a> {
    pub(crate) kind: Kind,
    /// The id that the log knows the request by.
    pub(crate) request: Option<&'a str>,
    /// `http` or `stdio`.
    pub(crate) transport: Option<&'static str>,
    /// The address of the client.
    pub(crate) client: Option<IpAddr>,
    /// What the client calls itself; only its beginning is kept.
    pub(crate) user_agent: Option<&'a str>,
    /// Who asks; only a keyed digest is kept.
    pub(crate) subject: Option<&'a str>,
    /// The application that asks, as its credential says.
    pub(crate) client_id: Option<&'a str>,
    /// Who vouches for the subject.
    pub(crate) issuer: Option<&'a str>,
    /// The kind of credential.
    pub(crate) credential: Option<&'static str>,
    /// The method of MCP.
    pub(crate) method: Option<&'static str>,
    pub(crate) target: Option<Target<'a>>,
    /// The skill that the target belongs to.
    pub(crate) skill: Option<Skill>,
    /// The arguments of a call, as JSON; only a keyed digest is kept.
    pub(crate) arguments: Option<&'a str>,
    pub(crate) decision: Option<Decision>,
    /// Why it was decided so, in one word.
    pub(crate) reason: Option<&'static str>,
    /// How many requests it stands for, where that is not one.
    pub(crate) requests: Option<u64>,
    /// The status of the HTTP response.
    pub(crate) status: Option<u16>,
    /// The code of the JSON-RPC error.
    pub(crate) error: Option<i32>,
    /// From the request to the answer.
    pub(crate) duration: Option<Duration>,
    /// The size of the request's body.
    pub(crate) request_bytes: Option<u64>,
    /// The size of the answer's body.
    pub(crate) response_bytes: Option<u64>,
    /// The trace that the request is part of (W3C Trace Context).
    pub(crate) trace: Option<&'a str>,
    /// What is suspicious about it, in one word each.
    pub(crate) flags: &'a [&'static str],
    /// What began, ended or was read again, for such events.
    pub(crate) served: Option<&'a Served<'a>>,
}

/// What kind of event it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// A request was answered.
    Request,
    /// A request was refused: the one who asks may not.
    Denied,
    /// A request failed.
    Error,
    /// Something that looks like an attack.
    Security,
    /// The server began.
    Start,
    /// The server ended.
    Stop,
    /// Settings, keys or certificates were read again.
    Reload,
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Decision {
    Allowed,
    Denied,
}

/// The URI, the tool or the prompt that was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'a> {
    /// One that the bundle has, in the bundle's own words.
    Known(&'static str),
    /// Any other text; only a keyed digest is kept.
    Unknown(&'a str),
}

/// The server, in the events about itself.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Served<'a> {
    /// The name and version of the server.
    pub(crate) server: &'a str,
    /// The digest of the bundle.
    pub(crate) bundle: &'a str,
    /// How the process is closed off, in a line.
    pub(crate) sandbox: Option<&'a str>,
    /// What happened, in a line; none of it secret.
    pub(crate) detail: Option<&'a str>,
}

impl Event<'_> {
    /// An event of which nothing else is known.
    pub(crate) const fn new(kind: Kind) -> Self {
        Self {
            kind,
            request: None,
            transport: None,
            client: None,
            user_agent: None,
            subject: None,
            client_id: None,
            issuer: None,
            credential: None,
            method: None,
            target: None,
            skill: None,
            arguments: None,
            decision: None,
            reason: None,
            requests: None,
            status: None,
            error: None,
            duration: None,
            request_bytes: None,
            response_bytes: None,
            trace: None,
            flags: &[],
            served: None,
        }
    }
}

/// An event as it is written: a JSON object, and digests in the place of what is nobody else's business.
#[derive(Serialize)]
pub(super) struct Record<'a> {
    #[serde(serialize_with = "displayed")]
    time: Timestamp,
    event: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transport: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_ip: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skill: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skill_digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Decision>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requests: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    flags: &'a [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    served: Option<&'a Served<'a>>,
    /// Whether digests can be compared with those of other runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'static str>,
}

impl<'a> Record<'a> {
    pub(super) fn new(
        event: &Event<'a>,
        time: Timestamp,
        key: &Key,
        region: Option<&'a str>,
    ) -> Self {
        let (target, unknown) = match event.target {
            Some(Target::Known(target)) => (Some(target), None),
            Some(Target::Unknown(target)) => (None, Some(target)),
            None => (None, None),
        };
        let source = if key.is_lasting() { "file" } else { "random" };
        Self {
            time,
            event: event.kind,
            region,
            request_id: event.request.map(beginning),
            transport: event.transport,
            client_ip: event.client,
            user_agent: event.user_agent.map(beginning),
            subject_hash: event.subject.map(|subject| key.subject(subject)),
            client_id: event.client_id.map(beginning),
            issuer: event.issuer.map(beginning),
            credential: event.credential,
            method: event.method,
            target,
            target_hash: unknown.map(|target| key.target(target)),
            skill: event.skill.map(Skill::path),
            skill_digest: event.skill.map(|skill| skill.digest().to_string()),
            arguments_hash: event.arguments.and_then(|arguments| {
                let arguments: Value = serde_json::from_str(arguments).ok()?;
                Some(key.arguments(&arguments))
            }),
            decision: event.decision,
            reason: event.reason,
            requests: event.requests,
            status: event.status,
            error: event.error,
            duration_us: event.duration.map(|duration| duration.as_micros() as u64),
            request_bytes: event.request_bytes,
            response_bytes: event.response_bytes,
            trace: event.trace.map(beginning),
            flags: event.flags,
            served: event.served,
            key: event.served.map(|_| source),
        }
    }

    /// The object, on one line, with nothing in it that a terminal would obey.
    pub(super) fn text(&self) -> String {
        // A struct of texts and numbers can be written as JSON.
        let text = serde_json::to_string(self).unwrap_or_default();
        if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return text;
        }
        printable_json(&text)
    }
}

fn beginning(text: &str) -> String {
    text.chars().take(TEXT_CHARS).collect()
}

fn displayed<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::BUNDLE;

    fn record(event: &Event<'_>) -> Value {
        let key = Key::new(None).unwrap();
        let text = Record::new(event, Timestamp::now(), &key, Some("eu")).text();
        assert!(!text.contains('\n'));
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn secrets_and_inventions_are_digests() {
        let skill = BUNDLE.skills.iter().next().unwrap();
        let arguments = json!({ "name": "the secret plan" }).to_string();
        let event = Event {
            subject: Some("alice@example.com"),
            target: Some(Target::Unknown("skill://made/up")),
            arguments: Some(&arguments),
            skill: Some(skill),
            decision: Some(Decision::Denied),
            error: Some(-32602),
            duration: Some(Duration::from_millis(2)),
            ..Event::new(Kind::Denied)
        };
        let record = record(&event);
        for secret in ["alice", "made/up", "secret"] {
            assert!(!record.to_string().contains(secret), "{record}");
        }
        for member in ["subject_hash", "target_hash", "arguments_hash"] {
            assert_eq!(record[member].as_str().unwrap().len(), 64, "{member}");
        }
        assert_eq!(record["event"], "denied");
        assert_eq!(record["region"], "eu");
        assert_eq!(record["skill"], skill.path());
        assert_eq!(record["skill_digest"], skill.digest().to_string());
        assert_eq!(record["decision"], "denied");
        assert_eq!(record["duration_us"], 2000);
        assert!(record.get("status").is_none());
    }

    #[test]
    fn texts_of_clients_are_short_and_harmless() {
        let agent = format!("x\n\u{202e}\u{9b}{}", "y".repeat(5000));
        let event = Event {
            user_agent: Some(&agent),
            ..Event::new(Kind::Request)
        };
        let record = record(&event);
        let kept = record["user_agent"].as_str().unwrap();
        assert_eq!(kept.chars().count(), TEXT_CHARS);
        assert!(kept.starts_with("x\n\u{202e}"));
    }

    #[test]
    fn what_began_says_which_key_it_has() {
        let served = Served {
            server: "sample 1.2.3",
            bundle: "sha256:0",
            sandbox: None,
            detail: None,
        };
        let event = Event {
            served: Some(&served),
            ..Event::new(Kind::Start)
        };
        let record = record(&event);
        assert_eq!(record["key"], "random");
        assert_eq!(record["served"]["server"], "sample 1.2.3");
    }
}
