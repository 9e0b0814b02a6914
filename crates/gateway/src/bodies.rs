//! How many bytes of JSON bodies there are at a time, of all requests together. They are read before anybody is asked who sends
//! them, so their number must not follow from how many connections there are.
//!
//! Counted is what a body really takes, as it comes; who announces a large one and sends nothing takes nothing. The beginning
//! of each is not counted, so that what correctors mostly send finds room whatever others do: connections bound it.

use std::sync::Arc;

use contracts::Code;
use telemetry::metrics::{self, BodyBytes, Budget};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many bytes of each body are not counted.
const FREE: usize = 4 * 1024;

/// The room for all bodies.
#[derive(Debug)]
pub(crate) struct Bodies {
    /// A place for each byte.
    room: Arc<Semaphore>,
}

/// The room that a body has taken, until this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    places: Option<OwnedSemaphorePermit>,
    counted: BodyBytes,
}

/// A body that is being received.
#[derive(Debug)]
pub(crate) struct Body {
    bytes: Vec<u8>,
    limit: usize,
    room: Arc<Semaphore>,
    taken: Taken,
}

impl Bodies {
    /// Room for so many bytes.
    pub(crate) fn new(bytes: u32) -> Self {
        metrics::bodies_limit(bytes);
        let bytes = usize::try_from(bytes).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            room: Arc::new(Semaphore::new(bytes)),
        }
    }

    /// A body of at most `limit` bytes. It takes nothing yet.
    pub(crate) fn begin(&self, limit: usize) -> Body {
        Body {
            bytes: Vec::new(),
            limit,
            room: Arc::clone(&self.room),
            taken: Taken::default(),
        }
    }
}

impl Body {
    /// Takes the next piece, if there is room for it.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<(), Code> {
        let needed = self.bytes.len().saturating_add(piece.len());
        if needed > self.limit {
            return Err(Code::TooLarge);
        }
        let capacity = self.bytes.capacity();
        if needed > capacity {
            let wanted = needed
                .max(capacity.saturating_mul(2))
                .clamp(FREE, self.limit.max(FREE));
            let uncounted = capacity.max(FREE);
            self.taken.grow(&self.room, wanted.saturating_sub(uncounted))?;
            self.bytes.reserve_exact(wanted.saturating_sub(self.bytes.len()));
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// The whole body, and the room that it takes.
    pub(crate) fn into_parts(self) -> (Vec<u8>, Taken) {
        (self.bytes, self.taken)
    }
}

impl Taken {
    fn grow(&mut self, room: &Arc<Semaphore>, by: usize) -> Result<(), Code> {
        let by = u32::try_from(by).map_err(|_too_many| Code::TooLarge)?;
        let Ok(more) = Arc::clone(room).try_acquire_many_owned(by) else {
            metrics::request_shed(Budget::Body);
            return Err(Code::Unavailable);
        };
        self.counted.grow(by);
        match &mut self.places {
            Some(places) => places.merge(more),
            none => *none = Some(more),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: usize = 1024;

    fn left(bodies: &Bodies) -> usize {
        bodies.room.available_permits()
    }

    #[test]
    fn a_body_takes_what_it_has_and_gives_it_back() {
        let bodies = Bodies::new(64 * 1024);
        let mut large = bodies.begin(1024 * KIB);
        for _ in 0..8 {
            large.push(&[b' '; 4 * KIB]).unwrap();
        }
        assert_eq!(left(&bodies), 64 * KIB - (32 * KIB - FREE));
        let (bytes, taken) = large.into_parts();
        assert_eq!(bytes.len(), 32 * KIB);
        drop(taken);
        assert_eq!(left(&bodies), 64 * KIB);
    }

    #[test]
    fn a_small_body_finds_room_where_a_larger_one_finds_none() {
        let bodies = Bodies::new(0);
        let mut small = bodies.begin(64 * KIB);
        small.push(&[b' '; FREE]).unwrap();
        assert_eq!(small.push(b" ").unwrap_err(), Code::Unavailable);
    }

    #[test]
    fn a_body_over_its_limit_is_too_large_whatever_room_there_is() {
        let mut body = Bodies::new(0).begin(10);
        body.push(b"0123456789").unwrap();
        assert_eq!(body.push(b"x").unwrap_err(), Code::TooLarge);
    }
}
