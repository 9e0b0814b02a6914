//! Invitations of people to choose a password, one per person. Only the digest of a token is known here.

use diesel::prelude::*;
use domain::user::Invite;
use domain::{Digest, Timestamp, UserId};
use uuid::Uuid;

use crate::clock::{later, now};
use crate::error::Error;
use crate::schema::invitations;
use crate::wire::Wire;

/// The table of invitations.
pub struct Invitations<'a> {
    wire: Wire<'a>,
}

impl<'a> Invitations<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Invites a person, says until when, and ends the invitation that they had.
    pub(crate) fn replace(&mut self, user: UserId, invite: Invite) -> Result<Timestamp, Error> {
        let Invite { token, lifetime } = invite;
        let digest = token.as_bytes().as_slice();
        let row = diesel::insert_into(invitations::table)
            .values((
                invitations::user_id.eq(Uuid::from(user)),
                invitations::token_digest.eq(digest),
                invitations::expires_at.eq(later(now(), lifetime)),
            ))
            .on_conflict(invitations::user_id)
            .do_update()
            .set((
                invitations::token_digest.eq(digest),
                invitations::created_at.eq(now()),
                invitations::expires_at.eq(later(now(), lifetime)),
            ))
            .returning(invitations::expires_at);
        self.wire.run(|connection| row.get_result(connection))
    }

    /// Whom the token invites, unless it has expired or was used.
    pub fn holder(&mut self, token: Digest) -> Result<Option<UserId>, Error> {
        let query = invitations::table
            .filter(invitations::token_digest.eq(token.as_bytes().as_slice()))
            .filter(invitations::expires_at.gt(now()))
            .select(invitations::user_id);
        let holder: Option<Uuid> = self.wire.run(|connection| query.first(connection).optional())?;
        Ok(holder.map(Into::into))
    }

    /// Uses the token up, and says whether it was still good.
    pub fn consume(&mut self, token: Digest) -> Result<bool, Error> {
        let good = invitations::table
            .filter(invitations::token_digest.eq(token.as_bytes().as_slice()))
            .filter(invitations::expires_at.gt(now()));
        let delete = diesel::delete(good);
        self.wire
            .run(|connection| delete.execute(connection))
            .map(|count| count == 1)
    }

    /// Ends the invitation of a person, if they have one.
    pub(crate) fn delete_of(&mut self, user: UserId) -> Result<(), Error> {
        let delete = diesel::delete(invitations::table.find(Uuid::from(user)));
        self.wire
            .run(|connection| delete.execute(connection))
            .map(|_count| ())
    }

    /// Forgets invitations that have expired, and says how many.
    pub fn purge(&mut self) -> Result<usize, Error> {
        let delete = diesel::delete(invitations::table.filter(invitations::expires_at.le(now())));
        self.wire.run(|connection| delete.execute(connection))
    }
}
