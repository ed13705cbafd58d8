//! The target of a build: by default one that needs nothing of the system it runs on.

use std::fmt::{self, Display, Formatter};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::machine;

/// A target triple of rustc whose standard library is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Triple(String);

impl Triple {
    /// The one that is asked for, or else the best there is for this machine: with musl where it is installed, which links
    /// statically by itself, or else that of rustc.
    pub(crate) fn choose(asked: Option<&str>) -> Result<Self, Error> {
        if let Some(asked) = asked {
            let triple = Self(asked.to_owned());
            return if triple.is_installed()? {
                Ok(triple)
            } else {
                Err(Error::NoTarget {
                    triple: asked.to_owned(),
                })
            };
        }
        let host = host()?;
        let musl = host
            .strip_suffix("-gnu")
            .map(|rest| Self(format!("{rest}-musl")));
        if let Some(musl) = musl.filter(Self::has_c_compiler)
            && musl.is_installed()?
        {
            return Ok(musl);
        }
        Ok(Self(host))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What rustc is told, so that the executable needs no library of the system. With musl it does so unasked.
    pub(super) fn flags(&self) -> &'static [&'static str] {
        if self.0.ends_with("-linux-gnu") {
            &["-C", "target-feature=+crt-static"]
        } else {
            &[]
        }
    }

    /// Whether libraries that are part C can be compiled, as those for TLS are.
    fn has_c_compiler(&self) -> bool {
        let variable = format!("CC_{}", self.0.replace('-', "_"));
        machine::variable(&variable).is_some() || machine::has_program("musl-gcc")
    }

    fn is_installed(&self) -> Result<bool, Error> {
        let printed = rustc(&["--print", "target-libdir", "--target", &self.0])?;
        Ok(printed.is_some_and(|printed| Path::new(printed.trim()).is_dir()))
    }
}

impl Display for Triple {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The triple of this machine.
fn host() -> Result<String, Error> {
    let version = rustc(&["-vV"])?.unwrap_or_default();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Error::Start {
        program: "rustc".into(),
        source: io::Error::other("it does not say what it compiles for"),
    })
}

/// What rustc prints; nothing if it refuses.
fn rustc(arguments: &[&str]) -> Result<Option<String>, Error> {
    let program = PathBuf::from(machine::rustc());
    let output = Command::new(&program).args(arguments).output();
    let output = output.map_err(|source| Error::Start { program, source })?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(output.status.success().then_some(printed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_installed_is_chosen() {
        let chosen = Triple::choose(None).unwrap();
        assert_eq!(Triple::choose(Some(chosen.as_str())).unwrap(), chosen);
        assert!(matches!(
            Triple::choose(Some("sparc-unknown-nowhere")),
            Err(Error::NoTarget { .. })
        ));
    }
}
