//! Pupils. Whoever reads a [`Student`] holds personal data: it has no `Debug`.

use std::collections::HashMap;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Date, Nullable};
use domain::student::{ClassName, GivenNames, Particulars, SchoolNumber, Surname};
use domain::{CopyId, Student, StudentId, UserId};
use uuid::Uuid;

use crate::columns::Table;
use crate::error::Error;
use crate::listing::{Listing, with_one_more};
use crate::schema::{identities, students, users};
use crate::wire::Wire;

/// The table of pupils.
pub struct Students<'a> {
    wire: Wire<'a>,
}

const STUDENTS: Table = Table("students");

/// Each row binds eight values, and a statement may bind 65535.
const ROWS_AT_ONCE: usize = 1_000;

/// Which pupils are listed. What is empty does not matter.
#[derive(Default)]
pub struct StudentFilter {
    /// Folded words, separated by spaces: each must begin a word of a name, the class or the number.
    pub words: String,
    /// What the class is called.
    pub class: String,
}

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

/// Who a pupil is, as it is stored. What is not known is stored as such.
macro_rules! columns {
    ($pupil:ident) => {
        (
            students::surname.eq($pupil.surname.expose()),
            students::given_names.eq($pupil.given_names.expose()),
            students::birth_date.eq($pupil.birth_date),
            students::class_name.eq($pupil.class.as_ref().map(ClassName::expose)),
            students::number.eq($pupil.number.as_ref().map(SchoolNumber::expose)),
            students::search_key.eq($pupil.search_key()),
            students::match_key.eq($pupil.match_key()),
        )
    };
}

impl<'a> Students<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Lets nobody else add or change pupils until the transaction ends. Reading goes on.
    pub fn hold(&mut self) -> Result<(), Error> {
        let lock = sql_query("LOCK TABLE grading.students IN SHARE ROW EXCLUSIVE MODE");
        self.wire
            .run(|connection| lock.execute(connection))
            .map(|_none| ())
    }

    /// Waits for whoever [holds](Self::hold) the table, before a row of it is locked: afterwards each would wait for the
    /// other.
    fn change(&mut self) -> Result<(), Error> {
        let lock = sql_query("LOCK TABLE grading.students IN ROW EXCLUSIVE MODE");
        self.wire
            .run(|connection| lock.execute(connection))
            .map(|_none| ())
    }

    /// All pupils.
    pub fn all(&mut self) -> Result<Vec<Student>, Error> {
        let query = students::table.order(students::id).select(Row::as_select());
        let rows: Vec<Row> = self.wire.run(|connection| query.load(connection))?;
        rows.into_iter().map(student).collect()
    }

    /// Adds a pupil.
    pub fn insert(&mut self, id: StudentId, pupil: &Particulars) -> Result<(), Error> {
        self.insert_all(&[(id, pupil.clone())])
    }

    /// Adds pupils.
    pub fn insert_all(&mut self, pupils: &[(StudentId, Particulars)]) -> Result<(), Error> {
        for some in pupils.chunks(ROWS_AT_ONCE) {
            let rows: Vec<_> = some
                .iter()
                .map(|(id, pupil)| (students::id.eq(Uuid::from(*id)), columns!(pupil)))
                .collect();
            let insert = diesel::insert_into(students::table).values(rows);
            self.wire.run(|connection| insert.execute(connection))?;
        }
        Ok(())
    }

    /// Stores who a pupil is from now on. Their access is called by the same name.
    pub fn update(&mut self, id: StudentId, pupil: &Particulars) -> Result<(), Error> {
        let update = diesel::update(students::table.find(Uuid::from(id)))
            .set(columns!(pupil))
            .returning(students::user_id);
        let updated = self
            .wire
            .run(|connection| update.get_result(connection).optional())?;
        let access: Option<Uuid> = updated.ok_or(Error::Stale { table: STUDENTS.0 })?;
        let Some(access) = access else {
            return Ok(());
        };
        let name = STUDENTS.some(pupil.display_name())?;
        let rename = diesel::update(users::table.find(access)).set(users::display_name.eq(name.expose()));
        self.wire
            .run(|connection| rename.execute(connection))
            .map(|_one| ())
    }

    /// A list of today has these pupils: they are at the school.
    pub fn list(&mut self, ids: &[StudentId]) -> Result<(), Error> {
        let ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
        let update = diesel::update(students::table.filter(students::id.eq_any(ids)))
            .set(students::last_seen.eq(sql::<Nullable<Date>>("GREATEST(last_seen, CURRENT_DATE)")));
        self.wire
            .run(|connection| update.execute(connection))
            .map(|_count| ())
    }

    /// Gives a pupil access.
    pub fn set_user(&mut self, id: StudentId, user: UserId) -> Result<(), Error> {
        let update =
            diesel::update(students::table.find(Uuid::from(id))).set(students::user_id.eq(Uuid::from(user)));
        found(self.wire.run(|connection| update.execute(connection))?)
    }

    /// Pupils after `after` in the order of their names. Nothing, if there is no such pupil.
    pub fn page(
        &mut self,
        filter: &StudentFilter,
        after: Option<StudentId>,
        limit: u16,
    ) -> Result<Option<Listing<Student, StudentId>>, Error> {
        let mut query = students::table
            .select(Row::as_select())
            .order((students::search_key, students::id))
            .limit(with_one_more(limit))
            .into_boxed();
        if let Some(after) = after {
            let id = Uuid::from(after);
            let place = students::table.find(id).select(students::search_key);
            let place: Option<String> = self.wire.run(|connection| place.first(connection).optional())?;
            let Some(place) = place else {
                return Ok(None);
            };
            let same = students::search_key.eq(place.clone()).and(students::id.gt(id));
            query = query.filter(students::search_key.gt(place).or(same));
        }
        for word in filter.words.split_whitespace() {
            let first = students::search_key.like(format!("{word}%"));
            query = query.filter(first.or(students::search_key.like(format!("% {word}%"))));
        }
        if !filter.class.is_empty() {
            query = query.filter(students::class_name.eq(filter.class.clone()));
        }
        let rows: Vec<Row> = self.wire.run(|connection| query.load(connection))?;
        let items = rows.into_iter().map(student).collect::<Result<Vec<_>, _>>()?;
        Ok(Some(Listing::of(items, limit, |student| student.id)))
    }

    /// The pupil with this id, whom nobody else changes until the transaction ends.
    pub fn for_update(&mut self, id: StudentId) -> Result<Option<Student>, Error> {
        self.change()?;
        let query = students::table
            .find(Uuid::from(id))
            .select(Row::as_select())
            .for_no_key_update();
        let row: Option<Row> = self.wire.run(|connection| query.first(connection).optional())?;
        row.map(student).transpose()
    }

    /// Who wrote these copies, as far as it is known.
    pub fn of_copies(&mut self, copies: &[CopyId]) -> Result<HashMap<CopyId, Student>, Error> {
        let copies = copies.iter().copied().map(Uuid::from);
        let query = students::table
            .inner_join(identities::table)
            .filter(identities::copy_id.eq_any(copies))
            .select((identities::copy_id, Row::as_select()));
        let rows: Vec<(Uuid, Row)> = self.wire.run(|connection| query.load(connection))?;
        rows.into_iter()
            .map(|(copy, row)| Ok((copy.into(), student(row)?)))
            .collect()
    }

    /// The pupil with this id.
    pub fn get(&mut self, id: StudentId) -> Result<Option<Student>, Error> {
        let query = students::table.find(Uuid::from(id)).select(Row::as_select());
        let row: Option<Row> = self.wire.run(|connection| query.first(connection).optional())?;
        row.map(student).transpose()
    }

    /// The pupil with this id, whom nobody else changes or gives a copy until the transaction ends.
    pub fn for_delete(&mut self, id: StudentId) -> Result<Option<Student>, Error> {
        self.change()?;
        let query = students::table
            .find(Uuid::from(id))
            .select(Row::as_select())
            .for_update();
        let row: Option<Row> = self.wire.run(|connection| query.first(connection).optional())?;
        row.map(student).transpose()
    }

    /// Forgets a pupil who has no copy.
    pub fn delete(&mut self, id: StudentId) -> Result<(), Error> {
        let delete = diesel::delete(students::table.find(Uuid::from(id)));
        self.wire
            .run(|connection| delete.execute(connection))
            .map(|_count| ())
    }
}

fn found(rows: usize) -> Result<(), Error> {
    match rows {
        0 => Err(Error::Stale { table: STUDENTS.0 }),
        _one => Ok(()),
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
