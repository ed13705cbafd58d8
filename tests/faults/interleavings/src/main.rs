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

#[allow(dead_code, unexpected_cfgs, reason = "it is a file of another package, and not all of it is used here")]
#[path = "../../../../skills-runtime/src/pool/mod.rs"]
mod pool;

use loom::thread;
use pool::{Pool, Shares};

const SHARES: Shares = Shares { total: 4, share: 2, floor: 1, reserve: 1 };

fn main() {
    check("two clients never hold more than there is", || {
        both(1, 2, |pool, client| {
            let leases = [pool.take(Some(&client), 1), pool.take(Some(&client), 1)];
            let held = leases.iter().flatten().count();
            assert!(held >= 1, "there is room for one of each");
        });
    });
    check("one client never holds more than its share", || {
        let pool = Pool::<u8>::new(SHARES);
        let other = std::sync::Arc::clone(&pool);
        let thread = thread::spawn(move || other.take(Some(&1), 2).ok());
        let own = pool.take(Some(&1), 2).ok();
        let both = (own, thread.join().expect("it takes what it gets"));
        assert!(both.0.is_none() || both.1.is_none(), "a share is 2");
        drop(both);
        assert!(is_empty(&pool));
    });
    check("a lease that grows beside others is given back whole", || {
        both(1, 2, |pool, client| {
            if let Ok(mut lease) = pool.take(Some(&client), 1) {
                let grown = lease.grow(1).is_ok();
                assert_eq!(lease.weight(), 1 + u64::from(grown));
            }
        });
    });
    check("what is given back while the same client takes is not lost", || {
        let pool = Pool::<u8>::new(Shares { total: 2, share: 2, floor: 2, reserve: 0 });
        let held = pool.take(Some(&1), 1).expect("it is empty");
        let giving = thread::spawn(move || drop(held));
        let taken = pool.take(Some(&1), 1).expect("there are two");
        giving.join().expect("it ends");
        let second = pool.take(Some(&1), 1).expect("one was given back");
        assert!(pool.take(Some(&1), 1).is_err(), "there are no three");
        drop((taken, second));
        assert!(pool.take(Some(&2), 2).is_ok(), "all was given back");
    });
    check("all clients together never hold more than the total", || {
        let pool = Pool::<u8>::new(SHARES);
        let other = std::sync::Arc::clone(&pool);
        let thread = thread::spawn(move || [other.take(Some(&2), 2).ok(), other.take(None, 1).ok()]);
        let own = [pool.take(Some(&1), 2).ok(), pool.take(Some(&3), 1).ok()];
        let others = thread.join().expect("it takes what it gets");
        let held: u64 = own.iter().chain(&others).flatten().map(pool::Lease::weight).sum();
        assert!(held <= SHARES.total, "{held}");
        drop((own, others));
        assert!(is_empty(&pool));
    });
}

/// Two threads that each do this with one pool; afterwards nothing is taken.
fn both(one: u8, other: u8, act: fn(&std::sync::Arc<Pool<u8>>, u8)) {
    let pool = Pool::new(SHARES);
    let shared = std::sync::Arc::clone(&pool);
    let thread = thread::spawn(move || act(&shared, other));
    act(&pool, one);
    thread.join().expect("the other thread holds to it, too");
    assert!(is_empty(&pool));
}

/// Whether nothing is taken: all but the reserve is to be had.
fn is_empty(pool: &std::sync::Arc<Pool<u8>>) -> bool {
    let rest = SHARES.total - SHARES.reserve;
    pool.take(None, rest).is_ok() && pool.take(None, rest + 1).is_err()
}

fn check(what: &str, model: fn()) {
    let mut builder = loom::model::Builder::new();
    // Two threads that change places at most three times: more finds nothing in practice, and takes hours.
    builder.preemption_bound = Some(3);
    builder.check(model);
    println!("PASS  {what}");
}
