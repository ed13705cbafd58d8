//! The one caller of a transport that has only one: identified at the start, and let in to each thing that it asks for.

use rmcp::ErrorData;
use serde_json::value::RawValue;
use skills_model::Bundle;

use super::Permit;
use crate::cli::Desk;
use crate::error::Error;

#[cfg(feature = "http")]
use {
    super::{Call, Credential, Denial, Guard, Principal},
    rmcp::model::ErrorCode,
    serde_json::json,
};

/// A caller that has been let in.
#[derive(Debug)]
pub(crate) struct Session {
    permit: Permit,
    #[cfg(feature = "http")]
    gate: Option<(Guard, Principal)>,
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
            Principal::local()
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

    pub(crate) const fn permit(&self) -> Permit {
        self.permit
    }

    /// Lets the caller in to something with a URI, or to nothing in particular.
    #[cfg_attr(
        not(feature = "http"),
        expect(unused_variables, clippy::unused_self, reason = "nothing is forbidden")
    )]
    pub(crate) fn admit(&self, method: &str, uri: Option<&str>) -> Result<(), ErrorData> {
        #[cfg(feature = "http")]
        if let Some((guard, principal)) = &self.gate {
            let admitted = guard.admit(principal, &Call::of(method, uri));
            return admitted.map(drop).map_err(|denial| error(&denial));
        }
        Ok(())
    }

    /// The same for a request with any parameters.
    #[cfg_attr(
        not(feature = "http"),
        expect(unused_variables, clippy::unused_self, reason = "nothing is forbidden")
    )]
    pub(crate) fn admit_call(
        &self,
        method: &str,
        params: Option<&RawValue>,
    ) -> Result<(), ErrorData> {
        #[cfg(feature = "http")]
        if let Some((guard, principal)) = &self.gate {
            let admitted = guard.admit(principal, &Call::read(method, params));
            return admitted.map(drop).map_err(|denial| error(&denial));
        }
        Ok(())
    }
}

/// What is said to who started the process.
#[cfg(feature = "http")]
fn refused(denial: Denial) -> Error {
    let problem = match denial {
        Denial::Unidentified { .. } => {
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
    // The range that JSON-RPC leaves to servers.
    ErrorData::new(ErrorCode(-32000), denial.message(), data)
}
