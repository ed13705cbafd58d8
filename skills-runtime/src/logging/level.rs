//! How much is logged.

use serde::Deserialize;
use tracing_subscriber::filter::{LevelFilter, Targets};

use super::OURS;

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Off,
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

impl Level {
    /// All levels, from least to most.
    pub(crate) const ALL: [Self; 6] = [
        Self::Off,
        Self::Error,
        Self::Warn,
        Self::Info,
        Self::Debug,
        Self::Trace,
    ];

    /// The word for it on the command line and in the environment.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }

    /// What lets through what is to be logged.
    pub(super) fn filter(self) -> Targets {
        Targets::new()
            .with_default(self.theirs())
            .with_target(OURS, self.ours())
    }

    const fn ours(self) -> LevelFilter {
        match self {
            Self::Off => LevelFilter::OFF,
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
            Self::Trace => LevelFilter::TRACE,
        }
    }

    /// rmcp logs three lines at `info` for every stateless request, whole messages at `debug`, every mistake of a client
    /// at `warn` and everyone who goes away at `error`, with which clients could fill a log, or the pipe of a host that
    /// does not read it, and stop us. What goes wrong in it, clients are told, and `debug` shows.
    const fn theirs(self) -> LevelFilter {
        match self {
            Self::Off | Self::Error | Self::Warn | Self::Info => LevelFilter::OFF,
            Self::Debug => LevelFilter::INFO,
            Self::Trace => LevelFilter::TRACE,
        }
    }
}

/// How much is to be logged, and who says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) level: Level,
    pub(crate) by: Source,
}

/// Who can say it; the last of these that does is right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Source {
    #[default]
    Default,
    Environment,
    CommandLine,
    #[cfg(feature = "http")]
    Policy,
}

#[cfg(feature = "http")]
impl Source {
    /// What it is called where settings are shown.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Environment => "environment",
            Self::CommandLine => "command line",
            Self::Policy => "policy",
        }
    }
}
