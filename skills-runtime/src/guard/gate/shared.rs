//! Quotas that several instances keep to together, in Redis: the same algorithm as in `limits.rs`, in one script that runs there,
//! with the clock there. While Redis is away, each instance keeps to the quotas by itself.

use std::fmt;
use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Script};
use serde::Deserialize;
use tokio::time::timeout;

use crate::clock;
use crate::error::Error;
use crate::files::{self, Content};
use crate::logging::GUARD;
use crate::secret::Secret;

/// For each key the time at which a request comes exactly when it may: the first that is too far ahead refuses the request.
/// Answers with its position and the time to wait in microseconds, or with zeros.
const SCRIPT: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
for i, key in ipairs(KEYS) do
  local interval = tonumber(ARGV[2 * i - 1])
  local tolerance = tonumber(ARGV[2 * i])
  local due = tonumber(redis.call('GET', key) or now)
  if due < now then due = now end
  local wait = due - tolerance - now
  if wait > 0 then return {i, math.ceil(wait)} end
  due = due + interval
  redis.call('SET', key, string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000) + 1)
end
return {0, 0}
";

/// How long Redis is left alone after it did not answer. Then one request tries it again, while others do without it.
const REST: Duration = Duration::from_secs(1);

/// What stands for a Redis that answers, in [`Shared::rests_until`].
const AWAKE: u64 = 0;

/// Where Redis is.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Settings {
    /// Its URL, such as `redis://10.0.0.5:6379/0`; one with a password belongs into a file.
    url: Option<String>,
    /// The file that has the URL, and nothing else.
    pub(super) url_file: Option<std::path::PathBuf>,
    /// What the keys of this server begin with, so that others can use the same Redis. Default: `skills`.
    #[serde(default = "prefix")]
    prefix: String,
    /// How long an answer may take, before the quotas are kept without Redis. Default: 100 ms.
    #[serde(default = "patience", with = "humantime_serde")]
    timeout: Duration,
    /// Which share of the quotas an instance keeps to while it cannot reach Redis: 3 is a third, for three instances. Default: 1,
    /// all of each, so that nobody is refused who need not be.
    #[serde(default = "whole")]
    pub(super) fallback_share: NonZero<u32>,
}

fn prefix() -> String {
    "skills".into()
}

const fn patience() -> Duration {
    Duration::from_millis(100)
}

const fn whole() -> NonZero<u32> {
    NonZero::<u32>::MIN
}

/// One of the quotas that a request counts against.
#[derive(Debug)]
pub(super) struct Count {
    /// What is counted.
    pub(super) key: String,
    pub(super) interval: Duration,
    pub(super) burst: u32,
}

/// The quotas in Redis.
pub(super) struct Shared {
    connection: ConnectionManager,
    script: Script,
    prefix: String,
    timeout: Duration,
    started: Instant,
    /// When it may be asked again, in milliseconds after the start; [`AWAKE`] while it answers.
    rests_until: AtomicU64,
}

/// Redis does not answer.
#[derive(Debug)]
pub(super) struct Away;

impl Settings {
    /// Says where it is, which has to be possible; whether it is there, is seen later.
    fn client(&self) -> Result<Client, Error> {
        let wrong = |problem: String| Error::Settings {
            problem: format!("in [redis] of the policy, {problem}"),
        };
        let url = match (&self.url, &self.url_file) {
            (Some(url), None) => Secret::from(url.clone()),
            (None, Some(file)) => {
                Secret::from(files::text(file, Content::Secrets)?.trim().to_owned())
            }
            _ => return Err(wrong("one of `url` and `url-file` has to be there".into())),
        };
        // What is wrong with a URL is told without it: there may be a password in it.
        let client = Client::open(url.expose());
        client.map_err(|error| wrong(format!("the URL cannot be used: {}", error.category())))
    }

    /// The port that is connected to.
    #[cfg(feature = "sandbox")]
    pub(super) fn port(&self) -> Option<u16> {
        let client = self.client().ok()?;
        match client.get_connection_info().addr() {
            redis::ConnectionAddr::Tcp(_, port) => Some(*port),
            _ => None,
        }
    }
}

impl Shared {
    /// To be called on the event loop.
    pub(super) fn new(settings: &Settings) -> Result<Self, Error> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(settings.timeout))
            .set_response_timeout(Some(settings.timeout))
            .set_number_of_retries(0);
        let client = settings.client()?;
        let connection = ConnectionManager::new_lazy_with_config(client, config);
        let connection = connection.map_err(|error| Error::Settings {
            problem: format!("in [redis] of the policy: {}", error.category()),
        })?;
        Ok(Self {
            connection,
            script: Script::new(SCRIPT),
            prefix: settings.prefix.clone(),
            timeout: settings.timeout,
            started: clock::now(),
            rests_until: AtomicU64::new(AWAKE),
        })
    }

    /// Counts a request; where it comes too often, the position of the first quota that is used up, and how long to wait.
    pub(super) async fn count(&self, counts: &[Count]) -> Result<Option<(usize, Duration)>, Away> {
        if counts.is_empty() {
            return Ok(None);
        }
        let is_probe = self.may_ask()?;
        let mut invocation = self.script.prepare_invoke();
        for Count {
            key,
            interval,
            burst,
        } in counts
        {
            let interval = interval.as_micros() as u64;
            // The braces keep the keys of a request on one machine of a cluster.
            invocation.key(format!("{{{}}}:{key}", self.prefix));
            invocation.arg(interval);
            invocation.arg(interval.saturating_mul(u64::from(burst.saturating_sub(1))));
        }
        let mut connection = self.connection.clone();
        let asked = Box::pin(invocation.invoke_async::<(usize, u64)>(&mut connection));
        let answer = match timeout(self.timeout, asked).await {
            Ok(Ok(answer)) => answer,
            failed => {
                let problem = match failed {
                    Ok(Err(error)) => error.category().to_owned(),
                    _ => "no answer in time".to_owned(),
                };
                self.fell_silent(&problem);
                return Err(Away);
            }
        };
        if is_probe {
            self.rests_until.store(AWAKE, Ordering::Relaxed);
            tracing::info!(target: GUARD, "Redis is back; the quotas are kept together again");
        }
        match answer {
            (0, _) => Ok(None),
            (position, wait) => Ok(Some((position - 1, Duration::from_micros(wait)))),
        }
    }

    /// Whether Redis is asked only to see whether it is back. While it rests, it is not asked, and nobody waits for it.
    fn may_ask(&self) -> Result<bool, Away> {
        let until = self.rests_until.load(Ordering::Relaxed);
        if until == AWAKE {
            return Ok(false);
        }
        if self.elapsed() < until {
            return Err(Away);
        }
        // Of those who come now, the first asks; if it goes away, another one does after the next rest.
        let next = self.next_attempt();
        let change = (Ordering::Relaxed, Ordering::Relaxed);
        let claimed = self
            .rests_until
            .compare_exchange(until, next, change.0, change.1);
        claimed.map(|_| true).map_err(|_| Away)
    }

    /// Leaves Redis alone for a while; of many requests that it does not answer, one says so.
    fn fell_silent(&self, problem: &str) {
        if self
            .rests_until
            .swap(self.next_attempt(), Ordering::Relaxed)
            == AWAKE
        {
            tracing::warn!(target: GUARD, problem, "Redis is away; the quotas are kept by this instance alone");
        }
    }

    fn next_attempt(&self) -> u64 {
        self.elapsed() + REST.as_millis() as u64
    }

    fn elapsed(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shared").finish_non_exhaustive()
    }
}
