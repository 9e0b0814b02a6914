//! Exams and who corrects them.

use std::collections::HashMap;

use diesel::prelude::*;
use domain::access::Relation;
use domain::exam::{Exam, ExamName, IdentityZone};
use domain::student::ClassName;
use domain::{ExamId, Rectangle, Timestamp, UserId};
use serde_json::Value;
use uuid::Uuid;

use crate::columns::Table;
use crate::error::Error;
use crate::listing::{Listing, with_one_more};
use crate::schema::{exam_classes, exam_correctors, exams};
use crate::scheme;
use crate::wire::Wire;

/// The table of exams.
pub struct Exams<'a> {
    wire: Wire<'a>,
}

const EXAMS: Table = Table("exams");
const EXAM_CLASSES: Table = Table("exam_classes");

#[derive(Queryable, Selectable)]
#[diesel(table_name = exams)]
struct Row {
    id: Uuid,
    name: String,
    date: chrono::NaiveDate,
    pages_per_copy: Option<i64>,
    layout: String,
    zone_pages: Option<String>,
    zone_x: Option<i64>,
    zone_y: Option<i64>,
    zone_w: Option<i64>,
    zone_h: Option<i64>,
    version: i64,
    marking_scheme: Option<Value>,
    released_at: Option<Timestamp>,
}

impl<'a> Exams<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Adds an exam with its correctors.
    pub fn insert(&mut self, exam: &Exam) -> Result<(), Error> {
        let zone = exam.identity_zone.as_ref();
        let row = diesel::insert_into(exams::table).values((
            exams::id.eq(Uuid::from(exam.id)),
            exams::name.eq(exam.name.expose()),
            exams::date.eq(exam.date),
            exams::pages_per_copy.eq(exam.pages_per_copy.map(i64::from)),
            exams::layout.eq(exam.layout.as_str()),
            exams::zone_pages.eq(zone.map(|zone| zone.pages.as_str())),
            exams::zone_x.eq(zone.map(|zone| i64::from(zone.area.x))),
            exams::zone_y.eq(zone.map(|zone| i64::from(zone.area.y))),
            exams::zone_w.eq(zone.map(|zone| i64::from(zone.area.w))),
            exams::zone_h.eq(zone.map(|zone| i64::from(zone.area.h))),
        ));
        self.wire.run(|connection| row.execute(connection))?;
        self.add_correctors(exam)
    }

    /// The exam, locked until the transaction ends.
    pub fn for_update(&mut self, id: ExamId) -> Result<Option<Exam>, Error> {
        let query = exams::table
            .find(Uuid::from(id))
            .select(Row::as_select())
            .for_no_key_update();
        let row: Option<Row> = self.wire.run(|connection| query.first(connection).optional())?;
        Ok(self.with_correctors(row.into_iter().collect())?.pop())
    }

    /// The exam, which nobody changes until the transaction ends.
    pub fn for_share(&mut self, id: ExamId) -> Result<Option<Exam>, Error> {
        let query = exams::table
            .find(Uuid::from(id))
            .select(Row::as_select())
            .for_share();
        let row: Option<Row> = self.wire.run(|connection| query.first(connection).optional())?;
        Ok(self.with_correctors(row.into_iter().collect())?.pop())
    }

    /// Stores the next version of an exam, if the stored one is the one before.
    pub fn update(&mut self, exam: &Exam) -> Result<(), Error> {
        let zone = exam.identity_zone.as_ref();
        let before = exams::table
            .find(Uuid::from(exam.id))
            .filter(exams::version.eq(exam.version - 1));
        let update = diesel::update(before).set((
            exams::name.eq(exam.name.expose()),
            exams::date.eq(exam.date),
            exams::pages_per_copy.eq(exam.pages_per_copy.map(i64::from)),
            exams::layout.eq(exam.layout.as_str()),
            exams::zone_pages.eq(zone.map(|zone| zone.pages.as_str())),
            exams::zone_x.eq(zone.map(|zone| i64::from(zone.area.x))),
            exams::zone_y.eq(zone.map(|zone| i64::from(zone.area.y))),
            exams::zone_w.eq(zone.map(|zone| i64::from(zone.area.w))),
            exams::zone_h.eq(zone.map(|zone| i64::from(zone.area.h))),
            exams::marking_scheme.eq(exam.scheme.as_ref().map(scheme::column)),
            exams::released_at.eq(exam.released_at),
            exams::version.eq(exam.version),
        ));
        if self.wire.run(|connection| update.execute(connection))? == 0 {
            return Err(Error::Stale { table: EXAMS.0 });
        }
        let gone = exam_correctors::table.filter(exam_correctors::exam_id.eq(Uuid::from(exam.id)));
        self.wire
            .run(|connection| diesel::delete(gone).execute(connection))?;
        self.add_correctors(exam)
    }

    fn add_correctors(&mut self, exam: &Exam) -> Result<(), Error> {
        let correctors: Vec<_> = exam
            .correctors
            .iter()
            .map(|user| {
                (
                    exam_correctors::exam_id.eq(Uuid::from(exam.id)),
                    exam_correctors::user_id.eq(Uuid::from(*user)),
                )
            })
            .collect();
        let rows = diesel::insert_into(exam_correctors::table).values(correctors);
        self.wire
            .run(|connection| rows.execute(connection))
            .map(|_count| ())
    }

    /// The exam with this id.
    pub fn get(&mut self, id: ExamId) -> Result<Option<Exam>, Error> {
        let query = exams::table.find(Uuid::from(id)).select(Row::as_select());
        let row: Option<Row> = self.wire.run(|connection| query.first(connection).optional())?;
        Ok(self.with_correctors(row.into_iter().collect())?.pop())
    }

    /// Exams from `after` on; only those that `visible_to` corrects, if it is given.
    pub fn page(
        &mut self,
        visible_to: Option<UserId>,
        after: Option<ExamId>,
        limit: u16,
    ) -> Result<Listing<Exam, ExamId>, Error> {
        let mut query = exams::table
            .select(Row::as_select())
            .order(exams::id)
            .limit(with_one_more(limit))
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(exams::id.gt(Uuid::from(after)));
        }
        if let Some(user) = visible_to {
            let corrected = exam_correctors::table
                .filter(exam_correctors::user_id.eq(Uuid::from(user)))
                .select(exam_correctors::exam_id);
            query = query.filter(exams::id.eq_any(corrected));
        }
        let rows = self.wire.run(|connection| query.load(connection))?;
        Ok(Listing::of(self.with_correctors(rows)?, limit, |exam| exam.id))
    }

    /// How a person stands to an exam; `None` if there is no such exam.
    pub fn relation(&mut self, exam: ExamId, user: UserId) -> Result<Option<Relation>, Error> {
        let corrects = exam_correctors::table
            .filter(exam_correctors::exam_id.eq(exams::id))
            .filter(exam_correctors::user_id.eq(Uuid::from(user)));
        let query = exams::table
            .find(Uuid::from(exam))
            .select(diesel::dsl::exists(corrects));
        let corrects: Option<bool> = self.wire.run(|connection| query.first(connection).optional())?;
        Ok(corrects.map(relation))
    }

    /// The classes that write these exams, in the order of their names.
    pub fn classes_of(&mut self, exams: &[ExamId]) -> Result<HashMap<ExamId, Vec<ClassName>>, Error> {
        let exams = exams.iter().copied().map(Uuid::from);
        let query = exam_classes::table
            .filter(exam_classes::exam_id.eq_any(exams))
            .order(exam_classes::class_name);
        let rows: Vec<(Uuid, String)> = self.wire.run(|connection| query.load(connection))?;
        let mut classes: HashMap<ExamId, Vec<ClassName>> = HashMap::new();
        for (exam, name) in rows {
            let name = EXAM_CLASSES.some(ClassName::new(&name))?;
            classes.entry(exam.into()).or_default().push(name);
        }
        Ok(classes)
    }

    /// Stores which classes write an exam from now on; none, if everybody does.
    pub fn set_classes(&mut self, exam: ExamId, classes: &[ClassName]) -> Result<(), Error> {
        let gone = exam_classes::table.filter(exam_classes::exam_id.eq(Uuid::from(exam)));
        self.wire
            .run(|connection| diesel::delete(gone).execute(connection))?;
        let rows: Vec<_> = classes
            .iter()
            .map(|class| {
                (
                    exam_classes::exam_id.eq(Uuid::from(exam)),
                    exam_classes::class_name.eq(class.expose()),
                )
            })
            .collect();
        let insert = diesel::insert_into(exam_classes::table).values(rows);
        self.wire
            .run(|connection| insert.execute(connection))
            .map(|_count| ())
    }

    /// Who corrects an exam, in the order of their ids.
    pub fn correctors(&mut self, exam: ExamId) -> Result<Vec<UserId>, Error> {
        let mut correctors = self.correctors_of(&[exam.into()])?;
        Ok(correctors.remove(&exam).unwrap_or_default())
    }

    fn correctors_of(&mut self, exams: &[Uuid]) -> Result<HashMap<ExamId, Vec<UserId>>, Error> {
        let query = exam_correctors::table
            .filter(exam_correctors::exam_id.eq_any(exams))
            .order(exam_correctors::user_id);
        let rows: Vec<(Uuid, Uuid)> = self.wire.run(|connection| query.load(connection))?;
        let mut correctors: HashMap<ExamId, Vec<UserId>> = HashMap::new();
        for (exam, user) in rows {
            correctors.entry(exam.into()).or_default().push(user.into());
        }
        Ok(correctors)
    }

    fn with_correctors(&mut self, rows: Vec<Row>) -> Result<Vec<Exam>, Error> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut correctors = self.correctors_of(&ids)?;
        rows.into_iter()
            .map(|row| {
                let id = ExamId::from(row.id);
                exam(&row, correctors.remove(&id).unwrap_or_default())
            })
            .collect()
    }
}

/// What the table of correctors says of a person.
pub(crate) fn relation(corrects: bool) -> Relation {
    if corrects {
        Relation::Corrector
    } else {
        Relation::Stranger
    }
}

fn exam(row: &Row, correctors: Vec<UserId>) -> Result<Exam, Error> {
    Ok(Exam {
        id: row.id.into(),
        name: EXAMS.some(ExamName::new(&row.name))?,
        date: row.date,
        pages_per_copy: row.pages_per_copy.map(|pages| EXAMS.number(pages)).transpose()?,
        layout: EXAMS.parse(&row.layout)?,
        identity_zone: zone(row)?,
        correctors,
        scheme: row.marking_scheme.as_ref().map(scheme::restore).transpose()?,
        released_at: row.released_at,
        version: row.version,
    })
}

fn zone(row: &Row) -> Result<Option<IdentityZone>, Error> {
    match (
        row.zone_pages.as_deref(),
        row.zone_x,
        row.zone_y,
        row.zone_w,
        row.zone_h,
    ) {
        (None, None, None, None, None) => Ok(None),
        (Some(pages), Some(x), Some(y), Some(w), Some(h)) => Ok(Some(IdentityZone {
            pages: EXAMS.parse(pages)?,
            area: Rectangle {
                x: EXAMS.number(x)?,
                y: EXAMS.number(y)?,
                w: EXAMS.number(w)?,
                h: EXAMS.number(h)?,
            },
        })),
        _ => Err(EXAMS.corrupt()),
    }
}
