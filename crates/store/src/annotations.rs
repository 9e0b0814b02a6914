//! Annotations. They change through [`Tx::correct`](crate::Tx::correct); from here they are read.

use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use domain::annotation::{Annotation, Content, Ink, Load};
use domain::geometry::{InkPoint, Rectangle};
use domain::{AnnotationId, CopyId, PageIndex, Points, Prose, QuestionId, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::columns::Table;
use crate::error::Error;
use crate::schema::annotations;
use crate::wire::Wire;

/// An annotation as it is shown.
#[derive(Clone)]
pub struct AnnotationView {
    /// The annotation.
    pub annotation: Annotation,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The table of annotations.
pub struct Annotations<'a> {
    wire: Wire<'a>,
}

const ANNOTATIONS: Table = Table("annotations");

#[derive(Queryable, Selectable)]
#[diesel(table_name = annotations)]
struct Row {
    id: Uuid,
    copy_id: Uuid,
    page_index: i64,
    x: i64,
    y: i64,
    w: i64,
    h: i64,
    kind: String,
    text: Option<String>,
    ink: Value,
    delta_quarters: Option<i64>,
    question_id: Option<String>,
    created_by: Uuid,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl<'a> Annotations<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// The annotations of a copy in the order in which they were made.
    pub fn of(&mut self, copy: CopyId) -> Result<Vec<AnnotationView>, Error> {
        let query = annotations::table
            .filter(annotations::copy_id.eq(Uuid::from(copy)))
            .order(annotations::id)
            .select(Row::as_select());
        let rows: Vec<Row> = self.wire.run(|connection| query.load(connection))?;
        rows.into_iter().map(view).collect()
    }

    /// One annotation of a copy.
    pub fn get(&mut self, copy: CopyId, id: AnnotationId) -> Result<Option<AnnotationView>, Error> {
        let query = annotations::table
            .find(Uuid::from(id))
            .filter(annotations::copy_id.eq(Uuid::from(copy)))
            .select(Row::as_select());
        let row: Option<Row> = self.wire.run(|connection| query.first(connection).optional())?;
        row.map(view).transpose()
    }

    /// How much a copy has.
    pub fn load(&mut self, copy: CopyId) -> Result<Load, Error> {
        let query = annotations::table
            .filter(annotations::copy_id.eq(Uuid::from(copy)))
            .select((
                count_star(),
                sql::<BigInt>("coalesce(sum(ink_points), 0)::bigint"),
            ));
        let (annotations, ink_points): (i64, i64) = self.wire.run(|connection| query.first(connection))?;
        Ok(Load {
            annotations: ANNOTATIONS.number(annotations)?,
            ink_points: ANNOTATIONS.number(ink_points)?,
        })
    }

    /// Adds an annotation.
    pub(crate) fn insert(&mut self, annotation: &Annotation) -> Result<(), Error> {
        let content = &annotation.content;
        let row = diesel::insert_into(annotations::table).values((
            annotations::id.eq(Uuid::from(annotation.id)),
            annotations::copy_id.eq(Uuid::from(annotation.copy)),
            annotations::created_by.eq(Uuid::from(annotation.by)),
            columns(content),
        ));
        self.wire.run(|connection| row.execute(connection)).map(|_one| ())
    }

    /// Stores the next version of an annotation, if the stored one is the one before.
    pub(crate) fn update(&mut self, annotation: &Annotation) -> Result<(), Error> {
        let before = annotations::table
            .find(Uuid::from(annotation.id))
            .filter(annotations::version.eq(annotation.version - 1));
        let update = diesel::update(before).set((
            annotations::version.eq(annotation.version),
            columns(&annotation.content),
        ));
        one(self.wire.run(|connection| update.execute(connection))?)
    }

    /// Takes an annotation away, if it is the stored version.
    pub(crate) fn delete(&mut self, annotation: &Annotation) -> Result<(), Error> {
        let delete = diesel::delete(
            annotations::table
                .find(Uuid::from(annotation.id))
                .filter(annotations::version.eq(annotation.version)),
        );
        one(self.wire.run(|connection| delete.execute(connection))?)
    }
}

fn one(rows: usize) -> Result<(), Error> {
    match rows {
        0 => Err(Error::Stale { table: ANNOTATIONS.0 }),
        _one => Ok(()),
    }
}

#[diesel::dsl::auto_type(no_type_alias)]
fn columns<'a>(content: &'a Content) -> _ {
    let area: Rectangle = content.area;
    let text: Option<&'a str> = content.text.as_ref().map(Prose::expose);
    let question: Option<&'a str> = content.question.as_ref().map(QuestionId::as_str);
    let delta: Option<i64> = content.score_delta.map(|points| i64::from(points.quarters()));
    let ink: Value = drawn(&content.ink);
    let ink_points: i64 = i64::try_from(content.ink.points()).unwrap_or(i64::MAX);
    let kind: &'static str = content.kind.as_str();
    let page: i64 = i64::from(content.page.get());
    let (x, y, w, h): (i64, i64, i64, i64) = (area.x.into(), area.y.into(), area.w.into(), area.h.into());
    (
        annotations::page_index.eq(page),
        annotations::x.eq(x),
        annotations::y.eq(y),
        annotations::w.eq(w),
        annotations::h.eq(h),
        annotations::kind.eq(kind),
        annotations::text.eq(text),
        annotations::ink.eq(ink),
        annotations::ink_points.eq(ink_points),
        annotations::delta_quarters.eq(delta),
        annotations::question_id.eq(question),
    )
}

/// Lines as they are stored: lists of points, each three whole numbers.
fn drawn(ink: &Ink) -> Value {
    let point = |point: &InkPoint| Value::from(vec![point.x, point.y, point.pressure]);
    let stroke = |stroke: &Vec<InkPoint>| -> Value { stroke.iter().map(point).collect() };
    ink.strokes().iter().map(stroke).collect()
}

fn ink(stored: Value) -> Result<Ink, Error> {
    let strokes: Vec<Vec<[u32; 3]>> =
        serde_json::from_value(stored).map_err(|_other_shape| ANNOTATIONS.corrupt())?;
    let strokes = strokes.into_iter().map(|stroke| {
        let points = stroke
            .into_iter()
            .map(|[x, y, pressure]| InkPoint { x, y, pressure });
        points.collect()
    });
    ANNOTATIONS.some(Ink::new(strokes.collect()))
}

fn view(row: Row) -> Result<AnnotationView, Error> {
    let text = row.text.as_deref().unwrap_or_default();
    let delta = row.delta_quarters.map(|quarters| ANNOTATIONS.number(quarters));
    let content = Content {
        page: ANNOTATIONS.some(PageIndex::new(ANNOTATIONS.number(row.page_index)?))?,
        area: Rectangle {
            x: ANNOTATIONS.number(row.x)?,
            y: ANNOTATIONS.number(row.y)?,
            w: ANNOTATIONS.number(row.w)?,
            h: ANNOTATIONS.number(row.h)?,
        },
        kind: ANNOTATIONS.parse(&row.kind)?,
        text: ANNOTATIONS.some(Prose::new(text).ok())?,
        ink: ink(row.ink)?,
        score_delta: delta.transpose()?.map(Points::from_quarters),
        question: ANNOTATIONS.parse_some(row.question_id.as_deref())?,
    };
    Ok(AnnotationView {
        annotation: Annotation {
            id: row.id.into(),
            copy: row.copy_id.into(),
            content,
            by: row.created_by.into(),
            version: row.version,
        },
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
