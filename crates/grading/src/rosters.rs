//! Receives lists of pupils piece by piece: few at a time, and none larger than it may be. Nothing of them is kept but in
//! memory, and nothing of them is read before the last piece is there.

use std::time::Duration;

use contracts::{Code, grading as pb};
use tonic::Streaming;

use crate::error::Error;
use crate::turns::{Turn, Turns};

/// How many are received and stored at a time.
const AT_ONCE: usize = 2;

/// How many more may wait.
const WAITING: usize = 4;

/// How long one waits for its turn.
const TURN: Duration = Duration::from_secs(10);

/// Room for lists.
#[derive(Clone)]
pub(crate) struct Rosters {
    max_bytes: usize,
    turns: Turns,
}

impl Rosters {
    /// For lists of at most `max_bytes`.
    pub(crate) fn new(max_bytes: u32) -> Self {
        Self {
            max_bytes: usize::try_from(max_bytes).unwrap_or(usize::MAX),
            turns: Turns::new(AT_ONCE, WAITING, TURN),
        }
    }

    /// The whole list, and its turn, which is over when it is dropped. One that breaks off is none: half of a line could be taken for
    /// a pupil.
    pub(crate) async fn receive(
        &self,
        mut pieces: Streaming<pb::ImportStudentsRequest>,
    ) -> Result<(Vec<u8>, Turn), Error> {
        let turn = self.turns.take().await.ok_or(Code::Unavailable)?;
        let mut list = Vec::new();
        // What broke on the way is told by who sends, if anybody is left to be told.
        while let Some(message) = pieces.message().await.map_err(|_broken| Code::RequestTimeout)? {
            if list.len().saturating_add(message.piece.len()) > self.max_bytes {
                return Err(Code::TooLarge.into());
            }
            list.extend_from_slice(&message.piece);
            if message.last {
                return Ok((list, turn));
            }
        }
        Err(Code::RequestTimeout.into())
    }
}
