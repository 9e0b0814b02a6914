//! What the last checkpoint vouches for, so that it is noticed when the file of checkpoints no longer has it.
//!
//! Services only let it grow. That it is forgotten is an operator's decision, and only the owner of the schema can do it.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Binary};
use domain::audit::Root;

use crate::audit_tree::{AuditTree, position};
use crate::columns::Table;
use crate::database::Database;
use crate::error::Error;

const VOUCHED: Table = Table("audit_vouched");

#[derive(QueryableByName)]
struct VouchedRow {
    #[diesel(sql_type = BigInt)]
    size: i64,
    #[diesel(sql_type = Binary)]
    root: Vec<u8>,
}

/// What is known to have been vouched for last, if anything is. The checkpoints are to be read afterwards: they may only
/// have come further.
pub async fn vouched(database: &Database) -> Result<Option<Root>, Error> {
    database
        .transaction("read_vouched", |tx| tx.audit_tree().vouched())
        .await
}

impl AuditTree<'_> {
    /// What is known to have been vouched for last, if anything is.
    pub fn vouched(&mut self) -> Result<Option<Root>, Error> {
        let query = sql_query("SELECT size, root FROM grading.audit_vouched");
        let row: Option<VouchedRow> = self
            .wire
            .run(|connection| query.get_result(connection).optional())?;
        row.map(Root::try_from).transpose()
    }

    /// Forgets it if it was of so many leaves: the next checkpoint is one as if there had been none. Gives what was known.
    pub fn forget_vouched(&mut self, size: u64) -> Result<Option<Root>, Error> {
        let forget = sql_query("DELETE FROM grading.audit_vouched WHERE size = $1 RETURNING size, root")
            .bind::<BigInt, _>(position(size)?);
        let row: Option<VouchedRow> = self
            .wire
            .run(|connection| forget.get_result(connection).optional())?;
        row.map(Root::try_from).transpose()
    }

    /// Remembers what a checkpoint vouches for, unless more is known already.
    pub fn vouch(&mut self, root: Root) -> Result<(), Error> {
        let keep = sql_query(
            "INSERT INTO grading.audit_vouched AS known (size, root) VALUES ($1, $2)
             ON CONFLICT (single) DO UPDATE SET size = EXCLUDED.size, root = EXCLUDED.root
             WHERE known.size < EXCLUDED.size",
        )
        .bind::<BigInt, _>(position(root.size)?)
        .bind::<Binary, _>(root.hash.as_bytes().to_vec());
        self.wire
            .run(|connection| keep.execute(connection))
            .map(|_one| ())
    }
}

impl TryFrom<VouchedRow> for Root {
    type Error = Error;

    fn try_from(row: VouchedRow) -> Result<Self, Error> {
        Ok(Self {
            size: VOUCHED.number(row.size)?,
            hash: VOUCHED.digest(&row.root)?,
        })
    }
}
