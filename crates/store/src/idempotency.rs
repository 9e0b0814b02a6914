//! Answers that are given again when a request is repeated with its key.
//!
//! The key is taken first thing in the effect's own transaction. Of two requests with the same key at the
//! same time, the second waits for the first to end, and then gets its answer, or its turn.

use chrono::TimeDelta;
use diesel::prelude::*;
use domain::{Digest, UserId};
use uuid::Uuid;

use crate::clock::{earlier, now};
use crate::error::Error;
use crate::schema::idempotency_keys;
use crate::wire::Wire;

/// A key of one user for one operation. Of what the client sent, only the digest is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdempotencyKey {
    user: UserId,
    operation: &'static str,
    key: Digest,
}

impl IdempotencyKey {
    /// The key that `user` sent for `operation`.
    #[must_use]
    pub fn new(user: UserId, operation: &'static str, sent: &str) -> Self {
        Self {
            user,
            operation,
            key: Digest::of(sent.as_bytes()),
        }
    }
}

/// Whether the request is a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a known answer is to be given, not made again"]
pub enum Begun {
    /// It is. Do it, and [`remember`](Idempotency::remember) the answer.
    New,
    /// It was answered before, with this.
    Known(Vec<u8>),
    /// The key was used for another request.
    Mismatch,
    /// The key was taken, and no answer was remembered.
    InProgress,
}

/// The table of keys and answers.
pub struct Idempotency<'a> {
    wire: Wire<'a>,
}

impl<'a> Idempotency<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Takes the key for the request with this fingerprint. [`Error::Contention`] if another request holds
    /// it for too long.
    pub fn begin(&mut self, key: &IdempotencyKey, fingerprint: Digest) -> Result<Begun, Error> {
        let row = diesel::insert_into(idempotency_keys::table)
            .values((
                idempotency_keys::user_id.eq(Uuid::from(key.user)),
                idempotency_keys::operation.eq(key.operation),
                idempotency_keys::key.eq(key.key.as_bytes().as_slice()),
                idempotency_keys::fingerprint.eq(fingerprint.as_bytes().as_slice()),
            ))
            .on_conflict_do_nothing();
        if self.wire.run(|connection| row.execute(connection))? == 1 {
            return Ok(Begun::New);
        }
        let query = row_of(key).select((idempotency_keys::fingerprint, idempotency_keys::answer));
        let (known, answer): (Vec<u8>, Option<Vec<u8>>) =
            self.wire.run(|connection| query.first(connection))?;
        Ok(match answer {
            _ if known != fingerprint.as_bytes() => Begun::Mismatch,
            Some(answer) => Begun::Known(answer),
            None => Begun::InProgress,
        })
    }

    /// Keeps the answer for the key that this transaction took.
    pub fn remember(&mut self, key: &IdempotencyKey, answer: &[u8]) -> Result<(), Error> {
        let taken = row_of(key).filter(idempotency_keys::answer.is_null());
        let update = diesel::update(taken).set(idempotency_keys::answer.eq(answer));
        match self.wire.run(|connection| update.execute(connection))? {
            0 => Err(Error::Stale {
                table: "idempotency_keys",
            }),
            _one => Ok(()),
        }
    }

    /// Forgets keys that were taken before `older_than`, and says how many.
    pub fn purge(&mut self, older_than: TimeDelta) -> Result<usize, Error> {
        let old = idempotency_keys::table.filter(idempotency_keys::created_at.lt(earlier(now(), older_than)));
        self.wire
            .run(|connection| diesel::delete(old).execute(connection))
    }
}

#[diesel::dsl::auto_type(no_type_alias)]
fn row_of(key: &IdempotencyKey) -> _ {
    let user: Uuid = Uuid::from(key.user);
    let operation: &'static str = key.operation;
    let digest: Vec<u8> = key.key.as_bytes().to_vec();
    idempotency_keys::table.find((user, operation, digest))
}
