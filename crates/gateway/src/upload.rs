//! Takes an uploaded PDF in, in constant memory: from the form into the blob store, hashed on the way.
//!
//! Only the beginning is looked at, to refuse what is no PDF at all. Whether it is a good one is the
//! worker's business. What the client called the file is never read: it often is a pupil's name.

mod magic;
mod pdf_part;
mod receive;

pub(crate) use receive::{OVERHEAD, receive};

use std::sync::Arc;
use std::time::Duration;

use contracts::Code;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How long an upload may wait for its turn. Its bytes wait with the client.
const TURN: Duration = Duration::from_secs(10);

/// What uploads may take.
#[derive(Debug, Clone)]
pub(crate) struct Uploads {
    max_bytes: u64,
    turns: Arc<Semaphore>,
}

impl Uploads {
    /// Files of at most `max_bytes`, at most `at_once` at a time.
    pub(crate) fn new(max_bytes: u64, at_once: usize) -> Self {
        Self {
            max_bytes,
            turns: Arc::new(Semaphore::new(at_once)),
        }
    }

    /// The size of the largest file.
    pub(crate) fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// Waits until one of the uploads under way has ended, if there are too many.
    pub(crate) async fn turn(&self) -> Result<OwnedSemaphorePermit, Code> {
        let turn = timeout(TURN, Arc::clone(&self.turns).acquire_owned()).await;
        turn.ok().and_then(Result::ok).ok_or(Code::Unavailable)
    }
}
