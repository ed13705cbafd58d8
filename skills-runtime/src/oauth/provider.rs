//! One authorization server, as it is known here: its keys, how old they are, and how it is doing.
//!
//! Keys are read at the start, from time to time, and when a token comes that none of them fits: many such tokens cause one look,
//! and the next is not before the cool-down. Keys that were good once are kept while their server does not answer.

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use ring::digest;
use tokio::time::{Instant, sleep, timeout};

use super::breaker::{Breaker, OPEN};
use super::cache::Epochs;
use super::claims::Required;
use super::client::{Client, Problem};
use super::discovery::{Endpoints, discover};
use super::grant::Grant;
use super::health::Condition;
use super::keys::{KeySet, Verdict};
use super::metrics::Metrics;
use super::plan::Issuer;
use super::refusal::{Reason, Refusal};
use super::settings::{Method, Times};
use super::token::{Jwt, shown};

/// How long a request waits for keys, which are looked for without it, too, or for others to have asked.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The longest that a server can want its keys kept, and the shortest.
const LONGEST: Duration = Duration::from_secs(60 * 60);
const SHORTEST: Duration = Duration::from_secs(60);

/// An authorization server.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) issuer: Issuer,
    pub(super) client: Client,
    pub(super) metrics: Metrics,
    pub(super) condition: Condition,
    times: Times,
    epochs: Arc<Epochs>,
    endpoints: ArcSwapOption<Endpoints>,
    /// Whether things may be elsewhere by now.
    has_moved: AtomicBool,
    keys: ArcSwapOption<Keys>,
    turn: Mutex<Turn>,
    pub(super) breaker: Breaker,
}

#[derive(Debug)]
struct Keys {
    set: KeySet,
    digest: digest::Digest,
    read: Instant,
}

/// A look at the keys that is under way; everyone can wait for its end.
type Look = Shared<BoxFuture<'static, ()>>;

#[derive(Debug, Default)]
struct Turn {
    look: Option<Look>,
    /// When a token last caused one.
    caused: Option<Instant>,
    /// How the last one went: how long its answer is good, or nothing.
    good_for: Option<Duration>,
}

impl Provider {
    pub(super) fn new(
        issuer: Issuer,
        times: Times,
        client: Client,
        epochs: Arc<Epochs>,
        metrics: Metrics,
    ) -> Self {
        metrics.provider(&issuer.name, false);
        Self {
            condition: Condition::default(),
            endpoints: ArcSwapOption::empty(),
            has_moved: AtomicBool::new(false),
            keys: ArcSwapOption::empty(),
            turn: Mutex::default(),
            breaker: Breaker::default(),
            issuer,
            client,
            metrics,
            times,
            epochs,
        }
    }

    /// Whether something has to be known before tokens can be judged.
    pub(super) fn needs_to_look(&self) -> bool {
        let introspection = self.issuer.introspection.as_ref();
        let is_known = introspection.is_some_and(|settings| settings.endpoint.is_some());
        self.issuer.method != Method::Introspection || !is_known
    }

    /// Whether its tokens can be judged.
    pub(super) fn is_ready(&self) -> bool {
        match self.issuer.method {
            Method::Introspection => !self.needs_to_look() || self.endpoints.load().is_some(),
            Method::Keys | Method::Both => self.keys().is_some(),
        }
    }

    /// How many keys are known.
    pub(super) fn count(&self) -> usize {
        self.keys().map_or(0, |keys| keys.set.len())
    }

    /// Where it can be asked about tokens, if that is known.
    pub(super) fn introspection(&self) -> Option<super::endpoint::Endpoint> {
        let settings = self.issuer.introspection.as_ref()?;
        let discovered = || self.endpoints.load().as_ref()?.introspection.clone();
        settings.endpoint.clone().or_else(discovered)
    }

    /// Whether a token is one of its, and what it grants at this time, in seconds since 1970.
    pub(super) async fn verify(
        self: &Arc<Self>,
        jwt: &Jwt<'_>,
        now: u64,
    ) -> Result<Grant, Refusal> {
        let issuer = &self.issuer;
        let algorithm = jwt.header.accepted(&issuer.algorithms, &issuer.types)?;
        // What is refused anyway costs neither a signature nor a look at the keys.
        let grant = issuer.rules.grant(&jwt.claims, Required::Token, now)?;
        let name = jwt.header.kid.as_deref();
        let judge = |keys: &Keys| keys.set.verify(name, algorithm, jwt.message, jwt.signature);
        let keys = match self.keys() {
            Some(keys) => keys,
            None => self.look(None).await.ok_or_else(|| self.unavailable())?,
        };
        let mut verdict = judge(&keys);
        if matches!(verdict, Verdict::Bad | Verdict::NoKey)
            && let Some(newer) = self.look(Some(&keys)).await
        {
            verdict = judge(&newer);
        }
        let named = name.map(shown);
        let (reason, description) = match (verdict, named) {
            (Verdict::Good, _) => return Ok(grant),
            (Verdict::Bad, _) => (
                Reason::Signature,
                "the signature of the token is wrong".into(),
            ),
            (Verdict::NoKey, Some(name)) => (
                Reason::Key,
                format!(
                    "no key of {} that verifies {} is called {name}",
                    issuer.name,
                    algorithm.name()
                ),
            ),
            (Verdict::NoKey, None) => (
                Reason::Key,
                format!("no key of {} verifies {}", issuer.name, algorithm.name()),
            ),
            (Verdict::Ambiguous, _) => (
                Reason::Key,
                format!(
                    "the token names no key (kid), and {} has several",
                    issuer.name
                ),
            ),
        };
        Err(Refusal::invalid(reason, description))
    }

    /// That it does not answer.
    pub(super) fn unavailable(&self) -> Refusal {
        let retry_after = self.breaker.wait().unwrap_or(self.times.cool_down);
        Refusal::Unavailable { retry_after }
    }

    /// Looks at the keys once, however well they are known.
    pub(super) async fn start(self: &Arc<Self>) -> Result<(), String> {
        let look = self.join_or_launch();
        look.await;
        match self.condition.problem() {
            Some(problem) => Err(problem),
            None => Ok(()),
        }
    }

    /// Looks at the keys from time to time, for ever.
    pub(super) async fn follow(self: Arc<Self>, is_first_done: bool) {
        let mut is_done = is_first_done;
        let mut failures = 0;
        loop {
            if !is_done {
                let look = self.join_or_launch();
                look.await;
            }
            is_done = false;
            let good_for = self.turn().good_for;
            failures = if good_for.is_some() { 0 } else { failures + 1 };
            // A server that does not answer at once is asked again soon, and then less and less often.
            let again = Duration::from_secs(1 << u64::min(failures, 5).saturating_sub(1));
            let again = || self.breaker.wait().unwrap_or(again).min(OPEN);
            let pause = good_for.unwrap_or_else(again);
            sleep(pause).await;
        }
    }

    /// The keys that may be used.
    fn keys(&self) -> Option<Arc<Keys>> {
        let keys = self.keys.load_full();
        keys.filter(|keys| keys.read.elapsed() <= self.times.max_stale)
    }

    /// Has somebody look for other keys than these, because a token needs it, and gives those that are found.
    async fn look(self: &Arc<Self>, than: Option<&Arc<Keys>>) -> Option<Arc<Keys>> {
        if let Some(look) = self.cause() {
            // Late is like not at all: the look goes on.
            let _ = timeout(PATIENCE, look).await;
        }
        let found = self.keys();
        found.filter(|found| than.is_none_or(|than| !Arc::ptr_eq(found, than)))
    }

    /// The look that is under way, or a new one unless a token has caused one a moment ago.
    fn cause(self: &Arc<Self>) -> Option<Look> {
        let mut turn = self.turn();
        if let Some(look) = &turn.look {
            return Some(look.clone());
        }
        let cool_down = self.times.cool_down;
        if turn
            .caused
            .is_some_and(|caused| caused.elapsed() < cool_down)
        {
            return None;
        }
        turn.caused = Some(Instant::now());
        Some(self.launch(&mut turn))
    }

    fn join_or_launch(self: &Arc<Self>) -> Look {
        let mut turn = self.turn();
        match &turn.look {
            Some(look) => look.clone(),
            None => self.launch(&mut turn),
        }
    }

    /// Begins a look, as a task of its own: whoever waits for it may go away.
    fn launch(self: &Arc<Self>, turn: &mut Turn) -> Look {
        let this = Arc::clone(self);
        let task = tokio::spawn(async move {
            let good_for = this.read().await;
            let mut turn = this.turn();
            turn.good_for = good_for;
            turn.look = None;
        });
        let look = task.map(drop).boxed().shared();
        turn.look = Some(look.clone());
        look
    }

    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what has to be known, and says how long that is good.
    async fn read(&self) -> Option<Duration> {
        let read = match self.breaker.attempt() {
            Ok(attempt) => {
                let read = self.fetch().await;
                attempt.settle(read.is_ok());
                self.metrics.fetched(&self.issuer.name, read.is_ok());
                read
            }
            Err(wait) => Err(Problem::Broken(wait)),
        };
        let circuit = self.breaker.circuit();
        self.metrics.circuit(&self.issuer.name, "keys", circuit);
        self.note(read.as_ref().err());
        read.ok()
    }

    async fn fetch(&self) -> Result<Duration, Problem> {
        let endpoints = self.endpoints().await?;
        if self.issuer.method == Method::Introspection {
            return Ok(self.times.refresh);
        }
        let place = endpoints.jwks.as_ref();
        let place = place.ok_or_else(|| {
            let name = &self.issuer.name;
            Problem::Discovery(format!(
                "the metadata of {name} does not say where its keys are (jwks_uri)"
            ))
        })?;
        self.has_moved.store(true, Ordering::Relaxed);
        let answer = self.client.get(place).await?;
        let set = KeySet::parse(&answer.body, &self.issuer.algorithms)
            .map_err(|problem| Problem::Nonsense(place.clone(), problem))?;
        self.has_moved.store(false, Ordering::Relaxed);
        self.adopt(set, digest::digest(&digest::SHA256, &answer.body));
        let shortest = SHORTEST.min(self.times.refresh);
        let said = answer.max_age.map(|said| said.clamp(shortest, LONGEST));
        Ok(said.unwrap_or(self.times.refresh))
    }

    /// Uses these keys from now on.
    fn adopt(&self, set: KeySet, digest: digest::Digest) {
        let before = self.keys.load_full();
        let is_same = |before: Arc<Keys>| before.digest.as_ref() == digest.as_ref();
        let is_same = before.is_some_and(is_same);
        let read = Instant::now();
        self.keys.store(Some(Arc::new(Keys { set, digest, read })));
        if !is_same {
            // What was judged with the keys from before is judged again.
            self.epochs.next();
        }
    }

    /// Where things are: as configured, else as its metadata says.
    async fn endpoints(&self) -> Result<Arc<Endpoints>, Problem> {
        if let Some(known) = self.endpoints.load_full()
            && !self.has_moved.load(Ordering::Relaxed)
        {
            return Ok(known);
        }
        let introspection = self.issuer.introspection.as_ref();
        let configured = Endpoints {
            jwks: self.issuer.jwks_uri.clone(),
            introspection: introspection.and_then(|settings| settings.endpoint.clone()),
        };
        let lacks_jwks = self.issuer.method != Method::Introspection && configured.jwks.is_none();
        let lacks_introspection = introspection.is_some() && configured.introspection.is_none();
        let endpoints = if lacks_jwks || lacks_introspection {
            let found = discover(&self.client, &self.issuer).await?;
            Endpoints {
                jwks: configured.jwks.or(found.jwks),
                introspection: configured.introspection.or(found.introspection),
            }
        } else {
            configured
        };
        if introspection.is_some() && endpoints.introspection.is_none() {
            let name = &self.issuer.name;
            let problem = format!(
                "the metadata of {name} does not say where to ask about tokens (introspection_endpoint)"
            );
            return Err(Problem::Discovery(problem));
        }
        let endpoints = Arc::new(endpoints);
        self.endpoints.store(Some(Arc::clone(&endpoints)));
        Ok(endpoints)
    }

    /// Takes down how it is doing.
    pub(super) fn note(&self, problem: Option<&Problem>) {
        self.metrics.provider(&self.issuer.name, problem.is_none());
        let problem = problem.map(|problem| problem as &dyn Display);
        self.condition
            .note(&self.issuer.name, problem, self.is_ready());
    }
}
