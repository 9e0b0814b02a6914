//! Pupils.

use diesel::prelude::*;
use domain::student::{ClassName, GivenNames, Particulars, SchoolNumber, Surname};
use domain::{ExamId, Student, StudentId};
use uuid::Uuid;

use crate::columns::Table;
use crate::error::Error;
use crate::schema::{identities, students};
use crate::wire::Wire;

/// The table of pupils.
pub struct Students<'a> {
    wire: Wire<'a>,
}

const STUDENTS: Table = Table("students");

#[derive(Queryable, Selectable)]
#[diesel(table_name = students)]
pub(crate) struct Row {
    id: Uuid,
    surname: String,
    given_names: String,
    birth_date: Option<chrono::NaiveDate>,
    class_name: Option<String>,
    number: Option<String>,
    user_id: Option<Uuid>,
}

impl<'a> Students<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Adds a pupil.
    pub fn insert(&mut self, id: StudentId, pupil: &Particulars) -> Result<(), Error> {
        let row = diesel::insert_into(students::table).values((
            students::id.eq(Uuid::from(id)),
            students::surname.eq(pupil.surname.expose()),
            students::given_names.eq(pupil.given_names.expose()),
            students::birth_date.eq(pupil.birth_date),
            students::class_name.eq(pupil.class.as_ref().map(ClassName::expose)),
            students::number.eq(pupil.number.as_ref().map(SchoolNumber::expose)),
            students::search_key.eq(pupil.search_key()),
            students::match_key.eq(pupil.match_key()),
        ));
        self.wire
            .run(|connection| row.execute(connection))
            .map(|_count| ())
    }

    /// The pupil with this id.
    pub fn get(&mut self, id: StudentId) -> Result<Option<Student>, Error> {
        let query = students::table.find(Uuid::from(id)).select(Row::as_select());
        let row: Option<Row> = self.wire.run(|connection| query.first(connection).optional())?;
        row.map(student).transpose()
    }

    /// The pupils who are known to have written a copy of the exam.
    pub fn authors_of(&mut self, exam: ExamId) -> Result<Vec<Student>, Error> {
        let query = students::table
            .inner_join(identities::table)
            .filter(identities::exam_id.eq(Uuid::from(exam)))
            .select(Row::as_select());
        let rows: Vec<Row> = self.wire.run(|connection| query.load(connection))?;
        rows.into_iter().map(student).collect()
    }
}

/// What a row describes.
pub(crate) fn student(row: Row) -> Result<Student, Error> {
    Ok(Student {
        id: row.id.into(),
        particulars: Particulars {
            surname: STUDENTS.some(Surname::new(&row.surname))?,
            given_names: STUDENTS.some(GivenNames::new(&row.given_names))?,
            birth_date: row.birth_date,
            class: row
                .class_name
                .map(|name| STUDENTS.some(ClassName::new(&name)))
                .transpose()?,
            number: row
                .number
                .map(|number| STUDENTS.some(SchoolNumber::new(&number)))
                .transpose()?,
        },
        user: row.user_id.map(Into::into),
    })
}
