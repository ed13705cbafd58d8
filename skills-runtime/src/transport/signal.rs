//! The signals that end the process: the first in good order, the second at once.

use std::io;
#[cfg(unix)]
use std::sync::Arc;

use crate::error::Error;

#[cfg(unix)]
use signal_hook::consts::{SIGINT, SIGTERM};
#[cfg(unix)]
use signal_hook::flag;
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What shells report of a process that a signal ended: this and the number of the signal.
#[cfg(unix)]
const BY_SIGNAL: i32 = 128;

/// Listens for the signals from when it is made, so that none is missed.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    terminate: Signal,
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
}

impl Signals {
    pub(crate) fn listen() -> Result<Self, Error> {
        Self::new().map_err(|source| Error::System {
            action: "listen for signals",
            source,
        })
    }

    #[cfg(unix)]
    fn new() -> io::Result<Self> {
        end_at_the_second()?;
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    #[cfg(windows)]
    fn new() -> io::Result<Self> {
        let interrupt = tokio::signal::windows::ctrl_c()?;
        Ok(Self { interrupt })
    }

    /// The name of the next signal.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }

    #[cfg(windows)]
    pub(crate) async fn next(&mut self) -> &'static str {
        self.interrupt.recv().await;
        "Ctrl-C"
    }
}

/// Has the second of these signals end the process where it arrives, in the handler: neither the event loop nor any thread
/// has to be able to go on for that.
#[cfg(unix)]
fn end_at_the_second() -> io::Result<()> {
    let has_come = Arc::default();
    for signal in [SIGTERM, SIGINT] {
        // In this order: the first is to find that none has come.
        flag::register_conditional_shutdown(signal, BY_SIGNAL + signal, Arc::clone(&has_come))?;
        flag::register(signal, Arc::clone(&has_come))?;
    }
    Ok(())
}

/// The signal that asks to read settings again, which would otherwise end the process.
#[cfg(feature = "http")]
#[derive(Debug)]
pub(crate) struct Hangups {
    #[cfg(unix)]
    signal: Option<Signal>,
}

#[cfg(feature = "http")]
impl Hangups {
    #[cfg(unix)]
    pub(crate) fn listen() -> Self {
        Self {
            signal: signal(SignalKind::hangup()).ok(),
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> Self {
        Self {}
    }

    pub(crate) async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}
