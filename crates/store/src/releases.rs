//! Releases of the results of exams, and what each says of its copies.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use domain::release::{Release, Shown, Standing};
use domain::{CopyId, ExamId, MarkingScheme, Points, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::columns::Table;
use crate::copies::there;
use crate::error::Error;
use crate::listing::{Listing, with_one_more};
use crate::results::points_by_question;
use crate::schema::{copies, release_results, releases};
use crate::scheme;
use crate::wire::Wire;

/// The tables of releases and their results.
pub struct Releases<'a> {
    wire: Wire<'a>,
}

const RELEASES: Table = Table("releases");
const RESULTS: Table = Table("release_results");

/// The graded copies of an exam as they are: what was given, which document was made last, and the points of each
/// question.
const SNAPSHOT: &str = "
    INSERT INTO grading.release_results (release_id, copy_id, score_quarters, max_quarters, points, document_id)
    SELECT $1, c.id, c.score_quarters, c.max_quarters,
        (SELECT coalesce(jsonb_object_agg(s.question_id, s.quarters), '{}')
            FROM grading.scores s WHERE s.copy_id = c.id),
        (SELECT d.job_id FROM grading.documents d WHERE d.copy_id = c.id ORDER BY d.job_id DESC LIMIT 1)
    FROM grading.copies c
    WHERE c.exam_id = $2 AND c.status = 'GRADED' AND NOT c.discarded AND NOT c.erased
    RETURNING copy_id, score_quarters, max_quarters";

#[derive(Queryable, Selectable)]
#[diesel(table_name = releases)]
struct Row {
    id: Uuid,
    exam_id: Uuid,
    number: i64,
    released_by: Uuid,
    released_at: Timestamp,
    withdrawn_by: Option<Uuid>,
    withdrawn_at: Option<Timestamp>,
}

#[derive(Queryable, QueryableByName)]
struct Said {
    #[diesel(sql_type = SqlUuid)]
    copy_id: Uuid,
    #[diesel(sql_type = BigInt)]
    score_quarters: i64,
    #[diesel(sql_type = BigInt)]
    max_quarters: i64,
}

impl<'a> Releases<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Locks the graded copies of an exam until the transaction ends, in the order of their ids, and says which they
    /// are. The exam is to be locked before.
    pub fn graded(&mut self, exam: ExamId) -> Result<Vec<CopyId>, Error> {
        let query = copies::table
            .filter(copies::exam_id.eq(Uuid::from(exam)))
            .filter(copies::status.eq("GRADED"))
            .filter(there())
            .order(copies::id)
            .select(copies::id)
            .for_no_key_update();
        let found: Vec<Uuid> = self.wire.run(|connection| query.load(connection))?;
        Ok(found.into_iter().map(CopyId::from).collect())
    }

    /// The copies of an exam that are not graded.
    pub fn not_graded(&mut self, exam: ExamId) -> Result<Vec<CopyId>, Error> {
        let query = copies::table
            .filter(copies::exam_id.eq(Uuid::from(exam)))
            .filter(copies::status.ne("GRADED"))
            .filter(there())
            .order(copies::id)
            .select(copies::id);
        let found: Vec<Uuid> = self.wire.run(|connection| query.load(connection))?;
        Ok(found.into_iter().map(CopyId::from).collect())
    }

    /// Adds a release of the graded copies as they are, with the questions as they are, and says what it says.
    pub fn insert(
        &mut self,
        release: &Release,
        scheme: Option<&MarkingScheme>,
    ) -> Result<Vec<Standing>, Error> {
        let row = diesel::insert_into(releases::table).values((
            releases::id.eq(Uuid::from(release.id)),
            releases::exam_id.eq(Uuid::from(release.exam)),
            releases::number.eq(i64::from(release.number)),
            releases::released_by.eq(Uuid::from(release.by)),
            releases::released_at.eq(release.at),
            releases::marking_scheme.eq(scheme.map(scheme::column)),
        ));
        self.wire.run(|connection| row.execute(connection))?;
        let results = sql_query(SNAPSHOT)
            .bind::<SqlUuid, _>(Uuid::from(release.id))
            .bind::<SqlUuid, _>(Uuid::from(release.exam));
        let said: Vec<Said> = self.wire.run(|connection| results.load(connection))?;
        said.iter().map(standing).collect()
    }

    /// Stores that a release was withdrawn.
    pub fn withdraw(&mut self, release: &Release) -> Result<(), Error> {
        let current = releases::table
            .find(Uuid::from(release.id))
            .filter(releases::withdrawn_at.is_null());
        let update = diesel::update(current).set((
            releases::withdrawn_by.eq(release.withdrawn.map(|(by, _)| Uuid::from(by))),
            releases::withdrawn_at.eq(release.withdrawn.map(|(_, at)| at)),
        ));
        match self.wire.run(|connection| update.execute(connection))? {
            0 => Err(Error::Stale { table: RELEASES.0 }),
            _one => Ok(()),
        }
    }

    /// The release of an exam that pupils see, if there is one.
    pub fn current(&mut self, exam: ExamId) -> Result<Option<Release>, Error> {
        let query = releases::table
            .filter(releases::exam_id.eq(Uuid::from(exam)))
            .filter(releases::withdrawn_at.is_null())
            .select(Row::as_select());
        let row: Option<Row> = self.wire.run(|connection| query.first(connection).optional())?;
        row.as_ref().map(release).transpose()
    }

    /// The release of an exam with this number.
    pub fn get(&mut self, exam: ExamId, number: u32) -> Result<Option<Release>, Error> {
        let query = releases::table
            .filter(releases::exam_id.eq(Uuid::from(exam)))
            .filter(releases::number.eq(i64::from(number)))
            .select(Row::as_select());
        let row: Option<Row> = self.wire.run(|connection| query.first(connection).optional())?;
        row.as_ref().map(release).transpose()
    }

    /// The number of the last release of an exam.
    pub fn last(&mut self, exam: ExamId) -> Result<Option<u32>, Error> {
        let query = releases::table
            .filter(releases::exam_id.eq(Uuid::from(exam)))
            .select(diesel::dsl::max(releases::number));
        let number: Option<i64> = self.wire.run(|connection| query.first(connection))?;
        number.map(|number| RELEASES.number(number)).transpose()
    }

    /// Releases of an exam after a number.
    pub fn page(
        &mut self,
        exam: ExamId,
        after: Option<u32>,
        limit: u16,
    ) -> Result<Listing<Release, u32>, Error> {
        let query = releases::table
            .filter(releases::exam_id.eq(Uuid::from(exam)))
            .filter(releases::number.gt(i64::from(after.unwrap_or(0))))
            .order(releases::number)
            .limit(with_one_more(limit))
            .select(Row::as_select());
        let rows: Vec<Row> = self.wire.run(|connection| query.load(connection))?;
        let items = rows.iter().map(release).collect::<Result<Vec<_>, _>>()?;
        Ok(Listing::of(items, limit, |release| release.number))
    }

    /// What a release says, in the order of the copies.
    pub fn standings(&mut self, of: &Release) -> Result<Vec<Standing>, Error> {
        let query = said(of).select(SAID);
        let said: Vec<Said> = self.wire.run(|connection| query.load(connection))?;
        said.iter().map(standing).collect()
    }

    /// All that pupils see of a release, in the order of the copies.
    pub fn shown(&mut self, of: &Release) -> Result<Vec<Shown>, Error> {
        let query = said(of).select((SAID, release_results::points, release_results::document_id));
        let rows: Vec<(Said, Value, Uuid)> = self.wire.run(|connection| query.load(connection))?;
        let shown = |(said, points, document): (Said, Value, Uuid)| {
            Ok(Shown {
                standing: standing(&said)?,
                points: points_by_question(&points)?,
                document: document.into(),
            })
        };
        rows.into_iter().map(shown).collect()
    }

    /// The questions as they were when a release was made.
    pub fn scheme(&mut self, of: &Release) -> Result<Option<MarkingScheme>, Error> {
        let query = releases::table
            .find(Uuid::from(of.id))
            .select(releases::marking_scheme);
        let stored: Option<Value> = self.wire.run(|connection| query.first(connection))?;
        stored.as_ref().map(scheme::restore).transpose()
    }
}

/// The columns of a standing.
const SAID: (
    release_results::copy_id,
    release_results::score_quarters,
    release_results::max_quarters,
) = (
    release_results::copy_id,
    release_results::score_quarters,
    release_results::max_quarters,
);

/// What a release says, in the order of the copies.
#[diesel::dsl::auto_type]
fn said(of: &Release) -> _ {
    let release: Uuid = of.id.into();
    release_results::table
        .filter(release_results::release_id.eq(release))
        .order(release_results::copy_id)
}

fn release(row: &Row) -> Result<Release, Error> {
    let withdrawn = match (row.withdrawn_by, row.withdrawn_at) {
        (None, None) => None,
        (Some(by), Some(at)) => Some((by.into(), at)),
        _ => return Err(RELEASES.corrupt()),
    };
    Ok(Release {
        id: row.id.into(),
        exam: row.exam_id.into(),
        number: RELEASES.number(row.number)?,
        by: row.released_by.into(),
        at: row.released_at,
        withdrawn,
    })
}

fn standing(said: &Said) -> Result<Standing, Error> {
    let points = |quarters| RESULTS.number(quarters).map(Points::from_quarters);
    Ok(Standing {
        copy: said.copy_id.into(),
        score: points(said.score_quarters)?,
        max: points(said.max_quarters)?,
    })
}
