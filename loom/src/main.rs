//! The pool under every order in which threads can come at it, as `loom` tries them: the same source, with the locks and counters
//! of `loom` in the place of those of the standard library.

mod sync {
    // What counts its owners decides nothing here.
    pub(crate) use std::sync::{Arc, PoisonError};

    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
    pub(crate) use loom::sync::{Mutex, MutexGuard};

    /// The same in each run, which `loom` needs to repeat it.
    pub(crate) type RandomState = std::hash::BuildHasherDefault<std::hash::DefaultHasher>;
}

#[path = "../../skills-runtime/src/pool/mod.rs"]
mod pool;

use loom::thread;
use pool::{Lease, Pool, Shares};
use std::sync::Arc;

type Clients = Arc<Pool<u8>>;

fn main() {
    model("no client gets more than its share at once", share);
    model("all clients together get no more than there is", total);
    model(
        "what is given back while others take is not lost",
        given_back,
    );
    model("a lease that grows is counted once", growth);
}

fn model(promise: &str, threads: fn()) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(threads);
    let mut out = std::io::stdout();
    // Whoever reads nothing of it sees the exit code.
    let _ = std::io::Write::write_all(&mut out, format!("{promise}: ok\n").as_bytes());
}

fn shares(total: u64, share: u64) -> Shares {
    Shares {
        total,
        share,
        floor: share,
        reserve: 0,
    }
}

/// What two threads get that each take once, while both hold what they got.
fn both(pool: &Clients, clients: [u8; 2]) -> usize {
    let threads = clients.map(|client| {
        let pool = Arc::clone(pool);
        thread::spawn(move || pool.take(Some(&client), 1).ok())
    });
    let leases = threads.map(|thread| thread.join().expect("it ends"));
    leases.iter().flatten().count()
}

fn share() {
    let pool = Pool::new(shares(8, 1));
    assert_eq!(both(&pool, [1, 1]), 1);
    assert!(pool.take(Some(&1), 1).is_ok(), "all is given back");
}

fn total() {
    let pool = Pool::new(shares(1, 1));
    assert_eq!(both(&pool, [1, 2]), 1);
    assert!(pool.take(Some(&3), 1).is_ok(), "all is given back");
}

fn given_back() {
    let pool = Pool::new(shares(2, 2));
    let held = pool.take(Some(&1), 1).expect("it is empty");
    let giving = thread::spawn(move || drop(held));
    let taken = pool.take(Some(&1), 1).expect("there are two");
    giving.join().expect("it ends");
    let second = pool.take(Some(&1), 1).expect("one was given back");
    assert!(pool.take(Some(&1), 1).is_err(), "there are no three");
    drop((taken, second));
    assert!(pool.take(Some(&2), 2).is_ok());
}

fn growth() {
    let pool = Pool::new(shares(3, 3));
    let grown = |pool: &Clients| {
        let pool = Arc::clone(pool);
        thread::spawn(move || {
            let mut lease: Lease<u8> = pool.take(Some(&1), 1).ok()?;
            let _ = lease.grow(1);
            Some(lease.weight())
        })
    };
    let threads = [grown(&pool), grown(&pool)];
    let weights = threads.map(|thread| thread.join().expect("it ends"));
    assert!(weights.iter().flatten().all(|weight| *weight <= 2));
    assert!(pool.take(Some(&2), 3).is_ok(), "all is given back");
}
