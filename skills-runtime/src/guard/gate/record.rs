//! What is written down of every decision, where the operator wants a record.

use std::time::Duration;

use skills_model::{Bundle, Skill};

use super::repeats::Refused;
use super::{Call, Client, Denial, Means, Permit, Principal};
use crate::audit::{Audit, Decision, Event, Kind, Opened, Place, Served, Settings, Target};
use crate::catalog::Catalog;
use crate::discovery;
use crate::error::Error;
use crate::protocol::operation;

/// What stands for a method where static files are asked for.
const DISCOVERY: &str = "discovery";

/// The record, or none.
#[derive(Debug)]
pub(super) enum Record {
    Off,
    /// Its file is open, and nothing is written yet: the thread that writes has to be inside of the sandbox.
    Opened(Opened),
    Kept(Audit),
}

/// What was asked for, as far as it is written down.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    method: &'static str,
    target: Option<Named>,
    skill: Option<Skill>,
    /// As JSON: a tree of it would take many times as much, for as long as the request is under way.
    arguments: Option<Box<str>>,
}

/// What was asked of: something of the bundle, or something that is not there.
#[derive(Clone, Debug)]
enum Named {
    Known(&'static str),
    Unknown(String),
}

impl Record {
    /// Opens the file, which has to be possible.
    pub(super) fn open(settings: Option<&Settings>) -> Result<Self, Error> {
        let opened = settings.map(Audit::open).transpose()?;
        Ok(opened.map_or(Self::Off, Self::Opened))
    }

    /// Begins to write, and writes that the server began.
    pub(super) fn begun(self, bundle: &Bundle, sandbox: Option<&str>) -> Result<Self, Error> {
        let Self::Opened(opened) = self else {
            return Ok(self);
        };
        about(bundle, sandbox, None, |served| opened.start(served)).map(Self::Kept)
    }

    pub(super) const fn kept(&self) -> Option<&Audit> {
        match self {
            Self::Kept(audit) => Some(audit),
            Self::Off | Self::Opened(_) => None,
        }
    }

    /// Room to write down what comes of a request, before anything is done for it.
    pub(super) fn reserve(&self) -> Result<Option<Place>, Denial> {
        let place = self.kept().map(Audit::reserve).transpose();
        place.map_err(|_| Denial::Unrecorded)
    }

    /// Writes that the policy was read again, or why it was not, and looks whether the file was moved away.
    pub(super) fn reloaded(&self, bundle: &Bundle, problem: Option<&str>) {
        if let Some(audit) = self.kept() {
            audit.reopen();
            let detail = problem.unwrap_or("the policy was read again");
            about(bundle, None, Some(detail), |served| {
                mark(audit, Kind::Reload, served);
            });
        }
    }

    /// Writes how often it was refused who may not ask, or has asked too often; true when that is done.
    pub(super) fn repeated(&self, refused: &Refused, kind: Kind, requests: u64) -> bool {
        let event = Event {
            transport: Some("http"),
            client: refused.client.as_ref().and_then(Client::ip),
            decision: Some(Decision::Denied),
            reason: Some(refused.reason),
            requests: Some(requests),
            ..Event::new(kind)
        };
        self.kept().is_none_or(|audit| audit.record(&event).is_ok())
    }

    /// Writes that the server ended, and all that waits to be written; false if there was no time for that. It blocks.
    pub(super) fn end(&self, bundle: &Bundle, within: Duration) -> bool {
        self.kept().is_none_or(|audit| {
            about(bundle, None, None, |served| mark(audit, Kind::Stop, served));
            audit.stop(within)
        })
    }
}

/// Says of the server what stands in events about itself.
fn about<R>(
    bundle: &Bundle,
    sandbox: Option<&str>,
    detail: Option<&str>,
    tell: impl FnOnce(&Served<'_>) -> R,
) -> R {
    tell(&Served {
        server: &format!("{} {}", bundle.server.name, bundle.server.version),
        bundle: &bundle.digest.to_string(),
        sandbox,
        detail,
    })
}

fn mark(audit: &Audit, kind: Kind, served: &Served<'_>) {
    let event = Event {
        served: Some(served),
        ..Event::new(kind)
    };
    // What cannot be written now is counted as missing.
    let _ = audit.record(&event);
}

impl Asked {
    /// What a caller with a permit asks for, in the bundle's own words where it has any, even if it is hidden from the caller.
    pub(super) fn of(bundle: &'static Bundle, permit: Permit, call: &Call<'_>) -> Self {
        let seen = Catalog::new(bundle, permit);
        let all = Catalog::new(bundle, Permit::owner());
        let known = call.target.as_deref().and_then(|target| match call.method {
            "tools/call" => operation::tool(target),
            "prompts/get" => {
                let prompt = seen.prompt(target).or_else(|_| all.prompt(target));
                prompt.ok().map(|prompt| prompt.name)
            }
            _ => {
                let file = all.file_at(target).map(skills_model::Resource::uri);
                file.or_else(|| Some(all.directory_at(target)?.uri()))
            }
        });
        let unknown = || Some(Named::Unknown(call.target.as_deref()?.to_owned()));
        Self {
            method: operation::method_name(call.method),
            target: known.map(Named::Known).or_else(unknown),
            skill: call.subject(bundle, permit),
            arguments: call.arguments.map(|arguments| arguments.get().into()),
        }
    }

    /// The same for a path of discovery.
    pub(super) fn of_path(bundle: &'static Bundle, permit: Permit, path: &str) -> Self {
        let seen = discovery::subject(Catalog::new(bundle, permit), path);
        let found =
            seen.or_else(|| discovery::subject(Catalog::new(bundle, Permit::owner()), path));
        let (target, skill) = found.map_or((None, None), |(target, skill)| (Some(target), skill));
        let unknown = || Named::Unknown(path.to_owned());
        Self {
            method: DISCOVERY,
            target: Some(target.map_or_else(unknown, Named::Known)),
            skill,
            arguments: None,
        }
    }

    /// Puts it into an event.
    pub(crate) fn tell<'a>(&'a self, event: &mut Event<'a>) {
        event.method = Some(self.method);
        event.target = self.target.as_ref().map(|target| match target {
            Named::Known(known) => Target::Known(known),
            Named::Unknown(text) => Target::Unknown(text),
        });
        event.skill = self.skill;
        event.arguments = self.arguments.as_deref();
    }
}

impl Principal {
    /// Puts who it is into an event.
    pub(crate) fn tell<'a>(&'a self, event: &mut Event<'a>) {
        // Who may not see a skill is told that it is not there.
        let is_hidden = event
            .skill
            .is_some_and(|skill| !self.granted.contains(skill.required()));
        if is_hidden && event.kind == Kind::Request {
            event.kind = Kind::Denied;
            event.decision = Some(Decision::Denied);
            event.reason = Some("not_visible");
        }
        event.credential = Some(self.means.name());
        event.subject = Some(&self.subject);
        match &self.means {
            Means::Key(id) => event.client_id = Some(id),
            #[cfg(feature = "oauth")]
            Means::OAuth(grant) => {
                event.client_id = grant.client_id.as_deref();
                event.issuer = Some(&grant.issuer);
            }
            Means::Anonymous | Means::Local | Means::Token => {}
        }
    }
}

impl Denial {
    /// What kind of event it is.
    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::Network | Self::Blocked { .. } => Kind::Security,
            Self::Unavailable { .. } | Self::Unrecorded => Kind::Error,
            _ => Kind::Denied,
        }
    }
}

/// The event of a request over pipes, as far as it is known before what came of it.
pub(in crate::guard) fn decided<'a>(
    principal: &'a Principal,
    asked: &'a Asked,
    denial: Option<&Denial>,
) -> Event<'a> {
    let mut event = Event::new(denial.map_or(Kind::Request, Denial::kind));
    event.transport = Some("stdio");
    event.decision = Some(denial.map_or(Decision::Allowed, |_| Decision::Denied));
    event.reason = denial.map(Denial::reason);
    asked.tell(&mut event);
    principal.tell(&mut event);
    event
}
