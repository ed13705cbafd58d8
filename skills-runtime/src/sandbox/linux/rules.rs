//! Landlock: which files and ports remain, whoever asks for them. It knows paths, which seccomp does not.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, NetPort, PathBeneath, PathFd,
    PathFdError, RestrictSelfAttr, RestrictionStatus, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, RulesetError, Scope,
};

use super::threads;
use crate::sandbox::needs::{Needs, parent};
use crate::sandbox::report::Layer;

/// The newest version of Landlock whose every right is known here; what the kernel lacks of it is left out.
const KNOWN: ABI = ABI::V7;

/// Where names of machines are looked up.
const NAMES: [&str; 8] = [
    "/etc/gai.conf",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/resolv.conf",
    "/etc/services",
    "/run/systemd/resolve",
    "/var/run/nscd",
];

/// The port of name servers, which are asked over TCP where an answer is too long for UDP.
const DOMAIN: u16 = 53;

#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("{0}")]
    Rules(#[from] RulesetError),
    #[error("{}: {source}", .path.display())]
    Path { path: PathBuf, source: PathFdError },
}

/// Restricts all threads where the kernel can (Linux 7.0), and otherwise this one and those that it will start.
pub(super) fn restrict(needs: &Needs) -> Layer {
    // Before the files that say it are out of reach.
    let others = threads::others();
    match apply(needs) {
        Ok(RestrictionStatus {
            landlock: LandlockStatus::Available { effective_abi, .. },
            all_threads,
            ..
        }) => match others.filter(|_| !all_threads) {
            Some(others) => Layer::Partial(extent(effective_abi), others),
            None => Layer::Active(extent(effective_abi)),
        },
        Ok(RestrictionStatus {
            landlock: LandlockStatus::NotEnabled,
            ..
        }) => Layer::Missing("the kernel has it and was started without it (lsm=)".into()),
        Ok(_) => Layer::Missing("the kernel has none, or a container forbids it".into()),
        Err(fault) => Layer::Missing(fault.to_string()),
    }
}

/// What a version restricts, for people.
fn extent(abi: ABI) -> String {
    let mut parts = vec!["files"];
    if abi >= ABI::V4 {
        parts.push("TCP");
    }
    if abi >= ABI::V6 {
        parts.push("signals");
    }
    format!("{abi} ({})", parts.join(", "))
}

fn apply(needs: &Needs) -> Result<RestrictionStatus, Fault> {
    let Needs {
        reads,
        writes,
        removes,
        connects,
        figures,
    } = needs;
    let rules = Ruleset::default()
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?
        .create()?;
    let mut rules = rules.all_threads(true)?;
    for directory in reads.iter().flat_map(|file| directories(file)) {
        rules = allow(rules, &directory, AccessFs::ReadFile | AccessFs::ReadDir)?;
    }
    let writing = AccessFs::ReadFile
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::RemoveFile;
    for directory in writes {
        rules = allow(rules, directory, writing)?;
    }
    for directory in removes {
        rules = allow(rules, directory, AccessFs::RemoveFile.into())?;
    }
    if *figures {
        rules = allow_figures(rules)?;
    }
    if !connects.is_empty() {
        let reading = AccessFs::ReadFile | AccessFs::ReadDir;
        rules = rules.add_rules(landlock::path_beneath_rules(NAMES, reading))?;
        for port in connects.iter().copied().chain([DOMAIN]) {
            rules = rules.add_rule(NetPort::new(port, AccessNet::ConnectTcp))?;
        }
    }
    Ok(rules.restrict_self()?)
}

fn allow(
    rules: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, Fault> {
    Ok(rules.add_rule(PathBeneath::new(opened(path)?, access))?)
}

fn opened(path: &Path) -> Result<PathFd, Fault> {
    PathFd::new(path).map_err(|source| Fault::Path {
        path: path.to_owned(),
        source,
    })
}

/// The directory that a file is named in, and the one that it is in, if it is a symbolic link.
fn directories(file: &Path) -> Vec<PathBuf> {
    let named = parent(file);
    let target = file.canonicalize().ok().map(|target| parent(&target));
    let mut directories = vec![named];
    directories.extend(target);
    directories
}

/// `/proc/self`. The kernel may forget what it is and make it anew, and the rule would be for the old one: so it is held open.
fn allow_figures(rules: RulesetCreated) -> Result<RulesetCreated, Fault> {
    let path = Path::new("/proc/self");
    let rules = allow(rules, path, AccessFs::ReadFile | AccessFs::ReadDir)?;
    std::mem::forget(opened(path)?);
    Ok(rules)
}
