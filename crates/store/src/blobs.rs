//! What the tables know of blobs: which are still needed.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Binary};
use domain::Digest;

use crate::columns::Table;
use crate::error::Error;
use crate::wire::Wire;

/// Every column that refers to a blob. The sweeper deletes what is not here, and a backup has what is. What is erased
/// refers to nothing.
pub(crate) const REFERENCES: &str = "
    WITH kept AS NOT MATERIALIZED (SELECT id AS copy_id FROM grading.copies WHERE NOT erased)
    SELECT source_digest AS digest FROM grading.booklets JOIN kept USING (copy_id)
    UNION ALL SELECT source_digest FROM grading.batches WHERE NOT erased
    UNION ALL SELECT digest FROM grading.archives WHERE digest IS NOT NULL
    UNION ALL SELECT display_digest FROM grading.pages JOIN kept USING (copy_id)
    UNION ALL SELECT thumbnail_digest FROM grading.pages JOIN kept USING (copy_id)
    UNION ALL SELECT redacted_display_digest FROM grading.pages JOIN kept USING (copy_id)
    UNION ALL SELECT redacted_thumbnail_digest FROM grading.pages JOIN kept USING (copy_id)
    UNION ALL SELECT digest FROM grading.documents JOIN kept USING (copy_id)
    UNION ALL SELECT identity_digest FROM grading.pages JOIN kept USING (copy_id)
    UNION ALL SELECT anonymous_digest FROM grading.documents JOIN kept USING (copy_id)";

/// All tables that refer to blobs.
pub struct Blobs<'a> {
    wire: Wire<'a>,
}

#[derive(QueryableByName)]
pub(crate) struct Referenced {
    #[diesel(sql_type = Binary)]
    pub(crate) digest: Vec<u8>,
}

impl<'a> Blobs<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Up to `limit` of the blobs that something refers to, any of them.
    pub fn some(&mut self, limit: u16) -> Result<Vec<Digest>, Error> {
        let query = sql_query(format!(
            "SELECT digest FROM (
                 SELECT DISTINCT digest FROM ({REFERENCES}) r WHERE digest IS NOT NULL
             ) all_of_them ORDER BY random() LIMIT $1"
        ))
        .bind::<BigInt, _>(i64::from(limit));
        let found: Vec<Referenced> = self.wire.run(|connection| query.load(connection))?;
        let digests = found.iter().map(|row| Table("booklets").digest(&row.digest));
        digests.collect()
    }

    /// Those of `digests` that no booklet, batch, page, corrected document or archive refers to, in their order.
    pub fn unreferenced(&mut self, digests: &[Digest]) -> Result<Vec<Digest>, Error> {
        let asked: Vec<&[u8]> = digests
            .iter()
            .map(|digest| digest.as_bytes().as_slice())
            .collect();
        let query = sql_query(format!(
            "SELECT DISTINCT digest FROM ({REFERENCES}) r WHERE digest = ANY ($1)"
        ))
        .bind::<Array<Binary>, _>(asked);
        let found: Vec<Referenced> = self.wire.run(|connection| query.load(connection))?;

        let referenced = found
            .iter()
            .map(|row| Table("booklets").digest(&row.digest))
            .collect::<Result<HashSet<_>, _>>()?;
        Ok(digests
            .iter()
            .copied()
            .filter(|digest| !referenced.contains(digest))
            .collect())
    }
}
