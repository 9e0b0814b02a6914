//! Releases of the results of exams.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::job::some;
use super::time;
use super::validated::RefusedCopy;

/// Results that were published.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewRelease {
    /// Which release of the exam it is.
    number: u32,
    /// How many copies are in it.
    released: u32,
    /// Copies that are not in it, and why.
    left_out: Vec<RefusedCopy>,
    /// Copies that are in it and nobody's: no pupil sees their result until somebody says whose they are.
    without_pupil: Vec<String>,
}

/// A release of an exam.
#[derive(Serialize, ToSchema)]
pub(crate) struct Release {
    /// Counted from 1.
    number: u32,
    /// Who published it.
    #[schema(format = Uuid)]
    released_by: String,
    #[schema(format = DateTime)]
    released_at: String,
    /// Who withdrew it; null while pupils see it.
    #[schema(format = Uuid, required = true)]
    withdrawn_by: Option<String>,
    #[schema(format = DateTime, required = true)]
    withdrawn_at: Option<String>,
}

/// A release, and in what it differs from the one before.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReleaseWithChanges {
    #[serde(flatten)]
    release: Release,
    /// How many copies are in it.
    results: u32,
    /// The copies of which the release before shows something else; none in the first one.
    changes: Vec<ChangedResult>,
}

/// A copy of which pupils see different things in two releases.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChangedResult {
    #[schema(format = Uuid)]
    copy_id: String,
    /// Its score in the release before; null if it was not in it.
    #[schema(required = true)]
    previous: Option<String>,
    /// Out of what.
    #[schema(required = true)]
    previous_max: Option<String>,
    /// Its score in this release; null if it is not in it.
    #[schema(required = true)]
    score: Option<String>,
    /// Out of what.
    #[schema(required = true)]
    max: Option<String>,
    /// Whether a question has other points, also where they are as many in all.
    points_changed: bool,
    /// Whether its corrected document was made anew.
    document_changed: bool,
}

impl From<pb::ReleaseReply> for NewRelease {
    fn from(reply: pb::ReleaseReply) -> Self {
        Self {
            number: reply.number,
            released: reply.released,
            left_out: reply.left_out.into_iter().map(Into::into).collect(),
            without_pupil: reply.without_pupil,
        }
    }
}

impl From<pb::ReleaseOfExam> for Release {
    fn from(release: pb::ReleaseOfExam) -> Self {
        Self {
            number: release.number,
            released_by: release.released_by,
            released_at: time::required(release.released_at.as_ref()),
            withdrawn_by: some(release.withdrawn_by),
            withdrawn_at: release.withdrawn_at.as_ref().and_then(time::text),
        }
    }
}

impl From<pb::ReleaseWithChanges> for ReleaseWithChanges {
    fn from(reply: pb::ReleaseWithChanges) -> Self {
        Self {
            release: reply.release.unwrap_or_default().into(),
            results: reply.results,
            changes: reply.changes.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<pb::ChangedResult> for ChangedResult {
    fn from(changed: pb::ChangedResult) -> Self {
        Self {
            copy_id: changed.copy_id,
            previous: some(changed.previous),
            previous_max: some(changed.previous_max),
            score: some(changed.score),
            max: some(changed.max),
            points_changed: changed.points_changed,
            document_changed: changed.document_changed,
        }
    }
}
