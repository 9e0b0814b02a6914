//! Requests that are repeated with their key get the answer that the first one got.

use contracts::{Code, Problem};
use domain::Digest;
use domain::digest::Hasher;
use prost::Message;
use store::{Begun, IdempotencyKey, Tx};

use crate::error::Error;

/// A request with its key.
pub(crate) struct Keyed {
    key: IdempotencyKey,
    fingerprint: Digest,
}

impl Keyed {
    /// The request that `user` sent with `key`. The same request is what has the same `parts`.
    pub(crate) fn new(
        user: domain::UserId,
        operation: &'static str,
        key: &str,
        parts: &[impl AsRef<[u8]>],
    ) -> Result<Self, Problem> {
        if key.is_empty() {
            return Err(Code::MissingIdempotencyKey.into());
        }
        let mut hasher = Hasher::default();
        for part in parts {
            hasher.update(part.as_ref());
        }
        Ok(Self {
            key: IdempotencyKey::new(user, operation, key),
            fingerprint: hasher.finish(),
        })
    }

    /// The answer that the request got before; `None` if it is a new one, to be done and remembered.
    pub(crate) fn answered<Answer: Message + Default>(
        &self,
        tx: &mut Tx<'_>,
    ) -> Result<Option<Answer>, Error> {
        match tx.idempotency().begin(&self.key, self.fingerprint)? {
            Begun::New => Ok(None),
            Begun::Known(answer) => Answer::decode(answer.as_slice())
                .map(Some)
                .map_err(Error::StoredAnswer),
            Begun::InProgress => Err(Code::InProgress.into()),
            Begun::Mismatch => Err(Code::IdempotencyMismatch.into()),
        }
    }

    /// Keeps the answer for the request's next times. It outlives what it tells of, so nothing that people wrote
    /// may be in it: only ids, numbers, names of ours.
    pub(crate) fn remember(&self, tx: &mut Tx<'_>, answer: &impl Message) -> Result<(), Error> {
        Ok(tx.idempotency().remember(&self.key, &answer.encode_to_vec())?)
    }
}
