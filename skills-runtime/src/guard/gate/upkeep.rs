//! What goes on beside the requests: files are read again, callers forgotten, the record ended; and what of the system is needed
//! for that.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Guard;
use super::rules::Rules;
use crate::clock;
use crate::error::{Error, chain};
use crate::logging::{self, GUARD};

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
        self.tell_repeats(None);
        self.record.end(self.bundle, within)
    }

    /// Takes on what the files say now, or goes on with what they said before; says and writes down which it is. It blocks:
    /// whoever reads files waits for disks, and for what else a path may lead to.
    pub(crate) fn reload(&self) {
        let reloaded = self.read_again();
        let problem = reloaded.as_ref().err().map(|error| chain(error));
        match (&reloaded, &problem) {
            (Ok(false), _) => tracing::info!(target: GUARD, "There is no policy to read again"),
            (Ok(true), _) => tracing::info!(target: GUARD, "Read the policy again"),
            (Err(_), problem) => {
                let problem = problem.as_deref().unwrap_or_default();
                tracing::error!(target: GUARD, "The policy stays as it was: {problem}");
            }
        }
        self.record.reloaded(self.bundle, problem.as_deref());
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
        logging::follow(rules.policy.log_level);
        self.rules.store(Arc::new(rules));
        Ok(true)
    }

    /// Writes down what was gathered long enough of those who are refused again and again; without a time, all of it.
    fn tell_repeats(&self, now: Option<Instant>) {
        let write = |refused: &_, kind, count| self.record.repeated(refused, kind, count);
        self.repeats.tell(now, write);
    }

    /// Forgets callers that have not been seen for long, every ten seconds.
    pub(crate) async fn forget(&self) {
        let mut ticks = tokio::time::interval(Duration::from_secs(10));
        loop {
            ticks.tick().await;
            let rules = self.rules.load_full();
            rules.forget();
            self.tell_repeats(Some(clock::now()));
            self.counters.first_key_ends_in(rules.first_key_ends_in());
        }
    }
}
