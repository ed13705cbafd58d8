//! seccomp: which system calls remain, whatever they are about. It knows no paths, and holds where Landlock does not exist.

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompFilter, SeccompRule, TargetArch,
};

use super::calls;
use crate::sandbox::needs::Needs;
use crate::sandbox::report::Layer;

/// The number of a system call.
pub(super) type Call = i64;

/// System calls, each with the ways in which it is meant: any one of them will do, and none means all.
pub(super) type Calls = BTreeMap<Call, Vec<SeccompRule>>;

#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("{0}")]
    Filter(#[from] BackendError),
    #[error("{0}")]
    System(#[from] seccompiler::Error),
}

/// Restricts all threads.
pub(super) fn install(needs: &Needs) -> Layer {
    match apply(needs) {
        Ok(()) => Layer::Active("on".into()),
        Err(fault) => Layer::Missing(fault.to_string()),
    }
}

/// Three filters, of which the kernel takes the strictest word.
///
/// What is not allowed fails with EPERM, which a library may handle that only tries something. It is no reason to end a
/// server. What no library tries ends the process: whoever calls it is not us.
fn apply(needs: &Needs) -> Result<(), Fault> {
    let eperm = SeccompAction::Errno(libc::EPERM as u32);
    let enosys = SeccompAction::Errno(libc::ENOSYS as u32);
    let (allow, kill) = (SeccompAction::Allow, SeccompAction::KillProcess);
    let filters = [
        program(calls::deadly(), allow.clone(), kill)?,
        program(calls::unknown(), allow.clone(), enosys)?,
        // The last, because no other can be installed after it.
        program(calls::allowed(needs)?, eperm, allow)?,
    ];
    for filter in &filters {
        seccompiler::apply_filter_all_threads(filter)?;
    }
    Ok(())
}

fn program(
    calls: Calls,
    others: SeccompAction,
    these: SeccompAction,
) -> Result<BpfProgram, BackendError> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    SeccompFilter::new(calls, others, these, architecture)?.try_into()
}
