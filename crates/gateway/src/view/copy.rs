//! Copies.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::job::some;
use super::names::{CopyStatus, FailureCode};
use super::{Job, time};

/// One pupil's copy of an exam. Who wrote it is not in it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Copy {
    #[schema(format = Uuid)]
    id: String,
    #[schema(format = Uuid)]
    exam_id: String,
    /// By what the correctors call it.
    anonymous_id: String,
    #[schema(value_type = CopyStatus)]
    status: String,
    /// Only where a single copy is answered, not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    pages: Option<Vec<Page>>,
    page_count: u32,
    /// The total, once there is one.
    #[schema(required = true)]
    score: Option<String>,
    /// The most that can be scored.
    #[schema(required = true)]
    max: Option<String>,
    /// Who corrects it now.
    #[schema(value_type = Option<Object>, required = true)]
    lock: Option<()>,
    #[schema(required = true)]
    import_job: Option<Job>,
    #[schema(required = true)]
    finalize_job: Option<Job>,
    /// Why its import failed, while that is the last that happened.
    #[schema(value_type = Option<FailureCode>, required = true)]
    error_code: Option<String>,
    /// How often its finalization was tried again.
    retries: u32,
    /// The number in its `ETag`.
    pub(crate) version: i64,
    #[schema(format = DateTime)]
    created_at: String,
}

/// A page as it is displayed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Page {
    /// Counted from 0.
    index: u32,
    /// Points.
    width: f64,
    /// Points.
    height: f64,
}

impl Copy {
    /// A copy among others.
    pub(crate) fn listed(copy: pb::Copy) -> Self {
        Self {
            pages: None,
            ..Self::from(copy)
        }
    }
}

impl From<pb::Copy> for Copy {
    fn from(copy: pb::Copy) -> Self {
        Self {
            id: copy.id,
            exam_id: copy.exam_id,
            anonymous_id: copy.anonymous_id,
            status: copy.status,
            pages: Some(copy.pages.into_iter().map(Into::into).collect()),
            page_count: copy.page_count,
            score: None,
            max: None,
            lock: None,
            import_job: copy.import_job.map(Into::into),
            finalize_job: None,
            error_code: some(copy.error_code),
            retries: 0,
            version: copy.version,
            created_at: time::required(copy.created_at.as_ref()),
        }
    }
}

impl From<pb::Page> for Page {
    fn from(page: pb::Page) -> Self {
        Self {
            index: page.index,
            width: page.width,
            height: page.height,
        }
    }
}
