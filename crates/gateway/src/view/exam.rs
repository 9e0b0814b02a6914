//! Exams.

use contracts::grading as pb;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::names::{Layout, ZonePages};
use super::{MarkingScheme, Versioned, time};

/// An exam.
#[derive(Serialize, ToSchema)]
pub(crate) struct Exam {
    #[schema(format = Uuid)]
    id: String,
    name: String,
    /// The day it is written on.
    #[schema(format = Date)]
    date: String,
    /// How many pages a copy has, if all have as many.
    #[schema(required = true)]
    pages_per_copy: Option<u32>,
    #[schema(value_type = Layout)]
    layout: String,
    #[schema(required = true)]
    identity_zone: Option<IdentityZone>,
    /// The teachers who correct it.
    correctors: Vec<String>,
    /// What the classes are called that write it; none for everybody.
    classes: Vec<String>,
    #[schema(required = true)]
    marking_scheme: Option<MarkingScheme>,
    /// The most points that a copy can have: those of the marking scheme, else 20.
    max: String,
    /// When its results were released; null while they are not.
    #[schema(format = DateTime, required = true)]
    released_at: Option<String>,
    /// The number in its `ETag`.
    version: i64,
}

/// The part of a page that names the pupil: a rectangle in fractions of the displayed page.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentityZone {
    #[schema(value_type = ZonePages)]
    pages: String,
    #[schema(minimum = 0, maximum = 1)]
    x: f64,
    #[schema(minimum = 0, maximum = 1)]
    y: f64,
    #[schema(exclusive_minimum = 0, maximum = 1)]
    w: f64,
    #[schema(exclusive_minimum = 0, maximum = 1)]
    h: f64,
}

impl Versioned for Exam {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Exam> for Exam {
    fn from(exam: pb::Exam) -> Self {
        Self {
            id: exam.id,
            name: exam.name,
            date: exam.date,
            pages_per_copy: exam.pages_per_copy,
            layout: exam.layout,
            identity_zone: exam.identity_zone.map(Into::into),
            correctors: exam.correctors,
            classes: exam.classes,
            marking_scheme: exam.marking_scheme.map(Into::into),
            max: exam.max,
            released_at: exam.released_at.as_ref().and_then(time::text),
            version: exam.version,
        }
    }
}

impl From<pb::IdentityZone> for IdentityZone {
    fn from(zone: pb::IdentityZone) -> Self {
        let pb::IdentityZone { pages, x, y, w, h } = zone;
        Self { pages, x, y, w, h }
    }
}

impl From<IdentityZone> for pb::IdentityZone {
    fn from(zone: IdentityZone) -> Self {
        let IdentityZone { pages, x, y, w, h } = zone;
        Self { pages, x, y, w, h }
    }
}
