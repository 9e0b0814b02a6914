//! Pages arrive, or do not.

use crate::audit::{self, Actor, Metadata};
use crate::copy::{Asked, Attempted, Copy, Import, Refusal, Started, State, Transition};
use crate::failure::FailureCode;
use crate::ids::Ids;
use crate::job::{Job, JobKind};
use crate::page::PageCount;

impl Copy {
    /// The worker made the pages.
    pub fn complete_import(self, pages: PageCount, attempted: Attempted) -> Result<Transition, Refusal> {
        self.import_ended(Ok(pages), attempted)
    }

    /// The last attempt to make the pages failed.
    pub fn fail_import(self, code: FailureCode, attempted: Attempted) -> Result<Transition, Refusal> {
        self.import_ended(Err(code), attempted)
    }

    /// An administrator has the pages made again.
    pub fn retry_import(self, asked: Asked, ids: &Ids) -> Result<Started, Refusal> {
        match self.state {
            State::Staging(Import::Failed { .. }) => {}
            State::Staging(Import::Pending | Import::Done { .. })
            | State::Discarded(_)
            | State::Ready { .. }
            | State::Locked { .. }
            | State::GradingInProgress { .. }
            | State::Graded { .. }
            | State::GradingFailed { .. } => return Err(Refusal::WrongState(self.state.status())),
        }
        let job = Job::queued(JobKind::ImportCopy, self.id, asked.by, ids);
        let transition = self.to(
            State::Staging(Import::Pending),
            Actor::User(asked.by),
            asked.operation,
            Metadata::Retry { job: job.kind },
        );
        Ok(Started::new(transition, job))
    }

    fn import_ended(
        self,
        outcome: Result<PageCount, FailureCode>,
        attempted: Attempted,
    ) -> Result<Transition, Refusal> {
        match self.state {
            State::Staging(Import::Pending) => {}
            State::Staging(Import::Done { .. } | Import::Failed { .. })
            | State::Discarded(_)
            | State::Ready { .. }
            | State::Locked { .. }
            | State::GradingInProgress { .. }
            | State::Graded { .. }
            | State::GradingFailed { .. } => return Err(Refusal::WrongState(self.state.status())),
        }
        let source = (self.booklet.source, self.booklet.size);
        let metadata = Metadata::Import(audit::Import::new(self.id, source, attempted.attempt, outcome));
        let import = match outcome {
            Ok(pages) => Import::Done { pages },
            Err(code) => Import::Failed { code },
        };
        Ok(self.to(
            State::Staging(import),
            attempted.by,
            attempted.operation,
            metadata,
        ))
    }
}
