//! How a copy begins.

use crate::copy::{AnonymousId, Booklet, Copy, Import, State};
use crate::digest::{Digest, FileSize};
use crate::ids::{ExamId, Ids, UserId};
use crate::job::{Job, Task};

/// What is known of a copy before it exists.
#[derive(Debug, Clone, Copy)]
pub struct NewCopy {
    /// The exam it will belong to.
    pub exam: ExamId,
    /// The blob with its pages.
    pub source: Digest,
    /// The size of the blob.
    pub size: FileSize,
    /// Who uploaded it.
    pub by: UserId,
}

/// A new copy with the job that will import it. Only the store can record it.
#[derive(Debug)]
#[must_use = "a registration that is not recorded did not happen"]
pub struct Registration {
    copy: Copy,
    job: Job,
}

impl Registration {
    /// The copy, in STAGING.
    #[must_use]
    pub fn copy(&self) -> &Copy {
        &self.copy
    }

    /// The job, QUEUED.
    #[must_use]
    pub fn job(&self) -> &Job {
        &self.job
    }
}

impl Copy {
    /// A new copy in STAGING, and the job that imports its pages.
    pub fn register(new: NewCopy, ids: &Ids) -> Registration {
        let id = ids.next();
        let copy = Self {
            id,
            exam: new.exam,
            anonymous_id: AnonymousId::of(id),
            booklets: vec![Booklet {
                id: ids.next(),
                source: new.source,
                size: new.size,
            }],
            state: State::Staging(Import::Pending),
            corrector: None,
            lock_fence: 0,
            version: 0,
        };
        Registration {
            job: Job::queued(Task::Import(id), new.by, ids),
            copy,
        }
    }
}
