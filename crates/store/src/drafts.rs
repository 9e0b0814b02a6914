//! Drafts: what a corrector's window has not saved yet.

use diesel::prelude::*;
use diesel::query_dsl::methods::FilterDsl;
use domain::draft::{ClientId, Draft, DraftContent, DraftPayload, Last};
use domain::{CopyId, Timestamp, UserId};
use uuid::Uuid;

use crate::clock::clock_timestamp;
use crate::columns::Table;
use crate::error::Error;
use crate::schema::drafts;
use crate::wire::Wire;

/// The table of drafts.
pub struct Drafts<'a> {
    wire: Wire<'a>,
}

const DRAFTS: Table = Table("drafts");

#[derive(Queryable, Selectable)]
#[diesel(table_name = drafts)]
struct Row {
    copy_id: Uuid,
    user_id: Uuid,
    client_id: String,
    version: i64,
    payload: Option<String>,
    updated_at: Timestamp,
}

impl<'a> Drafts<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// The draft of a person on a copy, and when it was saved.
    pub fn get(&mut self, copy: CopyId, user: UserId) -> Result<Option<(Draft, Timestamp)>, Error> {
        let query = drafts::table
            .find((Uuid::from(copy), Uuid::from(user)))
            .select(Row::as_select());
        let row: Option<Row> = self.wire.run(|connection| query.first(connection).optional())?;
        row.as_ref().map(draft).transpose().map(Option::flatten)
    }

    /// What was last done to it. Nobody else does anything to it until the transaction ends.
    pub fn last(&mut self, copy: CopyId, user: UserId) -> Result<Option<Last>, Error> {
        let query = drafts::table
            .find((Uuid::from(copy), Uuid::from(user)))
            .select((drafts::version, drafts::client_id, drafts::payload.is_null()))
            .for_no_key_update();
        let row: Option<(i64, String, bool)> =
            self.wire.run(|connection| query.first(connection).optional())?;
        let Some((version, client, taken_back)) = row else {
            return Ok(None);
        };
        Ok(Some(Last {
            version,
            client: DRAFTS.some(ClientId::new(&client))?,
            taken_back,
        }))
    }

    /// Stores the draft that follows the [`last`](Self::last) one, and says when. [`Error::Stale`] if it follows
    /// another.
    pub fn save(&mut self, draft: &Draft) -> Result<Timestamp, Error> {
        let content = &draft.content;
        let upsert = diesel::insert_into(drafts::table)
            .values((
                drafts::copy_id.eq(Uuid::from(draft.copy)),
                drafts::user_id.eq(Uuid::from(draft.user)),
                drafts::client_id.eq(content.client.expose()),
                drafts::version.eq(draft.version),
                drafts::payload.eq(content.payload.expose()),
            ))
            .on_conflict((drafts::copy_id, drafts::user_id))
            .do_update()
            .set((
                drafts::client_id.eq(content.client.expose()),
                drafts::version.eq(draft.version),
                drafts::payload.eq(content.payload.expose()),
                drafts::updated_at.eq(clock_timestamp()),
            ));
        let upsert =
            FilterDsl::filter(upsert, drafts::version.eq(draft.version - 1)).returning(drafts::updated_at);
        let saved: Option<Timestamp> = self
            .wire
            .run(|connection| upsert.get_result(connection).optional())?;
        saved.ok_or(Error::Stale { table: DRAFTS.0 })
    }

    /// Forgets what a draft holds. One that is not there is no error.
    pub fn take_back(&mut self, copy: CopyId, user: UserId) -> Result<(), Error> {
        let own = drafts::table.find((Uuid::from(copy), Uuid::from(user)));
        let there = FilterDsl::filter(own, drafts::payload.is_not_null());
        let update = diesel::update(there).set((
            drafts::payload.eq(None::<&str>),
            drafts::version.eq(drafts::version + 1),
            drafts::updated_at.eq(clock_timestamp()),
        ));
        self.wire
            .run(|connection| update.execute(connection))
            .map(|_count| ())
    }
}

fn draft(row: &Row) -> Result<Option<(Draft, Timestamp)>, Error> {
    let Some(payload) = &row.payload else {
        return Ok(None);
    };
    let draft = Draft {
        copy: row.copy_id.into(),
        user: row.user_id.into(),
        content: DraftContent {
            client: DRAFTS.some(ClientId::new(&row.client_id))?,
            payload: DRAFTS.some(DraftPayload::new(payload))?,
        },
        version: row.version,
    };
    Ok(Some((draft, row.updated_at)))
}
