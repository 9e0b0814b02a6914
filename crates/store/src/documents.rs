//! Corrected documents: every one that was made, the latest last.

use diesel::prelude::*;
use domain::document::{Document, Documents};
use domain::{CopyId, FileSize, JobId};
use uuid::Uuid;

use crate::columns::Table;
use crate::error::Error;
use crate::schema::documents;
use crate::wire::Wire;

/// The table of corrected documents.
pub struct DocumentsOfCopies<'a> {
    wire: Wire<'a>,
}

const DOCUMENTS: Table = Table("documents");

#[derive(Queryable, Selectable)]
#[diesel(table_name = documents)]
pub(crate) struct Row {
    digest: Vec<u8>,
    size: i64,
    pages: i64,
    anonymous_digest: Option<Vec<u8>>,
    anonymous_size: Option<i64>,
    anonymous_pages: Option<i64>,
}

impl<'a> DocumentsOfCopies<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Adds what a job made of a copy.
    pub fn insert(&mut self, job: JobId, copy: CopyId, made: &Documents) -> Result<(), Error> {
        let anonymous = made.anonymous.as_ref();
        let size = anonymous
            .map(|document| DOCUMENTS.size(document.size))
            .transpose()?;
        let row = diesel::insert_into(documents::table).values((
            documents::job_id.eq(Uuid::from(job)),
            documents::copy_id.eq(Uuid::from(copy)),
            documents::digest.eq(made.full.digest.as_bytes().as_slice()),
            documents::size.eq(DOCUMENTS.size(made.full.size)?),
            documents::pages.eq(i64::from(made.full.pages)),
            documents::anonymous_digest.eq(anonymous.map(|document| document.digest.as_bytes().as_slice())),
            documents::anonymous_size.eq(size),
            documents::anonymous_pages.eq(anonymous.map(|document| i64::from(document.pages))),
        ));
        self.wire.run(|connection| row.execute(connection)).map(|_one| ())
    }

    /// The latest of a copy.
    pub fn latest(&mut self, copy: CopyId) -> Result<Option<Documents>, Error> {
        let query = documents::table
            .filter(documents::copy_id.eq(Uuid::from(copy)))
            .order(documents::job_id.desc())
            .select(Row::as_select());
        let row: Option<Row> = self.wire.run(|connection| query.first(connection).optional())?;
        row.map(made).transpose()
    }
}

/// What a row describes.
pub(crate) fn made(row: Row) -> Result<Documents, Error> {
    let anonymous = match (row.anonymous_digest, row.anonymous_size, row.anonymous_pages) {
        (None, None, None) => None,
        (Some(digest), Some(size), Some(pages)) => Some(document(&digest, size, pages)?),
        _ => return Err(DOCUMENTS.corrupt()),
    };
    Ok(Documents {
        full: document(&row.digest, row.size, row.pages)?,
        anonymous,
    })
}

fn document(digest: &[u8], size: i64, pages: i64) -> Result<Document, Error> {
    Ok(Document {
        digest: DOCUMENTS.digest(digest)?,
        size: DOCUMENTS.some(FileSize::new(DOCUMENTS.number(size)?))?,
        pages: DOCUMENTS.number(pages)?,
    })
}
