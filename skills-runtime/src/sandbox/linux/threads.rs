//! The threads of this process besides the one that asks.

/// The harness of the unit tests runs each test in a thread beside its first one.
const OF_TESTS: usize = if cfg!(test) { 1 } else { 0 };

/// Threads that were started before the sandbox, for people; nothing if there are none.
#[expect(
    clippy::disallowed_methods,
    reason = "the kernel lists the threads of a process in a folder"
)]
pub(super) fn others() -> Option<String> {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else {
        return Some("threads started before it, if there are any: /proc cannot be read".into());
    };
    match tasks.count() - OF_TESTS {
        0 | 1 => None,
        2 => Some("the thread that was started before it".into()),
        count => Some(format!(
            "the {} threads that were started before it",
            count - 1
        )),
    }
}
