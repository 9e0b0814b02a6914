//! Work of which only so much is done at a time, and for which only so many wait: who finds the waiting room full is told at
//! once, while those in it still get their turn.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The turns. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Turns {
    /// Of those who wait and those whose turn it is.
    inside: Arc<Semaphore>,
    at_work: Arc<Semaphore>,
    patience: Duration,
}

/// A turn, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _inside: OwnedSemaphorePermit,
    _at_work: OwnedSemaphorePermit,
}

impl Turns {
    /// So many at a time, while so many more may wait for so long.
    pub(crate) fn new(at_once: usize, waiting: usize, patience: Duration) -> Self {
        Self {
            inside: Arc::new(Semaphore::new(at_once.saturating_add(waiting))),
            at_work: Arc::new(Semaphore::new(at_once)),
            patience,
        }
    }

    /// Waits for a turn. None at once if too many wait, and none if it does not come in time.
    pub(crate) async fn take(&self) -> Option<Turn> {
        let inside = Arc::clone(&self.inside).try_acquire_owned().ok()?;
        let at_work = timeout(self.patience, Arc::clone(&self.at_work).acquire_owned()).await;
        Some(Turn {
            _inside: inside,
            _at_work: at_work.ok()?.ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn polled<T>(future: std::pin::Pin<&mut impl Future<Output = T>>) -> Poll<T> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[tokio::test]
    async fn who_finds_the_waiting_room_full_is_told_at_once() {
        let turns = Turns::new(1, 1, Duration::from_mins(10));
        let first = turns.take().await.unwrap();
        let mut second = pin!(turns.take());
        assert!(polled(second.as_mut()).is_pending(), "it waits");
        assert!(turns.take().await.is_none());
        drop(first);
        assert!(second.await.is_some());
        assert!(turns.take().await.is_some(), "the room is there again");
    }

    #[tokio::test]
    async fn nobody_waits_for_longer_than_they_may() {
        let turns = Turns::new(1, 1, Duration::from_millis(20));
        let _first = turns.take().await.unwrap();
        assert!(turns.take().await.is_none());
    }
}
