//! The wait for a connection: bounded, measured, and on the asynchronous side, where it costs nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use telemetry::metrics;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::Error;

/// For one connection, so many may wait at a time. Who comes then is told at once, while the others still get their turn.
const WAITING_PER_PLACE: usize = 32;

/// Lets in as many at a time as there are connections.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    places: Arc<Semaphore>,
    /// The places that changes may take.
    changes: Arc<Semaphore>,
    /// Those of them that work in bulk may take.
    bulk: Arc<Semaphore>,
    share: Share,
    waiting: Arc<Queues>,
    longest_queue: usize,
    patience: Duration,
}

/// Who comes, by how much of the places they may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Share {
    /// Who reads finds a place also while changes wait for each other, or for a table that somebody keeps.
    All,
    /// Who changes something leaves a quarter of the places to who reads.
    Changes,
    /// Work in bulk takes no more than half: who works at a desk finds a place.
    Bulk,
}

/// How many wait. Each share has a queue of its own, or one would fill that of another.
#[derive(Debug, Default)]
struct Queues {
    all: AtomicUsize,
    changes: AtomicUsize,
    bulk: AtomicUsize,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _one: OwnedSemaphorePermit,
    _of_changes: Option<OwnedSemaphorePermit>,
    _of_bulk: Option<OwnedSemaphorePermit>,
}

impl Gate {
    pub(crate) fn new(places: u32, patience: Duration) -> Self {
        let places = usize::try_from(places).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            places: Arc::new(Semaphore::new(places)),
            changes: Arc::new(Semaphore::new(places - places / 4)),
            bulk: Arc::new(Semaphore::new((places / 2).max(1))),
            share: Share::All,
            waiting: Arc::default(),
            longest_queue: places.saturating_mul(WAITING_PER_PLACE),
            patience,
        }
    }

    /// The same gate for who changes something.
    pub(crate) fn for_changes(&self) -> Self {
        Self {
            share: Share::Changes,
            ..self.clone()
        }
    }

    /// The same gate for work in bulk.
    pub(crate) fn for_bulk(&self) -> Self {
        Self {
            share: Share::Bulk,
            ..self.clone()
        }
    }

    /// Whether it is the one for work in bulk.
    pub(crate) fn is_for_bulk(&self) -> bool {
        self.share == Share::Bulk
    }

    /// A place. [`Error::Busy`] if none was free in time, or too many wait already.
    pub(crate) async fn enter(&self) -> Result<Place, Error> {
        let since = Instant::now();
        let (counted, before) = Waiting::begin(&self.waiting, self.share);
        if before >= self.longest_queue {
            return Err(Error::Busy);
        }
        let place = tokio::time::timeout(self.patience, self.place()).await;
        drop(counted);
        metrics::pool_wait(since.elapsed());
        place.unwrap_or(Err(Error::Busy))
    }

    async fn place(&self) -> Result<Place, Error> {
        // Work in bulk changes things too.
        let (bulk, changes) = match self.share {
            Share::All => (None, None),
            Share::Changes => (None, Some(&self.changes)),
            Share::Bulk => (Some(&self.bulk), Some(&self.changes)),
        };
        // In this order: who waits for one of the narrower share keeps none of the wider one.
        Ok(Place {
            _of_bulk: taken_of(bulk).await?,
            _of_changes: taken_of(changes).await?,
            _one: taken(&self.places).await?,
        })
    }
}

async fn taken_of(share: Option<&Arc<Semaphore>>) -> Result<Option<OwnedSemaphorePermit>, Error> {
    match share {
        Some(places) => Ok(Some(taken(places).await?)),
        None => Ok(None),
    }
}

async fn taken(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Error> {
    let permit = Arc::clone(places).acquire_owned().await;
    permit.map_err(|_closed| Error::Busy)
}

/// One who waits. Also counted down when the wait is given up from outside.
struct Waiting<'a> {
    queues: &'a Queues,
    queue: &'a AtomicUsize,
}

impl<'a> Waiting<'a> {
    /// One more, and how many there were before in the same queue.
    fn begin(queues: &'a Queues, share: Share) -> (Self, usize) {
        let queue = match share {
            Share::All => &queues.all,
            Share::Changes => &queues.changes,
            Share::Bulk => &queues.bulk,
        };
        let before = queue.fetch_add(1, Ordering::Relaxed);
        queues.tell();
        (Self { queues, queue }, before)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.queue.fetch_sub(1, Ordering::Relaxed);
        self.queues.tell();
    }
}

impl Queues {
    fn tell(&self) {
        let queues = [&self.all, &self.changes, &self.bulk];
        metrics::pool_pending(queues.iter().map(|queue| queue.load(Ordering::Relaxed)).sum());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn work_in_bulk_leaves_half_of_the_places_to_everybody_else() {
        let gate = Gate::new(4, PATIENCE);
        let bulk = gate.for_bulk();
        let _two = (bulk.enter().await.unwrap(), bulk.enter().await.unwrap());
        assert_eq!(bulk.enter().await.unwrap_err(), Error::Busy);
        let _two_more = (gate.enter().await.unwrap(), gate.enter().await.unwrap());
        assert_eq!(gate.enter().await.unwrap_err(), Error::Busy);
    }

    #[tokio::test]
    async fn changes_and_work_in_bulk_together_leave_a_quarter_of_the_places_to_who_reads() {
        let gate = Gate::new(4, PATIENCE);
        let (changes, bulk) = (gate.for_changes(), gate.for_bulk());
        let _two = (bulk.enter().await.unwrap(), bulk.enter().await.unwrap());
        let _third = changes.enter().await.unwrap();
        assert_eq!(changes.enter().await.unwrap_err(), Error::Busy);
        let _read = gate.enter().await.unwrap();
        assert_eq!(gate.enter().await.unwrap_err(), Error::Busy);
    }

    #[tokio::test]
    async fn whoever_comes_when_too_many_wait_is_told_at_once() {
        let gate = Gate::new(1, Duration::from_mins(10));
        let _place = gate.enter().await.unwrap();
        let mut waiting: Vec<_> = (0..WAITING_PER_PLACE).map(|_| Box::pin(gate.enter())).collect();
        for one in &mut waiting {
            assert!(polled(one).is_pending());
        }
        assert_eq!(gate.enter().await.unwrap_err(), Error::Busy);
        drop(waiting);
        assert!(polled(&mut Box::pin(gate.enter())).is_pending());
    }

    #[tokio::test]
    async fn a_queue_that_work_in_bulk_has_filled_is_not_that_of_everybody_else() {
        let gate = Gate::new(1, Duration::from_mins(10));
        let bulk = gate.for_bulk();
        let _place = gate.enter().await.unwrap();
        let mut waiting: Vec<_> = (0..WAITING_PER_PLACE).map(|_| Box::pin(bulk.enter())).collect();
        for one in &mut waiting {
            assert!(polled(one).is_pending());
        }
        assert_eq!(bulk.enter().await.unwrap_err(), Error::Busy);
        assert!(polled(&mut Box::pin(gate.enter())).is_pending());
    }

    fn polled<F: Future + Unpin>(future: &mut F) -> std::task::Poll<F::Output> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        std::pin::Pin::new(future).poll(&mut context)
    }
}
