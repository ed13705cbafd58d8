//! What goes on beside the requests: files are read again, callers forgotten, the record ended; and what of the system is needed
//! for that.

use std::sync::Arc;
use std::time::Duration;

use super::Guard;
use super::rules::Rules;
use crate::error::{Error, chain};

impl Guard {
    /// The directories that are written to while it serves.
    #[cfg(feature = "sandbox")]
    pub(crate) fn writes(&self) -> Vec<std::path::PathBuf> {
        let rules = self.rules.load();
        let audit = rules.policy.audit.as_ref();
        audit
            .and_then(crate::audit::Settings::directory)
            .into_iter()
            .collect()
    }

    /// The files that are read while it serves.
    #[cfg(feature = "sandbox")]
    pub(crate) fn files(&self) -> Vec<std::path::PathBuf> {
        let rules = self.rules.load();
        let named = [&rules.policy.api_keys, &rules.policy.bearer_tokens];
        let named = named.into_iter().flatten();
        #[cfg(feature = "oauth")]
        let named = named.chain(
            rules
                .policy
                .oauth
                .iter()
                .flat_map(crate::oauth::Settings::files),
        );
        self.sources.policy.iter().chain(named).cloned().collect()
    }

    /// The ports of authorization servers and of Redis.
    #[cfg(all(feature = "sandbox", any(feature = "oauth", feature = "redis")))]
    pub(crate) fn ports(&self) -> Vec<u16> {
        let rules = self.rules.load();
        let mut ports = Vec::new();
        #[cfg(feature = "oauth")]
        ports.extend(
            rules
                .policy
                .oauth
                .iter()
                .flat_map(crate::oauth::Settings::ports),
        );
        #[cfg(feature = "redis")]
        ports.extend(
            rules
                .policy
                .redis
                .as_ref()
                .and_then(super::shared::Settings::port),
        );
        ports
    }

    /// Ends the record; false if there was no time to write all of it. It blocks.
    pub(crate) fn end(&self, within: Duration) -> bool {
        self.record.end(self.bundle, within)
    }

    /// Reads everything again, if there is anything, and writes down what came of it.
    pub(crate) fn reload(&self) -> Result<bool, Error> {
        let reloaded = self.read_again();
        let problem = reloaded.as_ref().err().map(|error| chain(error));
        self.record.reloaded(self.bundle, problem.as_deref());
        reloaded
    }

    /// Reads everything again, if there is anything. Where something is wrong, what held before goes on to hold.
    fn read_again(&self) -> Result<bool, Error> {
        if self.sources.is_empty() {
            return Ok(false);
        }
        let rules = Rules::read(&self.sources, Some(&self.rules.load()))?;
        if rules.policy.identifies() != self.identifies() {
            return Err(Error::Settings {
                problem: "whether callers have to say who they are cannot change while the server runs; start it anew".into(),
            });
        }
        if let Some(section) = rules.policy.fixed_since(&self.rules.load().policy) {
            return Err(Error::Settings {
                problem: format!("[{section}] cannot change while the server runs; start it anew"),
            });
        }
        self.rules.store(Arc::new(rules));
        Ok(true)
    }

    /// Forgets callers that have not been seen for long, every ten seconds.
    pub(crate) async fn forget(&self) {
        let mut ticks = tokio::time::interval(Duration::from_secs(10));
        loop {
            ticks.tick().await;
            let rules = self.rules.load_full();
            rules.forget();
            self.counters.first_key_ends_in(rules.first_key_ends_in());
        }
    }
}
