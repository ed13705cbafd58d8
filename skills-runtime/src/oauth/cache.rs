//! Tokens that were judged a moment ago, by their digest: the tokens themselves are kept nowhere.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;

use super::grant::Grant;

/// As many tokens are remembered: some 5 MB.
const TOKENS: usize = 10_000;

/// How long it is remembered that an authorization server called a token inactive. Short, because it may know better soon.
const INACTIVE: Duration = Duration::from_secs(5);

/// The SHA-256 of a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Digest([u8; 32]);

impl Digest {
    pub(super) fn of(token: &str) -> Self {
        // This implementation wipes what it has buffered of the token.
        Self(Sha256::digest(token).into())
    }
}

/// Which keys were known when something was judged: what was judged with others is judged again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Epoch(u64);

/// Counts the changes of keys.
#[derive(Debug, Default)]
pub(super) struct Epochs(AtomicU64);

impl Epochs {
    /// To be read before the keys are.
    pub(super) fn current(&self) -> Epoch {
        Epoch(self.0.load(Ordering::Acquire))
    }

    /// To be called after the keys have changed.
    pub(super) fn next(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

/// What is remembered of tokens.
#[derive(Debug)]
pub(super) struct Judged {
    grants: Cache<Digest, Remembered>,
    inactive: Cache<Digest, Instant>,
    turns: Cache<Digest, Arc<Mutex<()>>>,
    longest: Duration,
}

#[derive(Clone, Debug)]
struct Remembered {
    grant: Arc<Grant>,
    until: Instant,
    epoch: Epoch,
}

impl Judged {
    /// Grants are remembered for this long at most.
    pub(super) fn new(longest: Duration) -> Self {
        Self {
            grants: Cache::new(TOKENS),
            inactive: Cache::new(TOKENS),
            turns: Cache::new(TOKENS),
            longest,
        }
    }

    pub(super) fn grant(&self, digest: &Digest, epoch: Epoch) -> Option<Arc<Grant>> {
        let found = self.grants.get(digest)?;
        if found.epoch == epoch && Instant::now() < found.until {
            return Some(found.grant);
        }
        None
    }

    /// Remembers a grant that was judged at this time, in seconds since 1970.
    pub(super) fn remember(&self, digest: Digest, epoch: Epoch, grant: &Arc<Grant>, now: u64) {
        let left = grant.expires_at.map(|end| end.saturating_sub(now));
        let left = left.map_or(self.longest, Duration::from_secs);
        let left = left.min(self.longest);
        if left.is_zero() {
            return;
        }
        let remembered = Remembered {
            grant: Arc::clone(grant),
            until: Instant::now() + left,
            epoch,
        };
        self.grants.insert(digest, remembered);
    }

    /// Waits until nobody else is about to judge this token: when many requests come with one token that is not known, one of
    /// them asks.
    pub(super) async fn turn(&self, digest: &Digest) -> OwnedMutexGuard<()> {
        let made = || Ok::<_, Infallible>(Arc::default());
        let Ok(turn) = self.turns.get_or_insert_with(digest, made);
        turn.lock_owned().await
    }

    pub(super) fn is_inactive(&self, digest: &Digest) -> bool {
        let until = self.inactive.get(digest);
        until.is_some_and(|until| Instant::now() < until)
    }

    pub(super) fn remember_inactive(&self, digest: Digest) {
        self.inactive.insert(digest, Instant::now() + INACTIVE);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tokio::time::advance;

    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn grant(expires_at: Option<u64>) -> Arc<Grant> {
        Arc::new(Grant {
            subject: "alice".into(),
            client_id: None,
            issuer: "https://id.example.com".into(),
            scopes: BTreeSet::new(),
            expires_at,
        })
    }

    /// For how many seconds a grant is remembered.
    async fn seconds(judged: &Judged, expires_at: Option<u64>) -> u64 {
        let (digest, epoch) = (Digest::of("token"), Epochs::default().current());
        judged.remember(digest, epoch, &grant(expires_at), NOW);
        let mut seconds = 0;
        while judged.grant(&digest, epoch).is_some() {
            advance(Duration::from_secs(1)).await;
            seconds += 1;
        }
        seconds
    }

    #[tokio::test(start_paused = true)]
    async fn a_grant_is_remembered_until_it_ends_and_no_longer_than_it_may() {
        let judged = Judged::new(Duration::from_secs(60));
        assert_eq!(seconds(&judged, Some(NOW + 3600)).await, 60);
        assert_eq!(seconds(&judged, Some(NOW + 7)).await, 7);
        assert_eq!(seconds(&judged, None).await, 60);
        // It has ended, and is accepted because clocks may differ.
        assert_eq!(seconds(&judged, Some(NOW - 5)).await, 0);
        let nothing = Judged::new(Duration::ZERO);
        assert_eq!(seconds(&nothing, Some(NOW + 3600)).await, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_judged_with_other_keys_is_forgotten() {
        let (judged, epochs) = (Judged::new(Duration::from_secs(60)), Epochs::default());
        let digest = Digest::of("token");
        let before = epochs.current();
        epochs.next();
        judged.remember(digest, before, &grant(None), NOW);
        assert_eq!(judged.grant(&digest, epochs.current()), None);
        judged.remember(digest, epochs.current(), &grant(None), NOW);
        assert!(judged.grant(&digest, epochs.current()).is_some());
        epochs.next();
        assert_eq!(judged.grant(&digest, epochs.current()), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_inactive_is_asked_again_soon() {
        let (judged, digest) = (Judged::new(Duration::from_secs(60)), Digest::of("token"));
        assert!(!judged.is_inactive(&digest));
        judged.remember_inactive(digest);
        assert!(judged.is_inactive(&digest));
        assert!(!judged.is_inactive(&Digest::of("other")));
        advance(INACTIVE).await;
        assert!(!judged.is_inactive(&digest));
    }

    #[tokio::test(start_paused = true)]
    async fn however_many_tokens_come_some_are_remembered() {
        let (judged, epoch) = (
            Judged::new(Duration::from_secs(60)),
            Epochs::default().current(),
        );
        for number in 0..3 * TOKENS {
            judged.remember(Digest::of(&number.to_string()), epoch, &grant(None), NOW);
        }
        assert!(judged.grants.len() <= TOKENS, "{}", judged.grants.len());
        assert!(judged.grants.len() > TOKENS / 2);
    }
}
