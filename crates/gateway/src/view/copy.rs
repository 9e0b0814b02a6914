//! Copies.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::job::some;
use super::names::{CopyStatus, FailureCode};
use super::{Job, Versioned, time};

/// One pupil's copy of an exam. Who wrote it is only in it for administrators.
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
    /// What its pages came in, in order: several where copies were merged. Only where a single copy is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    booklets: Option<Vec<Booklet>>,
    /// The points so far; once it was finalized, those that it was finalized with. In lists null until then.
    #[schema(required = true)]
    score: Option<String>,
    /// The most that can be scored; once it was finalized, the most that could be scored then. In lists null until
    /// then.
    #[schema(required = true)]
    max: Option<String>,
    /// Who is to correct it; null for nobody in particular, as long as copies are not dispatched.
    #[schema(value_type = Option<String>, format = Uuid, required = true)]
    corrector_id: Option<String>,
    /// Null while nobody corrects it.
    #[schema(required = true)]
    lock: Option<CopyLock>,
    /// Who wrote it. Only for administrators, and only where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    identity: Option<Identity>,
    /// Only where a single copy is answered; null in lists.
    #[schema(required = true)]
    import_job: Option<Job>,
    /// Only where a single copy is answered; null in lists, and before it was finalized.
    #[schema(required = true)]
    finalize_job: Option<Job>,
    /// Why its import failed, or the making of its corrected document, while that is the last that happened.
    #[schema(value_type = Option<FailureCode>, required = true)]
    error_code: Option<String>,
    /// How many attempts of its last finalization have failed.
    retries: u32,
    /// The number in its `ETag`.
    version: i64,
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

/// Pages of a copy that came in one file.
#[derive(Serialize, ToSchema)]
pub(crate) struct Booklet {
    #[schema(format = Uuid)]
    id: String,
    /// How many; none before they are imported.
    pages: u32,
}

/// That somebody corrects a copy.
#[derive(Serialize, ToSchema)]
pub(crate) struct CopyLock {
    /// Whether it is the caller.
    mine: bool,
    /// When it ends without a sign of life.
    #[schema(format = DateTime)]
    expires_at: String,
}

/// Who wrote a copy.
#[derive(Serialize, ToSchema)]
pub(crate) struct Identity {
    #[schema(format = Uuid)]
    student_id: String,
    surname: String,
    given_names: String,
    /// Null where it is not known.
    #[schema(required = true)]
    class: Option<String>,
}

impl Versioned for Copy {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Copy {
    /// A copy among others.
    pub(crate) fn listed(copy: pb::Copy) -> Self {
        Self {
            pages: None,
            booklets: None,
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
            booklets: Some(copy.booklets.into_iter().map(Into::into).collect()),
            score: some(copy.score),
            max: some(copy.max),
            corrector_id: some(copy.corrector_id),
            lock: copy.lock.map(Into::into),
            identity: copy.identity.map(Into::into),
            import_job: copy.import_job.map(Into::into),
            finalize_job: copy.finalize_job.map(Into::into),
            error_code: some(copy.error_code),
            retries: copy.retries,
            version: copy.version,
            created_at: time::required(copy.created_at.as_ref()),
        }
    }
}

impl From<pb::Identity> for Identity {
    fn from(identity: pb::Identity) -> Self {
        Self {
            student_id: identity.student_id,
            surname: identity.surname,
            given_names: identity.given_names,
            class: some(identity.class),
        }
    }
}

impl From<pb::CopyBooklet> for Booklet {
    fn from(booklet: pb::CopyBooklet) -> Self {
        Self {
            id: booklet.id,
            pages: booklet.pages,
        }
    }
}

impl From<pb::CopyLock> for CopyLock {
    fn from(lock: pb::CopyLock) -> Self {
        Self {
            mine: lock.mine,
            expires_at: time::required(lock.expires_at.as_ref()),
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
