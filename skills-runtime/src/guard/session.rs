//! The one caller of a transport that has only one: identified at the start, and let in to each thing that it asks for.

use rmcp::ErrorData;
use rmcp::model::ErrorCode;
use serde_json::value::RawValue;
use skills_model::Bundle;

use super::Permit;
use crate::cli::Desk;
use crate::error::Error;

#[cfg(feature = "http")]
use {
    super::gate::decided,
    super::{Asked, Call, Credential, Denial, Guard, Principal},
    crate::audit::Place,
    crate::clock,
    serde_json::json,
    std::sync::Arc,
    std::time::{Duration, Instant},
};

/// The code of errors that say why a caller may not, in the range that JSON-RPC leaves to servers.
#[cfg(feature = "http")]
const CODE: ErrorCode = ErrorCode(-32000);

/// How long the record may take to be finished.
#[cfg(feature = "http")]
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A caller that has been let in.
#[derive(Debug)]
pub(crate) struct Session {
    permit: Permit,
    #[cfg(feature = "http")]
    gate: Option<(Guard, Arc<Principal>)>,
}

impl Session {
    /// Identifies the caller: whoever runs the process, unless a policy wants to know more.
    #[cfg(feature = "http")]
    pub(crate) fn open(bundle: &'static Bundle, desk: Desk) -> Result<Self, Error> {
        let guard = Guard::new(bundle, desk.sources)?;
        if !guard.has_policy() {
            return Ok(Self {
                permit: Permit::owner(),
                gate: None,
            });
        }
        let principal = if guard.identifies() {
            let token = desk.token.as_ref();
            let credential =
                token.map_or(Credential::None, |token| Credential::Bearer(token.expose()));
            guard.identify_here(credential, None).map_err(refused)?
        } else {
            Arc::new(Principal::local())
        };
        Ok(Self {
            permit: guard.permit(&principal),
            gate: Some((guard, principal)),
        })
    }

    /// Whoever runs the process has the executable, and so all that is in it.
    #[cfg(not(feature = "http"))]
    #[expect(
        clippy::unnecessary_wraps,
        reason = "a policy can be wrong, where there is one"
    )]
    pub(crate) const fn open(_: &'static Bundle, _: Desk) -> Result<Self, Error> {
        let permit = Permit::owner();
        Ok(Self { permit })
    }

    /// Begins to keep a record, if one is wanted; to be called from inside of the sandbox, of which the record says how it is.
    #[cfg(feature = "http")]
    pub(crate) fn recording(mut self, sandbox: Option<&str>) -> Result<Self, Error> {
        if let Some((guard, principal)) = self.gate.take() {
            self.gate = Some((guard.recording(sandbox)?, principal));
        }
        Ok(self)
    }

    #[cfg(not(feature = "http"))]
    #[expect(
        clippy::unnecessary_wraps,
        reason = "there is no record that could fail"
    )]
    pub(crate) const fn recording(self, _: Option<&str>) -> Result<Self, Error> {
        Ok(self)
    }

    /// Whether there is anything to read again.
    #[cfg(feature = "http")]
    pub(crate) const fn has_policy(&self) -> bool {
        self.gate.is_some()
    }

    /// Reads the policy again. Who asks was settled at the start, and stays so. It blocks.
    #[cfg(feature = "http")]
    pub(crate) fn reload(&self) {
        if let Some((guard, _)) = &self.gate {
            guard.reload();
        }
    }

    /// Finishes the record. It blocks, for two seconds at most.
    #[cfg(feature = "http")]
    pub(crate) fn end(&self) {
        if let Some((guard, _)) = &self.gate {
            guard.end(LAST_WORDS);
        }
    }

    /// The files that are read again.
    #[cfg(feature = "sandbox")]
    pub(crate) fn files(&self) -> Vec<std::path::PathBuf> {
        #[cfg(feature = "http")]
        if let Some((guard, _)) = &self.gate {
            return guard.files();
        }
        Vec::new()
    }

    /// The directories that are written to.
    #[cfg(feature = "sandbox")]
    pub(crate) fn writes(&self) -> Vec<std::path::PathBuf> {
        #[cfg(feature = "http")]
        if let Some((guard, _)) = &self.gate {
            return guard.writes();
        }
        Vec::new()
    }

    pub(crate) const fn permit(&self) -> Permit {
        self.permit
    }

    /// Lets the caller in to something with a URI, or to nothing in particular; `bytes` is how long the request is.
    #[cfg_attr(
        not(feature = "http"),
        expect(
            unused_variables,
            clippy::unnecessary_wraps,
            clippy::unused_self,
            reason = "nothing is forbidden"
        )
    )]
    pub(crate) fn admit(
        &self,
        method: &str,
        uri: Option<&str>,
        bytes: usize,
    ) -> Result<Admitted, ErrorData> {
        #[cfg(feature = "http")]
        if let Some(gate) = &self.gate {
            return admitted(gate, &Call::of(method, uri), bytes);
        }
        Ok(Admitted::default())
    }

    /// The same for a request with any parameters.
    #[cfg_attr(
        not(feature = "http"),
        expect(
            unused_variables,
            clippy::unnecessary_wraps,
            clippy::unused_self,
            reason = "nothing is forbidden"
        )
    )]
    pub(crate) fn admit_call(
        &self,
        method: &str,
        params: Option<&RawValue>,
        bytes: usize,
    ) -> Result<Admitted, ErrorData> {
        #[cfg(feature = "http")]
        if let Some(gate) = &self.gate {
            return admitted(gate, &Call::read(method, params), bytes);
        }
        Ok(Admitted::default())
    }
}

/// A request that was let in, until it is answered.
#[derive(Debug, Default)]
pub(crate) struct Admitted {
    #[cfg(feature = "http")]
    pending: Option<Pending>,
}

/// What is written down of a request when it is answered.
#[cfg(feature = "http")]
#[derive(Debug)]
struct Pending {
    place: Place,
    principal: Arc<Principal>,
    asked: Asked,
    start: Instant,
    bytes: usize,
}

impl Admitted {
    /// Writes down what came of it: an error or none, and the size of the answer in bytes.
    #[cfg_attr(
        not(feature = "http"),
        expect(unused_variables, clippy::unused_self, reason = "no record is kept")
    )]
    pub(crate) fn answered(self, error: Option<ErrorCode>, bytes: usize) {
        #[cfg(feature = "http")]
        if let Some(pending) = self.pending {
            pending.write(None, error, Some(bytes));
        }
    }
}

#[cfg(feature = "http")]
impl Pending {
    fn write(self, denial: Option<&Denial>, error: Option<ErrorCode>, bytes: Option<usize>) {
        let Self {
            place,
            principal,
            asked,
            start,
            bytes: request,
        } = self;
        let mut event = decided(&principal, &asked, denial);
        event.error = error.map(|code| code.0);
        event.duration = Some(start.elapsed());
        event.request_bytes = Some(request as u64);
        event.response_bytes = bytes.map(|bytes| bytes as u64);
        place.record(&event);
    }
}

/// Lets a caller in; that it may not is written down at once.
#[cfg(feature = "http")]
fn admitted(
    (guard, principal): &(Guard, Arc<Principal>),
    call: &Call<'_>,
    bytes: usize,
) -> Result<Admitted, ErrorData> {
    let start = clock::now();
    let place = guard.reserve().map_err(|denial| error(&denial))?;
    let admitted = guard.admit_here(principal, call);
    let pending = place
        .zip(guard.asked(principal, call))
        .map(|(place, asked)| Pending {
            place,
            principal: Arc::clone(principal),
            asked,
            start,
            bytes,
        });
    match admitted {
        Ok(_) => Ok(Admitted { pending }),
        Err(denial) => {
            if let Some(pending) = pending {
                pending.write(Some(&denial), Some(CODE), None);
            }
            Err(error(&denial))
        }
    }
}

/// What is said to who started the process.
#[cfg(feature = "http")]
fn refused(denial: Denial) -> Error {
    let problem = match denial {
        Denial::Unidentified => {
            "The policy wants to know who asks; set SKILLS_TOKEN to an API key or a token".into()
        }
        denial => format!("SKILLS_TOKEN: {}", denial.message()),
    };
    Error::Settings { problem }
}

/// What is said to a client.
#[cfg(feature = "http")]
fn error(denial: &Denial) -> ErrorData {
    let wait = denial.wait();
    let data = wait.map(|wait| json!({ "retryAfterMs": wait.as_millis() as u64 }));
    ErrorData::new(CODE, denial.message(), data)
}
