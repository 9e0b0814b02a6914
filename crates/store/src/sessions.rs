//! Sessions of people. Only the digest of a token is known here.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use domain::session::Lifetime;
use domain::{Caller, Digest, DisplayName, Through, Timestamp, UserId};
use uuid::Uuid;

use crate::clock::{earlier, later, now};
use crate::columns::Table;
use crate::error::Error;
use crate::schema::{sessions, users};
use crate::wire::Wire;

/// Whose session it is.
#[derive(Clone)]
pub struct Authenticated {
    /// Who is asking.
    pub caller: Caller,
    /// What they are shown by.
    pub display_name: DisplayName,
    /// When the session ends in any case.
    pub expires_at: Timestamp,
}

/// The table of sessions.
pub struct Sessions<'a> {
    wire: Wire<'a>,
}

const USERS: Table = Table("users");

#[derive(Queryable)]
struct Row {
    user: Uuid,
    role: String,
    display_name: String,
    expires_at: Timestamp,
    of_operator: bool,
    unseen: bool,
}

impl<'a> Sessions<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Opens a session for whoever asks on this way, and says when it ends in any case.
    pub fn insert(
        &mut self,
        token: Digest,
        user: UserId,
        through: Through,
        lifetime: Lifetime,
    ) -> Result<Timestamp, Error> {
        let row = diesel::insert_into(sessions::table)
            .values((
                sessions::token_digest.eq(token.as_bytes().as_slice()),
                sessions::user_id.eq(Uuid::from(user)),
                sessions::of_operator.eq(through == Through::Commands),
                sessions::expires_at.eq(later(now(), lifetime.absolute)),
            ))
            .returning(sessions::expires_at);
        self.wire.run(|connection| row.get_result(connection))
    }

    /// Whose session the token opens, unless it was idle too long, is too old, or its owner is disabled.
    /// Notes that the session was seen, at most once a minute and never waiting for another request to do so.
    pub fn authenticate(
        &mut self,
        token: Digest,
        lifetime: Lifetime,
    ) -> Result<Option<Authenticated>, Error> {
        let query = sessions::table
            .inner_join(users::table)
            .filter(sessions::token_digest.eq(token.as_bytes().as_slice()))
            .filter(sessions::expires_at.gt(now()))
            .filter(sessions::created_at.gt(earlier(now(), lifetime.absolute)))
            .filter(sessions::last_seen_at.gt(earlier(now(), lifetime.idle)))
            .filter(diesel::dsl::not(users::disabled))
            .select((
                users::id,
                users::role,
                users::display_name,
                sessions::expires_at,
                sessions::of_operator,
                sql::<Bool>("sessions.last_seen_at < now() - interval '1 minute'"),
            ));
        let row: Option<Row> = self.wire.run(|connection| query.first(connection).optional())?;
        let Some(row) = row else { return Ok(None) };
        if row.unseen {
            self.touch(token)?;
        }
        Ok(Some(Authenticated {
            caller: Caller {
                user: row.user.into(),
                role: USERS.parse(&row.role)?,
                through: if row.of_operator {
                    Through::Commands
                } else {
                    Through::Api
                },
            },
            display_name: USERS.some(DisplayName::new(&row.display_name))?,
            expires_at: row.expires_at,
        }))
    }

    fn touch(&mut self, token: Digest) -> Result<(), Error> {
        let free = sessions::table
            .filter(sessions::token_digest.eq(token.as_bytes().as_slice()))
            .select(sessions::token_digest)
            .for_no_key_update()
            .skip_locked();
        let locked: Option<Vec<u8>> = self.wire.run(|connection| free.first(connection).optional())?;
        let Some(digest) = locked else { return Ok(()) };
        let update = diesel::update(sessions::table.find(digest)).set(sessions::last_seen_at.eq(now()));
        self.wire
            .run(|connection| update.execute(connection))
            .map(|_one| ())
    }

    /// Ends a session. One that has ended already is no error.
    pub fn delete(&mut self, token: Digest) -> Result<(), Error> {
        let delete = diesel::delete(sessions::table.find(token.as_bytes().as_slice()));
        self.wire
            .run(|connection| delete.execute(connection))
            .map(|_count| ())
    }

    /// Ends every session of a person, and says how many there were.
    pub(crate) fn delete_of(&mut self, user: UserId) -> Result<usize, Error> {
        let delete = diesel::delete(sessions::table.filter(sessions::user_id.eq(Uuid::from(user))));
        self.wire.run(|connection| delete.execute(connection))
    }

    /// Forgets sessions that have ended, and says how many.
    pub fn purge(&mut self, lifetime: Lifetime) -> Result<usize, Error> {
        let ended = sessions::expires_at
            .le(now())
            .or(sessions::last_seen_at.le(earlier(now(), lifetime.idle)));
        let delete = diesel::delete(sessions::table.filter(ended));
        self.wire.run(|connection| delete.execute(connection))
    }
}
