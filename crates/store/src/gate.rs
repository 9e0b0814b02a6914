//! The wait for a connection: bounded, measured, and on the asynchronous side, where it costs nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use telemetry::metrics;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::Error;

/// Lets in as many at a time as there are connections.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    patience: Duration,
}

impl Gate {
    pub(crate) fn new(places: u32, patience: Duration) -> Self {
        let places = usize::try_from(places).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            places: Arc::new(Semaphore::new(places)),
            waiting: Arc::default(),
            patience,
        }
    }

    /// A place, kept until the permit is dropped. [`Error::Busy`] if none was free in time.
    pub(crate) async fn enter(&self) -> Result<OwnedSemaphorePermit, Error> {
        let since = Instant::now();
        let _counted = Waiting::begin(&self.waiting);
        let permit = Arc::clone(&self.places).acquire_owned();
        let permit = tokio::time::timeout(self.patience, permit).await;
        metrics::pool_wait(since.elapsed());
        match permit {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(Error::Busy),
        }
    }
}

/// One who waits. Also counted down when the wait is given up from outside.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        metrics::pool_pending(count.fetch_add(1, Ordering::Relaxed) + 1);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        metrics::pool_pending(self.0.fetch_sub(1, Ordering::Relaxed).saturating_sub(1));
    }
}
