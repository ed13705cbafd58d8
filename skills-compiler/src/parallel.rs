//! Work that is shared among the processors, with results in the order of the items.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread::{self, ScopedJoinHandle};

/// What `function` makes of each item.
pub fn map<T: Sync, R: Send>(items: &[T], function: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let workers = processors().min(items.len());
    if workers <= 1 {
        return items.iter().map(function).collect();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let indices = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        indices
            .map_while(|index| Some((index, function(items.get(index)?))))
            .collect::<Vec<_>>()
    };
    let results = thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        joined(threads)
    });
    in_order(results)
}

/// What `function` makes of each item that `produce` hands on, and what `produce` returns in the end. The work on the first
/// items begins while the others are still being produced.
pub(crate) fn map_produced<T: Send, R: Send, P>(
    produce: impl FnOnce(&mut dyn FnMut(T)) -> P,
    function: impl Fn(T) -> R + Sync,
) -> (P, Vec<R>) {
    let (sender, receiver) = mpsc::channel();
    let receiver = Mutex::new(receiver);
    let take = || {
        let receiver = receiver.lock().unwrap_or_else(PoisonError::into_inner);
        receiver.recv().ok()
    };
    let work = || {
        let items = std::iter::from_fn(take);
        items
            .map(|(index, item)| (index, function(item)))
            .collect::<Vec<_>>()
    };
    let (made, results) = thread::scope(|scope| {
        let threads = (0..processors()).map(|_| scope.spawn(work)).collect();
        let mut indices = 0..;
        let made = produce(&mut |item| {
            // Those who receive are there until the sender is dropped.
            let _ = sender.send((indices.next().unwrap_or(usize::MAX), item));
        });
        drop(sender);
        (made, joined(threads))
    });
    (made, in_order(results))
}

/// Drops the items: a large tree of small allocations takes longer to free than to look at once.
pub(crate) fn free<T: Send>(mut items: Vec<T>) {
    let share = items.len().div_ceil(processors()).max(1);
    thread::scope(|scope| {
        while !items.is_empty() {
            let part = items.split_off(items.len().saturating_sub(share));
            scope.spawn(move || drop(part));
        }
    });
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

fn joined<T>(threads: Vec<ScopedJoinHandle<'_, Vec<T>>>) -> Vec<T> {
    let results = threads.into_iter().map(ScopedJoinHandle::join);
    results
        .flat_map(|result| result.unwrap_or_else(|panic| resume_unwind(panic)))
        .collect()
}

fn in_order<R>(mut results: Vec<(usize, R)>) -> Vec<R> {
    results.sort_unstable_by_key(|&(index, _)| index);
    results.into_iter().map(|(_, result)| result).collect()
}
