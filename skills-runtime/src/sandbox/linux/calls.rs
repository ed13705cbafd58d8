//! The system calls that a server makes, in groups, as `strace` shows them for both transports, TLS, UNIX sockets, SIGHUP,
//! metrics and the end, and what the C libraries (glibc and musl) and allocators may make of the same code elsewhere.

use libc::{
    CLONE_THREAD, O_ACCMODE, O_CREAT, O_TMPFILE, O_TRUNC, PR_SET_NAME, PR_SET_VMA, PROT_EXEC,
};
use seccompiler::{BackendError, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompRule};

use super::filter::{Call, Calls};
use crate::sandbox::needs::Needs;

/// Memory: the allocator, stacks of threads. Nothing in it becomes code: see [`data`].
const MEMORY: &[Call] = &[
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
];

/// Threads and what they wait for. Making one is in [`threads`].
const THREADS: &[Call] = &[
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_get_robust_list,
    libc::SYS_getcpu,
    libc::SYS_gettid,
    libc::SYS_membarrier,
    libc::SYS_rseq,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
];

/// Signals that come, and the one that a program ends itself with. None can be sent to another process: `kill` is not here.
const SIGNALS: &[Call] = &[
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
];

/// Time, randomness and who we are.
const FACTS: &[Call] = &[
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getrandom,
    libc::SYS_gettimeofday,
    libc::SYS_getuid,
    libc::SYS_nanosleep,
    libc::SYS_sysinfo,
    libc::SYS_uname,
];

/// What is open: read, written, measured, closed.
const STREAMS: &[Call] = &[
    libc::SYS_close,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_fcntl,
    libc::SYS_fstat,
    libc::SYS_lseek,
    libc::SYS_pread64,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
];

/// The event loop of tokio, with the pair of sockets by which it hears of signals.
const EVENTS: &[Call] = &[
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_eventfd2,
    libc::SYS_pipe2,
    libc::SYS_ppoll,
    libc::SYS_socketpair,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_epoll_wait,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
];

/// Connections. Listening sockets are made before; new sockets are in [`sockets`].
const CONNECTIONS: &[Call] = &[
    libc::SYS_accept4,
    libc::SYS_getpeername,
    libc::SYS_getsockname,
    libc::SYS_getsockopt,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_sendmsg,
    libc::SYS_sendto,
    libc::SYS_setsockopt,
    libc::SYS_shutdown,
];

/// Files that are looked at; opening is in [`opening`]. What is there shows which certificate is new.
const LOOKING: &[Call] = &[
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_getdents64,
    libc::SYS_newfstatat,
    libc::SYS_readlinkat,
    libc::SYS_statx,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_access,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lstat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_readlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_stat,
];

/// `renameat`, which `libc` does not name for glibc on ARM64.
const RENAMEAT: Call = if cfg!(target_arch = "x86_64") {
    264
} else {
    38
};

/// Files that are kept: the audit log.
const KEEPING: &[Call] = &[
    libc::SYS_fdatasync,
    libc::SYS_flock,
    libc::SYS_fsync,
    libc::SYS_ftruncate,
    RENAMEAT,
    libc::SYS_renameat2,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_rename,
];

/// Files that are removed: the audit log that is too old, the UNIX socket.
const REMOVING: &[Call] = &[
    libc::SYS_unlinkat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_unlink,
];

/// What runs another program, or reads and changes another process.
const DEADLY: &[Call] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_pidfd_getfd,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
];

/// Calls whose arguments a filter cannot see. Libraries do without them where they do not exist, and then make calls whose
/// arguments it does see.
const OPAQUE: &[Call] = &[libc::SYS_clone3, libc::SYS_openat2];

/// `ioctl` on what is open: whether it waits (`FIONBIO`), is closed at `execve` (`FIOCLEX`), is a terminal (`TCGETS`) and how
/// wide (`TIOCGWINSZ`). The C libraries disagree on the type of these numbers.
const CONTROLS: [u64; 4] = [0x5421, 0x5451, 0x5401, 0x5413];

/// What ends the process.
pub(super) fn deadly() -> Calls {
    DEADLY.iter().map(|call| (*call, Vec::new())).collect()
}

/// What does not exist.
pub(super) fn unknown() -> Calls {
    OPAQUE.iter().map(|call| (*call, Vec::new())).collect()
}

/// What remains, for a server with these needs.
pub(super) fn allowed(needs: &Needs) -> Result<Calls, BackendError> {
    let Needs {
        reads: _,
        writes,
        removes,
        connects,
        figures: _,
    } = needs;
    let opens = needs.opens();
    let mut groups = vec![
        MEMORY,
        THREADS,
        SIGNALS,
        FACTS,
        STREAMS,
        EVENTS,
        CONNECTIONS,
        // The filter before lets nothing of it through, and says more fittingly why.
        OPAQUE,
        DEADLY,
    ];
    // Looking without opening harms nothing, and standard libraries look at what is open by these calls.
    groups.push(LOOKING);
    if !writes.is_empty() {
        groups.push(KEEPING);
    }
    if !writes.is_empty() || !removes.is_empty() {
        groups.push(REMOVING);
    }
    let each = groups.into_iter().flatten();
    let mut calls: Calls = each.map(|call| (*call, Vec::new())).collect();
    calls.extend(data()?);
    calls.extend(threads()?);
    calls.extend(own()?);
    if opens {
        calls.extend(opening(!writes.is_empty())?);
    }
    if !connects.is_empty() {
        calls.extend(sockets()?);
    }
    Ok(calls)
}

/// Memory that is never executed, so that no data becomes code.
fn data() -> Result<Calls, BackendError> {
    let is_no_code = || masked(2, PROT_EXEC as u64, 0);
    Ok(Calls::from([
        (libc::SYS_mmap, vec![rule([is_no_code()?])?]),
        (libc::SYS_mprotect, vec![rule([is_no_code()?])?]),
    ]))
}

/// `clone` for threads, not for processes; `prctl` for names of threads and of memory only.
fn threads() -> Result<Calls, BackendError> {
    let thread = CLONE_THREAD as u64;
    Ok(Calls::from([
        (libc::SYS_clone, vec![rule([masked(0, thread, thread)?])?]),
        (
            libc::SYS_prctl,
            vec![
                rule([is(0, PR_SET_NAME as u64)?])?,
                rule([is(0, PR_SET_VMA as u64)?])?,
            ],
        ),
        // Limits are read, which is when no new one is given.
        (libc::SYS_prlimit64, vec![rule([is_nothing(2)?])?]),
    ]))
}

/// What concerns this process alone: its end by a signal of its own, and how its streams behave.
fn own() -> Result<Calls, BackendError> {
    let process = u64::from(std::process::id());
    let controls = CONTROLS.iter().map(|control| rule([is(1, *control)?]));
    Ok(Calls::from([
        (libc::SYS_tgkill, vec![rule([is(0, process)?])?]),
        (
            libc::SYS_ioctl,
            controls.collect::<Result<Vec<_>, BackendError>>()?,
        ),
    ]))
}

/// Opening files: to read them, or to write, too.
fn opening(writes: bool) -> Result<Calls, BackendError> {
    let changes = (O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & !libc::O_DIRECTORY)) as u64;
    let rules = |flags| {
        if writes {
            return Ok(Vec::new());
        }
        Ok(vec![rule([masked(flags, changes, 0)?])?])
    };
    Ok(Calls::from([
        (libc::SYS_openat, rules(2)?),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_open, rules(1)?),
    ]))
}

/// Sockets to connect from: TCP, and UDP for names; the C library asks the kernel (netlink) which addresses there are.
fn sockets() -> Result<Calls, BackendError> {
    let families = [libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];
    let families = families.map(|family| rule([is(0, u64::from(family.unsigned_abs()))?]));
    let mut calls = Calls::from([(
        libc::SYS_socket,
        families
            .into_iter()
            .collect::<Result<Vec<_>, BackendError>>()?,
    )]);
    // `bind` is what the C library opens netlink with; Landlock keeps TCP from it.
    for call in [libc::SYS_connect, libc::SYS_bind, libc::SYS_sendmmsg] {
        calls.insert(call, Vec::new());
    }
    Ok(calls)
}

fn rule<const N: usize>(conditions: [SeccompCondition; N]) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(conditions.into())
}

fn is(argument: u8, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)
}

/// A pointer to nothing.
fn is_nothing(argument: u8) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0)
}

fn masked(argument: u8, mask: u64, value: u64) -> Result<SeccompCondition, BackendError> {
    let operator = SeccompCmpOp::MaskedEq(mask);
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
}
