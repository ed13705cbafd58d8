//! Keeps the memory of the process, in which callers' tokens pass by, from other processes of its user and from the disk.
//!
//! The sandbox limits what this process can do to others; this limits what others can do to it, and holds in every mode.

#[cfg(unix)]
use rustix::process::{Resource, Rlimit, setrlimit};

/// Makes the process one that its user cannot trace, read or dump; called before anything secret is read. Returns what the
/// system refused.
pub(crate) fn harden() -> Result<(), &'static str> {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};

        // `ptrace`, `/proc/PID/mem`, `/proc/PID/environ` and core dumps, also those that a program collects.
        set_dumpable_behavior(DumpableBehavior::NotDumpable)
            .map_err(|_| "Other processes of this user can read the memory of this one")?;
    }
    // On Linux the second bar for core dumps, for programs that tools start; elsewhere the only one.
    #[cfg(unix)]
    {
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        setrlimit(Resource::Core, none)
            .map_err(|_| "A crash of this process may leave a core dump")?;
    }
    Ok(())
}
