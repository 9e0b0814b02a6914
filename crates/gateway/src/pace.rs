//! How slowly an answer may be read. Who takes nothing at all is hung up on by the system (see `server`); who takes a little
//! now and then, and would keep a connection and an open file for days, by this.
//!
//! Only the time counts that an answer has waited for who reads it, not the time that it took to get on.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;

use crate::admission::Admitted;
use crate::pieces::Pieces;

/// The least that has to be taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// For so long nothing has to.
    pub(crate) grace: Duration,
    /// Bytes in a second, on average since then.
    pub(crate) lowest: u32,
}

/// A body that is broken off when it is read too slowly. It gives its place back at its end.
pub(crate) struct Paced {
    /// In pieces, so that what is counted as given was taken but for the last of them.
    body: Pieces,
    pace: Pace,
    given: u64,
    /// How long pieces have waited to be taken.
    idle: Duration,
    /// Since when the last piece waits to be taken.
    since: Option<Instant>,
    _place: Option<Admitted>,
}

/// It was read too slowly. The answer has begun, so that it is cut off.
#[derive(Debug, thiserror::Error)]
#[error("the answer was read too slowly")]
struct TooSlow;

impl Pace {
    fn keeps(self, given: u64, idle: Duration) -> bool {
        let counted = idle.saturating_sub(self.grace).as_millis();
        u128::from(given) * 1000 >= counted * u128::from(self.lowest)
    }
}

impl Paced {
    pub(crate) fn new(body: Pieces, pace: Pace, admitted: Option<Admitted>) -> Self {
        Self {
            body,
            pace,
            given: 0,
            idle: Duration::ZERO,
            since: None,
            _place: admitted,
        }
    }
}

impl MessageBody for Paced {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if let Some(since) = self.since.take() {
            self.idle += since.elapsed();
        }
        if !self.pace.keeps(self.given, self.idle) {
            return Poll::Ready(Some(Err(Box::new(TooSlow))));
        }
        let polled = Pin::new(&mut self.body).poll_next(context);
        if let Poll::Ready(Some(Ok(piece))) = &polled {
            self.given += u64::try_from(piece.len()).unwrap_or_default();
            self.since = Some(Instant::now());
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[tokio::test]
    async fn what_was_not_asked_for_yet_is_not_counted() {
        let pace = Pace {
            grace: Duration::MAX,
            lowest: 1,
        };
        let body = Pieces::of(vec![0; 1 << 20].boxed());
        let mut paced = Paced::new(body, pace, None);
        let piece = poll_fn(|context| Pin::new(&mut paced).poll_next(context)).await;
        let taken = piece.unwrap().unwrap().len();
        assert!(taken < 1 << 20);
        assert_eq!(paced.given, u64::try_from(taken).unwrap());
    }

    #[test]
    fn what_is_taken_has_to_keep_up_with_the_time_that_it_waits_for() {
        let pace = Pace {
            grace: Duration::from_secs(30),
            lowest: 1000,
        };
        for (given, seconds, keeps) in [
            (0, 30, true),
            (0, 31, false),
            (999, 31, false),
            (1000, 31, true),
            (u64::MAX, 86_400, true),
        ] {
            assert_eq!(
                pace.keeps(given, Duration::from_secs(seconds)),
                keeps,
                "{given}, {seconds} s"
            );
        }
    }
}
