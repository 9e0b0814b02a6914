//! Pages arrive, or do not.

use crate::audit::{self, Metadata};
use crate::copy::{Asked, Attempted, Copy, Import, Refusal, Started, State, Transition};
use crate::failure::FailureCode;
use crate::ids::Ids;
use crate::job::{Job, Task};
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
        let job = Job::queued(Task::Import(self.id), asked.by, ids);
        let transition = self.to(
            State::Staging(Import::Pending),
            asked.actor(),
            asked.operation,
            Metadata::Retry { job: job.task.kind() },
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
        let wrong_state = Refusal::WrongState(self.state.status());
        let booklet = self.booklets.first().ok_or(wrong_state)?;
        let source = (booklet.source, booklet.size);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copy::samples::{allowed, attempted, in_time, pages, refused, sample};
    use crate::status::Status;

    #[test]
    fn pages_arrive_once_and_only_where_they_are_waited_for() {
        let complete = |copy: Copy| copy.complete_import(pages(), attempted(1));
        let fail = |copy: Copy| copy.fail_import(FailureCode::InvalidPdf, attempted(1));
        assert_eq!(allowed(complete), ["importing"]);
        assert_eq!(allowed(fail), ["importing"]);
        assert_eq!((refused(complete), refused(fail)), (vec![], vec![]));
        let done = complete(sample("importing")).unwrap().into_copy();
        assert_eq!(done.state, State::Staging(Import::Done { pages: pages() }));
    }

    #[test]
    fn a_failed_import_leaves_the_copy_in_staging_with_the_code() {
        let pending = sample("importing");
        let transition = pending
            .fail_import(FailureCode::InvalidPdf, attempted(3))
            .unwrap();
        let code = FailureCode::InvalidPdf;
        assert_eq!(transition.copy().state, State::Staging(Import::Failed { code }));
        assert_eq!(transition.copy().version, 1);
        let said = serde_json::to_value(&transition.event().metadata).unwrap();
        assert_eq!(said.get("error_code"), Some(&serde_json::json!("invalid_pdf")));
        assert_eq!(said.get("success"), Some(&serde_json::json!(false)));
        assert_eq!(said.get("attempt"), Some(&serde_json::json!(3)));
    }

    #[test]
    fn only_a_failed_import_is_started_again() {
        let ids = Ids::sequence();
        let retry = |copy: Copy| copy.retry_import(in_time(), &ids);
        assert_eq!(allowed(retry), ["import failed"]);
        assert_eq!(refused(retry), []);
        let started = retry(sample("import failed")).unwrap();
        let (transition, job) = (started.transition(), started.job());
        assert_eq!(transition.copy().state, State::Staging(Import::Pending));
        assert_eq!(transition.from(), Status::Staging);
        assert_eq!(
            (job.task, job.owner),
            (Task::Import(transition.copy().id), in_time().by)
        );
    }
}
