//! Pools in every order in which threads can run: the file of the runtime itself, with the checked locks and counters of loom in
//! place of the real ones. The drain and the caches are not here: they wait on tokio's channels, and on a library's own locks.

mod sync {
    pub(crate) use std::collections::hash_map::DefaultHasher;
    pub(crate) use std::sync::{Arc, PoisonError};

    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
    pub(crate) use loom::sync::{Mutex, MutexGuard};

    /// Every run has to take the same turns.
    pub(crate) type RandomState = std::hash::BuildHasherDefault<DefaultHasher>;
}

#[allow(dead_code, reason = "not all of it is shared by threads")]
#[path = "../../../../skills-runtime/src/pool/mod.rs"]
mod pool;

use loom::thread;
use pool::{Pool, Shares};

const SHARES: Shares = Shares { total: 4, share: 2, floor: 1, reserve: 1 };

fn main() {
    check("two clients never hold more than there is", || {
        both(1, 2, |pool, client| {
            let leases = [pool.take(Some(&client), 1), pool.take(Some(&client), 1)];
            let held = leases.iter().flatten().count() as u64;
            assert!(held >= 1, "there is room for one of each");
            assert!(pool.taken() >= held && pool.taken() <= SHARES.total);
        });
    });
    check("one client never holds more than its share", || {
        both(1, 1, |pool, client| {
            let first = pool.take(Some(&client), 1);
            let second = pool.take(Some(&client), 2);
            assert!(second.is_err() || first.is_err(), "a share is 2");
            assert!(pool.taken() <= SHARES.total);
        });
    });
    check("a lease that grows beside others is given back whole", || {
        both(1, 2, |pool, client| {
            let lease = pool.take(Some(&client), 1);
            if let Ok(mut lease) = lease {
                let grown = lease.grow(1).is_ok();
                assert_eq!(lease.weight(), 1 + u64::from(grown));
            }
        });
    });
    check("callers without a client leave the reserve alone", || {
        let pool = Pool::<u8>::new(SHARES);
        let other = std::sync::Arc::clone(&pool);
        let thread = thread::spawn(move || other.take(None, 3).is_ok());
        let anonymous = pool.take(None, 1);
        let newcomer = pool.take(Some(&1), 1);
        assert!(newcomer.is_ok() || anonymous.is_ok());
        let _ = thread.join();
        drop((anonymous, newcomer));
        assert_eq!(pool.taken(), 0);
    });
}

/// Two threads that each do this with one pool; afterwards nothing is taken.
fn both(one: u8, other: u8, act: fn(&std::sync::Arc<Pool<u8>>, u8)) {
    let pool = Pool::new(SHARES);
    let shared = std::sync::Arc::clone(&pool);
    let thread = thread::spawn(move || act(&shared, other));
    act(&pool, one);
    thread.join().expect("the other thread holds to it, too");
    assert_eq!(pool.taken(), 0);
}

fn check(what: &str, model: fn()) {
    let mut builder = loom::model::Builder::new();
    // Two threads that change places at most three times: more finds nothing in practice, and takes hours.
    builder.preemption_bound = Some(3);
    builder.check(model);
    println!("PASS  {what}");
}
