//! The wish to stop: Ctrl-C, or SIGTERM.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::Failure;

/// Hears when we are asked to stop. From then on the signals do nothing else.
pub(crate) struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    pub(crate) fn listen() -> Result<Self, Failure> {
        let failed = |error| Failure::new(error, "check the limits of threads and files");
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(failed)?,
            terminate: signal(SignalKind::terminate()).map_err(failed)?,
        })
    }

    /// Waits until we are asked.
    pub(crate) async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
