//! The state of a connection, as readiness checks see it.

use tokio::sync::watch;

use crate::Error;

/// How a connection to the broker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not connected yet.
    Connecting,
    /// Topology declared, ready for work.
    Connected,
    /// Connected, but the broker takes no messages.
    Blocked,
    /// It was connected or could not be; the next attempt follows.
    Lost,
    /// An exchange or queue exists with other arguments. There is no further attempt.
    Mismatch {
        /// The exchange or queue.
        name: &'static str,
    },
}

impl State {
    /// Waits until `state` is connected for the first time, or can never be.
    ///
    /// # Errors
    /// [`Error::TopologyMismatch`], or [`Error::Stopped`] if the connection is not run any more.
    pub async fn connected(mut state: watch::Receiver<Self>) -> Result<(), Error> {
        loop {
            match *state.borrow_and_update() {
                Self::Connected | Self::Blocked => return Ok(()),
                Self::Mismatch { name } => return Err(Error::TopologyMismatch { name }),
                Self::Connecting | Self::Lost => {}
            }
            state.changed().await.map_err(|_sender_gone| Error::Stopped)?;
        }
    }
}
