//! How far the copies of an exam are.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::job::some;

/// The copies of an exam by state.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExamProgress {
    all: Counts,
    /// The caller's own; null if they were given none.
    #[schema(required = true)]
    own: Option<Counts>,
    /// For administrators: those of each corrector. Null for correctors.
    #[schema(required = true)]
    correctors: Option<Vec<CorrectorProgress>>,
}

/// How many copies are in each state.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) struct ByStatus {
    staging: u32,
    ready: u32,
    locked: u32,
    grading_in_progress: u32,
    graded: u32,
    grading_failed: u32,
}

/// How many copies there are.
#[derive(Serialize, ToSchema)]
pub(crate) struct Counts {
    total: u32,
    by_status: ByStatus,
}

/// How far a corrector is.
#[derive(Serialize, ToSchema)]
pub(crate) struct CorrectorProgress {
    /// Null for the copies that are nobody's.
    #[schema(value_type = Option<String>, format = Uuid, required = true)]
    user_id: Option<String>,
    total: u32,
    by_status: ByStatus,
}

impl From<pb::Progress> for ExamProgress {
    fn from(progress: pb::Progress) -> Self {
        let correctors = progress.correctors.into_iter().map(Into::into);
        Self {
            all: progress.all.unwrap_or_default().into(),
            own: progress.own.map(Into::into),
            correctors: progress.tells_correctors.then(|| correctors.collect()),
        }
    }
}

impl From<pb::CorrectorProgress> for CorrectorProgress {
    fn from(progress: pb::CorrectorProgress) -> Self {
        let Counts { total, by_status } = progress.counts.unwrap_or_default().into();
        Self {
            user_id: some(progress.user_id),
            total,
            by_status,
        }
    }
}

impl From<pb::Counts> for Counts {
    fn from(counts: pb::Counts) -> Self {
        let by_status = ByStatus {
            staging: counts.staging,
            ready: counts.ready,
            locked: counts.locked,
            grading_in_progress: counts.grading_in_progress,
            graded: counts.graded,
            grading_failed: counts.grading_failed,
        };
        Self {
            total: by_status.total(),
            by_status,
        }
    }
}

impl ByStatus {
    fn total(&self) -> u32 {
        let before = self.staging + self.ready + self.locked;
        before + self.grading_in_progress + self.graded + self.grading_failed
    }
}
