//! Annotations.

use contracts::grading as pb;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::job::some;
use super::names::AnnotationKind;
use super::{Versioned, time};

/// Something drawn or written on a page.
#[derive(Serialize, ToSchema)]
pub(crate) struct Annotation {
    #[schema(format = Uuid)]
    id: String,
    #[schema(format = Uuid)]
    copy_id: String,
    /// The page, counted from 0.
    page_index: u32,
    rectangle: Rectangle,
    #[schema(value_type = AnnotationKind)]
    kind: String,
    #[schema(required = true)]
    text: Option<String>,
    /// Empty unless it is of the kind `INK`.
    ink: Vec<Stroke>,
    /// What it adds to the score, or takes away.
    #[schema(required = true)]
    score_delta: Option<String>,
    /// The question it is about.
    #[schema(required = true)]
    question_id: Option<String>,
    /// The number in its `ETag`.
    version: i64,
    /// Who made it.
    #[schema(format = Uuid)]
    created_by: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// A rectangle of the displayed page, as fractions of its width and height.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rectangle {
    #[schema(minimum = 0, maximum = 1)]
    x: f64,
    #[schema(minimum = 0, maximum = 1)]
    y: f64,
    #[schema(exclusive_minimum = 0, maximum = 1)]
    w: f64,
    #[schema(exclusive_minimum = 0, maximum = 1)]
    h: f64,
}

/// A line that was drawn by hand.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stroke {
    #[schema(min_items = 1)]
    points: Vec<InkPoint>,
}

/// A point that the pen went through, as fractions of the displayed page and of the full pressure.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InkPoint {
    #[schema(minimum = 0, maximum = 1)]
    x: f64,
    #[schema(minimum = 0, maximum = 1)]
    y: f64,
    #[schema(minimum = 0, maximum = 1)]
    pressure: f64,
}

impl Versioned for Annotation {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Annotation> for Annotation {
    fn from(annotation: pb::Annotation) -> Self {
        Self {
            id: annotation.id,
            copy_id: annotation.copy_id,
            page_index: annotation.page_index,
            rectangle: annotation.rectangle.unwrap_or_default().into(),
            kind: annotation.kind,
            text: some(annotation.text),
            ink: annotation.ink.into_iter().map(Into::into).collect(),
            score_delta: some(annotation.score_delta),
            question_id: some(annotation.question_id),
            version: annotation.version,
            created_by: annotation.created_by,
            created_at: time::required(annotation.created_at.as_ref()),
            updated_at: time::required(annotation.updated_at.as_ref()),
        }
    }
}

impl From<pb::Rectangle> for Rectangle {
    fn from(rectangle: pb::Rectangle) -> Self {
        let pb::Rectangle { x, y, w, h } = rectangle;
        Self { x, y, w, h }
    }
}

impl From<Rectangle> for pb::Rectangle {
    fn from(rectangle: Rectangle) -> Self {
        let Rectangle { x, y, w, h } = rectangle;
        Self { x, y, w, h }
    }
}

impl From<pb::Stroke> for Stroke {
    fn from(stroke: pb::Stroke) -> Self {
        let point = |pb::InkPoint { x, y, pressure }| InkPoint { x, y, pressure };
        Self {
            points: stroke.points.into_iter().map(point).collect(),
        }
    }
}

impl From<Stroke> for pb::Stroke {
    fn from(stroke: Stroke) -> Self {
        let point = |InkPoint { x, y, pressure }| pb::InkPoint { x, y, pressure };
        Self {
            points: stroke.points.into_iter().map(point).collect(),
        }
    }
}
