//! Archives of corrected documents, and what is in them. Names of pupils are read here, and never stored here.

use diesel::prelude::*;
use domain::archive::{Archive, ArchiveFile, ArchivedCopy};
use domain::copy::AnonymousId;
use domain::{ArchiveId, CopyId, ExamId, FileSize, JobId, ReleaseId, Timestamp};
use uuid::Uuid;

use crate::clock::now;
use crate::columns::Table;
use crate::error::Error;
use crate::schema::{archives, copies, documents, identities, release_results, releases, students};
use crate::students::{self as pupils, Row as StudentRow};
use crate::wire::Wire;

/// An archive as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveView {
    /// The archive.
    pub archive: Archive,
    /// The number of its release.
    pub number: u32,
    /// When it was ordered.
    pub created_at: Timestamp,
}

/// The table of archives.
pub struct Archives<'a> {
    wire: Wire<'a>,
}

const ARCHIVES: Table = Table("archives");
const DOCUMENTS: Table = Table("documents");
const RELEASES: Table = Table("releases");

#[derive(Queryable, Selectable)]
#[diesel(table_name = archives)]
struct Row {
    id: Uuid,
    exam_id: Uuid,
    release_id: Uuid,
    job_id: Uuid,
    digest: Option<Vec<u8>>,
    size: Option<i64>,
    copies: Option<i64>,
    expires_at: Option<Timestamp>,
    created_at: Timestamp,
}

type Content = (Uuid, String, Vec<u8>, i64, Option<StudentRow>);

impl<'a> Archives<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// The archive of an exam, if there is one.
    pub fn of_exam(&mut self, exam: ExamId) -> Result<Option<ArchiveView>, Error> {
        let query = archives::table
            .inner_join(releases::table)
            .filter(archives::exam_id.eq(Uuid::from(exam)))
            .select((Row::as_select(), releases::number));
        let found: Option<(Row, i64)> = self.wire.run(|connection| query.first(connection).optional())?;
        found
            .map(|(row, number)| {
                Ok(ArchiveView {
                    archive: archive(&row)?,
                    number: RELEASES.number(number)?,
                    created_at: row.created_at,
                })
            })
            .transpose()
    }

    /// The archive that a job makes, locked until the transaction ends. `None` if nobody wants it any more.
    pub fn of_job(&mut self, job: JobId) -> Result<Option<Archive>, Error> {
        let query = archives::table
            .filter(archives::job_id.eq(Uuid::from(job)))
            .select(Row::as_select())
            .for_no_key_update();
        let row: Option<Row> = self.wire.run(|connection| query.first(connection).optional())?;
        row.as_ref().map(archive).transpose()
    }

    /// What is to be in an archive of a release: the documents that were released, of the copies that are not erased.
    pub fn contents(&mut self, release: ReleaseId) -> Result<Vec<ArchivedCopy>, Error> {
        let query = release_results::table
            .inner_join(documents::table)
            .inner_join(copies::table.left_join(identities::table.inner_join(students::table)))
            .filter(release_results::release_id.eq(Uuid::from(release)))
            .filter(copies::erased.eq(false))
            .order(release_results::copy_id)
            .select((
                release_results::copy_id,
                copies::anonymous_id,
                documents::digest,
                documents::size,
                Option::<StudentRow>::as_select(),
            ));
        let rows: Vec<Content> = self.wire.run(|connection| query.load(connection))?;
        rows.into_iter().map(content).collect()
    }

    /// The copies whose documents are to be in an archive of a release.
    pub fn copies_of(&mut self, release: ReleaseId) -> Result<Vec<CopyId>, Error> {
        let query = release_results::table
            .inner_join(copies::table)
            .filter(release_results::release_id.eq(Uuid::from(release)))
            .filter(copies::erased.eq(false))
            .order(release_results::copy_id)
            .select(release_results::copy_id);
        let found: Vec<Uuid> = self.wire.run(|connection| query.load(connection))?;
        Ok(found.into_iter().map(CopyId::from).collect())
    }

    /// Stores the file of an archive that was read with [`of_job`](Self::of_job).
    pub fn finish(&mut self, id: ArchiveId, file: ArchiveFile) -> Result<(), Error> {
        let open = archives::table
            .find(Uuid::from(id))
            .filter(archives::digest.is_null());
        let update = diesel::update(open).set((
            archives::digest.eq(file.digest.as_bytes().as_slice()),
            archives::size.eq(ARCHIVES.size(file.size)?),
            archives::copies.eq(i64::from(file.copies)),
            archives::expires_at.eq(file.expires_at),
        ));
        match self.wire.run(|connection| update.execute(connection))? {
            0 => Err(Error::Stale { table: ARCHIVES.0 }),
            _one => Ok(()),
        }
    }

    /// Forgets an archive. The sweeper finds that nobody refers to its file any more.
    pub fn delete(&mut self, id: ArchiveId) -> Result<(), Error> {
        let delete = diesel::delete(archives::table.find(Uuid::from(id)));
        self.wire
            .run(|connection| delete.execute(connection))
            .map(|_one_or_none| ())
    }

    /// Forgets the archives that are kept no longer.
    pub fn purge(&mut self) -> Result<usize, Error> {
        let delete = diesel::delete(archives::table.filter(archives::expires_at.le(now().nullable())));
        self.wire.run(|connection| delete.execute(connection))
    }

    /// Adds an archive that is to be made. Its job has to be there.
    pub(crate) fn insert(&mut self, archive: &Archive) -> Result<(), Error> {
        let row = diesel::insert_into(archives::table).values((
            archives::id.eq(Uuid::from(archive.id)),
            archives::exam_id.eq(Uuid::from(archive.exam)),
            archives::release_id.eq(Uuid::from(archive.release)),
            archives::job_id.eq(Uuid::from(archive.job)),
        ));
        self.wire.run(|connection| row.execute(connection)).map(|_one| ())
    }
}

fn archive(row: &Row) -> Result<Archive, Error> {
    let file = match (row.digest.as_deref(), row.size, row.copies, row.expires_at) {
        (None, None, None, None) => None,
        (Some(digest), Some(size), Some(copies), Some(expires_at)) => Some(ArchiveFile {
            digest: ARCHIVES.digest(digest)?,
            size: ARCHIVES.some(FileSize::new(ARCHIVES.number(size)?))?,
            copies: ARCHIVES.number(copies)?,
            expires_at,
        }),
        _ => return Err(ARCHIVES.corrupt()),
    };
    Ok(Archive {
        id: row.id.into(),
        exam: row.exam_id.into(),
        release: row.release_id.into(),
        job: row.job_id.into(),
        file,
    })
}

fn content((copy, anonymous_id, digest, size, pupil): Content) -> Result<ArchivedCopy, Error> {
    let pupil = pupil.map(pupils::student).transpose()?;
    Ok(ArchivedCopy {
        copy: copy.into(),
        anonymous_id: AnonymousId::restore(&anonymous_id),
        pupil: pupil.map(|pupil| pupil.particulars),
        digest: DOCUMENTS.digest(&digest)?,
        size: DOCUMENTS.some(FileSize::new(DOCUMENTS.number(size)?))?,
    })
}
