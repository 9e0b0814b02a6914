//! Released results as they are read: by who wrote the copies, and as tables of whole exams.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use domain::copy::AnonymousId;
use domain::document::Documents;
use domain::exam::ExamName;
use domain::release::Release;
use domain::results::ResultRow;
use domain::student::Particulars;
use domain::{CopyId, ExamId, MarkingScheme, Points, Prose, QuestionId, Timestamp, UserId};
use serde_json::Value;
use uuid::Uuid;

use crate::columns::Table;
use crate::documents;
use crate::error::Error;
use crate::listing::{Listing, with_one_more};
use crate::schema::{
    self, appreciations, copies, copy_authors, exams, identities, release_results, releases,
};
use crate::scheme;
use crate::students::{self, Row as StudentRow};
use crate::wire::Wire;

/// A released result as who wrote the copy sees it in a list.
#[derive(Clone)]
pub struct OwnResult {
    /// The copy.
    pub copy: CopyId,
    /// The exam.
    pub exam: ExamId,
    /// What the exam is called.
    pub exam_name: ExamName,
    /// The day it was written.
    pub exam_date: chrono::NaiveDate,
    /// When the result was released.
    pub released_at: Timestamp,
    /// What the copy was given.
    pub score: Points,
    /// Out of what.
    pub max: Points,
}

/// A released result with all that was released of it.
#[derive(Clone)]
pub struct WholeResult {
    /// What lists have of it.
    pub listed: OwnResult,
    /// The questions as they were.
    pub scheme: Option<MarkingScheme>,
    /// The points of its questions.
    pub points: BTreeMap<QuestionId, Points>,
}

/// Results of releases that are not withdrawn.
pub struct Results<'a> {
    wire: Wire<'a>,
}

const RESULTS: Table = Table("release_results");
const EXAMS: Table = Table("exams");
const APPRECIATIONS: Table = Table("appreciations");

type Listed = (Uuid, Uuid, String, chrono::NaiveDate, Timestamp, i64, i64);
type Tabled = (Uuid, String, i64, i64, Value, Option<String>);

impl<'a> Results<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// The results of the copies that a person wrote, after a copy.
    pub fn page_of(
        &mut self,
        author: UserId,
        after: Option<CopyId>,
        limit: u16,
    ) -> Result<Listing<OwnResult, CopyId>, Error> {
        let query = release_results::table
            .inner_join(releases::table.inner_join(exams::table))
            .filter(releases::withdrawn_at.is_null())
            .filter(release_results::copy_id.eq_any(written_by(author)))
            .filter(release_results::copy_id.gt(after.map_or(Uuid::nil(), Uuid::from)))
            .order(release_results::copy_id)
            .limit(with_one_more(limit))
            .select(listed_columns());
        let rows: Vec<Listed> = self.wire.run(|connection| query.load(connection))?;
        let items = rows.into_iter().map(listed).collect::<Result<Vec<_>, _>>()?;
        Ok(Listing::of(items, limit, |result| result.copy))
    }

    /// The result of a copy, if this person wrote it.
    pub fn own(&mut self, author: UserId, copy: CopyId) -> Result<Option<WholeResult>, Error> {
        let query = release_results::table
            .inner_join(releases::table.inner_join(exams::table))
            .filter(releases::withdrawn_at.is_null())
            .filter(release_results::copy_id.eq(Uuid::from(copy)))
            .filter(release_results::copy_id.eq_any(written_by(author)))
            .select((
                listed_columns(),
                release_results::points,
                releases::marking_scheme,
            ));
        let row: Option<(Listed, Value, Option<Value>)> =
            self.wire.run(|connection| query.first(connection).optional())?;
        row.map(|(row, given, scheme)| {
            Ok(WholeResult {
                listed: listed(row)?,
                scheme: scheme.as_ref().map(scheme::restore).transpose()?,
                points: points_by_question(&given)?,
            })
        })
        .transpose()
    }

    /// The document that was released of a copy.
    pub fn document(&mut self, copy: CopyId) -> Result<Option<Documents>, Error> {
        let query = release_results::table
            .inner_join(releases::table)
            .inner_join(schema::documents::table)
            .filter(releases::withdrawn_at.is_null())
            .filter(release_results::copy_id.eq(Uuid::from(copy)))
            .select(documents::Row::as_select());
        let row: Option<documents::Row> = self.wire.run(|connection| query.first(connection).optional())?;
        row.map(documents::made).transpose()
    }

    /// Which copies of a release nobody is known to have written.
    pub fn nobodys(&mut self, of: &Release) -> Result<Vec<CopyId>, Error> {
        let known = identities::table.filter(identities::copy_id.eq(release_results::copy_id));
        let query = release_results::table
            .filter(release_results::release_id.eq(Uuid::from(of.id)))
            .filter(diesel::dsl::not(diesel::dsl::exists(known)))
            .order(release_results::copy_id)
            .select(release_results::copy_id);
        let found: Vec<Uuid> = self.wire.run(|connection| query.load(connection))?;
        Ok(found.into_iter().map(CopyId::from).collect())
    }

    /// All that tables say of a release, in the order of the copies.
    pub fn rows_of(&mut self, of: &Release) -> Result<Vec<ResultRow>, Error> {
        let mut pupils = self.pupils_of(of.exam)?;
        let query = release_results::table
            .inner_join(copies::table.left_join(appreciations::table))
            .filter(release_results::release_id.eq(Uuid::from(of.id)))
            .order(release_results::copy_id)
            .select((
                release_results::copy_id,
                copies::anonymous_id,
                release_results::score_quarters,
                release_results::max_quarters,
                release_results::points,
                appreciations::text.nullable(),
            ));
        let rows: Vec<Tabled> = self.wire.run(|connection| query.load(connection))?;
        let row = |(copy, anonymous_id, score, max, given, words): Tabled| {
            let words = words.map(|text| APPRECIATIONS.some(Prose::new(&text).ok().flatten()));
            Ok(ResultRow {
                copy: copy.into(),
                anonymous_id: AnonymousId::restore(&anonymous_id),
                pupil: pupils.remove(&CopyId::from(copy)),
                score: points(score)?,
                max: points(max)?,
                points: points_by_question(&given)?,
                appreciation: words.transpose()?,
            })
        };
        rows.into_iter().map(row).collect()
    }

    fn pupils_of(&mut self, exam: ExamId) -> Result<HashMap<CopyId, Particulars>, Error> {
        let query = identities::table
            .inner_join(schema::students::table)
            .filter(identities::exam_id.eq(Uuid::from(exam)))
            .select((identities::copy_id, StudentRow::as_select()));
        let rows: Vec<(Uuid, StudentRow)> = self.wire.run(|connection| query.load(connection))?;
        rows.into_iter()
            .map(|(copy, row)| Ok((copy.into(), students::student(row)?.particulars)))
            .collect()
    }
}

/// The copies that a person wrote.
#[diesel::dsl::auto_type(no_type_alias)]
fn written_by(author: UserId) -> _ {
    let author: Uuid = Uuid::from(author);
    copy_authors::table
        .filter(copy_authors::user_id.eq(author))
        .select(copy_authors::copy_id)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn listed_columns() -> _ {
    (
        release_results::copy_id,
        exams::id,
        exams::name,
        exams::date,
        releases::released_at,
        release_results::score_quarters,
        release_results::max_quarters,
    )
}

fn listed((copy, exam, name, date, released_at, score, max): Listed) -> Result<OwnResult, Error> {
    Ok(OwnResult {
        copy: copy.into(),
        exam: exam.into(),
        exam_name: EXAMS.some(ExamName::new(&name))?,
        exam_date: date,
        released_at,
        score: points(score)?,
        max: points(max)?,
    })
}

fn points(quarters: i64) -> Result<Points, Error> {
    RESULTS.number(quarters).map(Points::from_quarters)
}

pub(crate) fn points_by_question(given: &Value) -> Result<BTreeMap<QuestionId, Points>, Error> {
    let given = RESULTS.some(given.as_object())?;
    given
        .iter()
        .map(|(question, quarters)| {
            let quarters = RESULTS.some(quarters.as_i64())?;
            Ok((RESULTS.parse(question)?, points(quarters)?))
        })
        .collect()
}
