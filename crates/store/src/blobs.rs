//! What the tables know of blobs: which are still needed.

use std::collections::HashSet;

use diesel::prelude::*;
use domain::Digest;

use crate::columns::Table;
use crate::error::Error;
use crate::schema::{batches, booklets, documents, pages};
use crate::wire::Wire;

/// All tables that refer to blobs.
pub struct Blobs<'a> {
    wire: Wire<'a>,
}

impl<'a> Blobs<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Those of `digests` that no booklet, batch, page or corrected document refers to, in their order.
    pub fn unreferenced(&mut self, digests: &[Digest]) -> Result<Vec<Digest>, Error> {
        let asked: Vec<&[u8]> = digests
            .iter()
            .map(|digest| digest.as_bytes().as_slice())
            .collect();
        let sources = booklets::table
            .filter(booklets::source_digest.eq_any(&asked))
            .select(booklets::source_digest);
        let scans = batches::table
            .filter(batches::source_digest.eq_any(&asked))
            .select(batches::source_digest);
        let displays = pages::table
            .filter(pages::display_digest.eq_any(&asked))
            .select(pages::display_digest);
        let thumbnails = pages::table
            .filter(pages::thumbnail_digest.eq_any(&asked))
            .select(pages::thumbnail_digest);
        let redacted_displays = pages::table
            .filter(pages::redacted_display_digest.eq_any(&asked))
            .select(pages::redacted_display_digest.assume_not_null());
        let redacted_thumbnails = pages::table
            .filter(pages::redacted_thumbnail_digest.eq_any(&asked))
            .select(pages::redacted_thumbnail_digest.assume_not_null());
        let corrected = documents::table
            .filter(documents::digest.eq_any(&asked))
            .select(documents::digest);
        let anonymous = documents::table
            .filter(documents::anonymous_digest.eq_any(&asked))
            .select(documents::anonymous_digest.assume_not_null());
        let query = sources
            .union(scans)
            .union(displays)
            .union(thumbnails)
            .union(redacted_displays)
            .union(redacted_thumbnails)
            .union(corrected)
            .union(anonymous);
        let found: Vec<Vec<u8>> = self.wire.run(|connection| query.load(connection))?;

        let referenced = found
            .iter()
            .map(|bytes| Table("booklets").digest(bytes))
            .collect::<Result<HashSet<_>, _>>()?;
        Ok(digests
            .iter()
            .copied()
            .filter(|digest| !referenced.contains(digest))
            .collect())
    }
}
