//! From corrected to graded, and back: finalizing, its outcome, opening again, handing out.

use crate::audit::{self, Actor, Event, Exported, Metadata, UnlockReason};
use crate::copy::{Asked, Attempted, Copy, Grading, Import, Refusal, Started, State, Transition};
use crate::digest::Digest;
use crate::failure::FailureCode;
use crate::ids::{CopyId, Ids, OperationId};
use crate::job::{Job, JobKind, Task};
use crate::marks::{self, Marks};
use crate::points::Points;
use crate::reason::Reason;
use crate::scheme::MarkingScheme;

/// What the marks of a copy add up to, out of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// The total.
    pub total: Points,
    /// The maximum of the exam.
    pub max: Points,
}

impl Copy {
    /// What the copy has, out of what: as it was frozen, or as its marks are now.
    #[must_use]
    pub fn tally(&self, marks: &Marks, scheme: Option<&MarkingScheme>) -> Tally {
        if let Some(frozen) = self.state.grading() {
            return Tally {
                total: frozen.score,
                max: frozen.max,
            };
        }
        let max = marks::max(scheme);
        let total = marks.total(max);
        Tally { total, max }
    }
}

closed_names! {
    /// Which of the two corrected documents.
    Variant {
        /// With everything on it.
        Full = "full",
        /// Without what shows who wrote the copy.
        Anonymous = "anonymous",
    }
}

/// That somebody is given a document or the trail, to be recorded before the first byte leaves.
#[derive(Debug)]
#[must_use = "what is not recorded must not be handed out"]
pub struct Disclosure {
    event: Event,
}

impl Disclosure {
    /// Somebody is given the trail of a copy, as part of the tree with this root.
    pub fn of_trail(copy: CopyId, root: Digest, by: Actor, operation: OperationId) -> Self {
        Self {
            event: Event {
                subject: copy.into(),
                actor: by,
                operation,
                metadata: Metadata::Export {
                    variant: Exported::Audit,
                    sha256: root.to_string(),
                },
            },
        }
    }

    /// Somebody is given what the event says.
    pub(super) fn of(event: Event) -> Self {
        Self { event }
    }

    /// The event.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.event
    }
}

impl Copy {
    /// The corrector is done: the score is frozen, the lock ends and the corrected document is to be made. Where that
    /// has failed, it is to be tried again with the score as it was frozen, and no lock is needed.
    pub fn finalize(
        self,
        token: Option<Digest>,
        tally: Tally,
        asked: Asked,
        ids: &Ids,
    ) -> Result<Started, Refusal> {
        match self.state {
            State::GradingFailed { .. } => self.retry_finalize(asked, ids),
            State::Graded { .. } => Err(Refusal::AlreadyGraded),
            State::Staging(_)
            | State::Discarded(_)
            | State::Ready { .. }
            | State::Locked { .. }
            | State::GradingInProgress { .. } => {
                let (lock, pages) = self.held_lock(token, asked)?;
                let Tally { total, max } = tally;
                if total.is_negative() || total > max {
                    return Err(Refusal::ScoreOutOfRange { total, max });
                }
                let metadata = Metadata::Unlock {
                    fence: lock.fence,
                    reason: UnlockReason::Finalized,
                };
                let grading = Grading {
                    score: total,
                    max,
                    retries: 0,
                };
                Ok(self.handed_to_worker(State::GradingInProgress { pages, grading }, metadata, asked, ids))
            }
        }
    }

    /// The corrected document could not be made, and somebody has it tried again with the score as it was frozen.
    pub fn retry_finalize(self, asked: Asked, ids: &Ids) -> Result<Started, Refusal> {
        match self.state {
            State::GradingFailed { pages, grading, .. } => {
                let metadata = Metadata::Retry {
                    job: JobKind::FinalizeCopy,
                };
                let grading = Grading {
                    retries: 0,
                    ..grading
                };
                Ok(self.handed_to_worker(State::GradingInProgress { pages, grading }, metadata, asked, ids))
            }
            State::Staging(_)
            | State::Discarded(_)
            | State::Ready { .. }
            | State::Locked { .. }
            | State::GradingInProgress { .. }
            | State::Graded { .. } => Err(Refusal::WrongState(self.state.status())),
        }
    }

    /// Somebody does not want to wait for the worker's next attempt. Nothing of the copy changes; its trail says so.
    pub fn hasten(self, job: &Job, asked: Asked) -> Result<Transition, Refusal> {
        match (self.state, job.task) {
            (State::Staging(Import::Pending), Task::Import(_))
            | (State::GradingInProgress { .. }, Task::Finalize(_)) => {
                let metadata = Metadata::Retry { job: job.task.kind() };
                let state = self.state;
                Ok(self.to(state, asked.actor(), asked.operation, metadata))
            }
            (_, _) => Err(Refusal::WrongState(self.state.status())),
        }
    }

    pub(super) fn handed_to_worker(
        self,
        state: State,
        metadata: Metadata,
        asked: Asked,
        ids: &Ids,
    ) -> Started {
        let job = Job::queued(Task::Finalize(self.id), asked.by, ids);
        let transition = self.to(state, asked.actor(), asked.operation, metadata);
        Started::new(transition, job)
    }

    /// The worker made the corrected document.
    pub fn complete_finalize(self, document: Digest, attempted: Attempted) -> Result<Transition, Refusal> {
        match self.state {
            State::GradingInProgress { pages, grading } => {
                let metadata = Metadata::Finalize(audit::Finalize::new(grading, Ok(document)));
                let state = State::Graded { pages, grading };
                Ok(self.to(state, attempted.by, attempted.operation, metadata))
            }
            State::Staging(_)
            | State::Discarded(_)
            | State::Ready { .. }
            | State::Locked { .. }
            | State::Graded { .. }
            | State::GradingFailed { .. } => Err(Refusal::WrongState(self.state.status())),
        }
    }

    /// An attempt to make the corrected document failed. If it was the last, the copy waits for a person.
    pub fn fail_finalize(
        self,
        code: FailureCode,
        will_retry: bool,
        attempted: Attempted,
    ) -> Result<Transition, Refusal> {
        match self.state {
            State::GradingInProgress { pages, grading } => {
                let grading = Grading {
                    retries: attempted.attempt,
                    ..grading
                };
                let metadata = Metadata::Finalize(audit::Finalize::new(grading, Err(code)));
                let state = if will_retry {
                    State::GradingInProgress { pages, grading }
                } else {
                    State::GradingFailed { pages, grading, code }
                };
                Ok(self.to(state, attempted.by, attempted.operation, metadata))
            }
            State::Staging(_)
            | State::Discarded(_)
            | State::Ready { .. }
            | State::Locked { .. }
            | State::Graded { .. }
            | State::GradingFailed { .. } => Err(Refusal::WrongState(self.state.status())),
        }
    }

    /// An administrator has the copy corrected again. Results that pupils can see are to be withdrawn first.
    pub fn reopen(self, reason: Reason, released: bool, asked: Asked) -> Result<Transition, Refusal> {
        match self.state {
            State::Graded { pages, .. } | State::GradingFailed { pages, .. } if !released => Ok(self.to(
                State::Ready { pages },
                asked.actor(),
                asked.operation,
                Metadata::Reopen { reason },
            )),
            State::Graded { .. }
            | State::GradingFailed { .. }
            | State::Staging(_)
            | State::Discarded(_)
            | State::Ready { .. }
            | State::Locked { .. }
            | State::GradingInProgress { .. } => Err(Refusal::WrongState(self.state.status())),
        }
    }

    /// Somebody is given the corrected document with these bytes.
    pub fn export(&self, variant: Variant, document: Digest, asked: Asked) -> Result<Disclosure, Refusal> {
        match self.state {
            State::Graded { .. } => Ok(Disclosure {
                event: Event {
                    subject: self.id.into(),
                    actor: asked.actor(),
                    operation: asked.operation,
                    metadata: Metadata::Export {
                        variant: variant.into(),
                        sha256: document.to_string(),
                    },
                },
            }),
            State::Staging(_)
            | State::Discarded(_)
            | State::Ready { .. }
            | State::Locked { .. }
            | State::GradingInProgress { .. }
            | State::GradingFailed { .. } => Err(Refusal::NotGraded),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copy::samples::{
        LAPSED, allowed, asked, at, attempted, grading, in_time, other_token, owner, pages, refused, sample,
        somebody_else, token,
    };

    fn tally(total: i32) -> Tally {
        Tally {
            total: Points::from_quarters(total),
            max: Points::TWENTY,
        }
    }

    fn finalize(copy: Copy, token: Option<Digest>, tally: Tally) -> Result<Started, Refusal> {
        copy.finalize(token, tally, in_time(), &Ids::sequence())
    }

    fn said(event: &Event) -> serde_json::Value {
        serde_json::to_value(&event.metadata).unwrap()
    }

    #[test]
    fn whoever_has_the_lock_finalizes_and_the_lock_is_used_up() {
        let command = |copy: Copy| finalize(copy, Some(token()), tally(50));
        assert_eq!(allowed(command), ["locked", "grading failed"]);
        assert_eq!(
            refused(command),
            [("ready", Refusal::Expired), ("graded", Refusal::AlreadyGraded)]
        );
        let started = command(sample("locked")).unwrap();
        let (transition, job) = (started.transition(), started.job());
        let (pages, grading) = (pages(), grading());
        assert_eq!(
            transition.copy().state,
            State::GradingInProgress { pages, grading }
        );
        assert_eq!(
            said(transition.event()),
            serde_json::json!({"fence": 7, "reason": "finalized"})
        );
        assert_eq!(
            (job.task, job.owner),
            (Task::Finalize(transition.copy().id), owner())
        );
    }

    #[test]
    fn the_lock_is_asked_for_before_the_score() {
        let too_much = tally(81);
        for (token, by, second, refusal) in [
            (None, owner(), LAPSED - 1, Refusal::TokenMismatch),
            (Some(other_token()), owner(), LAPSED - 1, Refusal::TokenMismatch),
            (Some(token()), owner(), LAPSED, Refusal::Expired),
            (
                Some(token()),
                somebody_else(),
                LAPSED - 1,
                Refusal::AlreadyLocked {
                    expires_at: at(LAPSED),
                },
            ),
            (
                Some(token()),
                owner(),
                LAPSED - 1,
                Refusal::ScoreOutOfRange {
                    total: too_much.total,
                    max: too_much.max,
                },
            ),
        ] {
            let refused = sample("locked").finalize(token, too_much, asked(by, second), &Ids::sequence());
            assert_eq!(refused.err(), Some(refusal));
        }
        let without = finalize(sample("ready"), None, too_much);
        assert_eq!(without.err(), Some(Refusal::LockRequired));
    }

    #[test]
    fn a_score_lies_between_nothing_and_the_maximum() {
        let total = |total| finalize(sample("locked"), Some(token()), tally(total)).is_ok();
        assert_eq!([-1, 0, 80, 81].map(total), [false, true, true, false]);
    }

    #[test]
    fn after_a_failure_it_is_tried_again_with_the_score_as_it_was_frozen_and_without_a_lock() {
        let started = finalize(sample("grading failed"), None, tally(-99)).unwrap();
        let (pages, grading) = (pages(), grading());
        let transition = started.transition();
        assert_eq!(
            transition.copy().state,
            State::GradingInProgress { pages, grading }
        );
        assert_eq!(
            said(transition.event()),
            serde_json::json!({"job": "FINALIZE_COPY"})
        );
    }

    #[test]
    fn the_document_makes_the_copy_graded_and_is_named_by_its_digest() {
        let document = Digest::of(b"the document");
        let complete = |copy: Copy| copy.complete_finalize(document, attempted(1));
        assert_eq!(allowed(complete), ["grading"]);
        assert_eq!(refused(complete), []);
        let transition = complete(sample("grading")).unwrap();
        let (pages, grading) = (pages(), grading());
        assert_eq!(transition.copy().state, State::Graded { pages, grading });
        let expected = serde_json::json!({
            "final_score": "12.5", "max_score": "20", "retries": 0, "success": true,
            "pdf_sha256": document.to_string(),
        });
        assert_eq!(said(transition.event()), expected);
    }

    #[test]
    fn three_failures_count_up_and_the_last_one_waits_for_a_person() {
        let fail = |copy: Copy| copy.fail_finalize(FailureCode::Timeout, true, attempted(1));
        assert_eq!(allowed(fail), ["grading"]);
        assert_eq!(refused(fail), []);

        let mut copy = sample("grading");
        for attempt in 1..=3 {
            let will_retry = attempt < 3;
            let failed = copy.fail_finalize(FailureCode::Timeout, will_retry, attempted(attempt));
            let transition = failed.unwrap();
            let expected = serde_json::json!({
                "final_score": "12.5", "max_score": "20", "retries": attempt, "success": false,
                "error_code": "timeout",
            });
            assert_eq!(said(transition.event()), expected);
            copy = transition.into_copy();
            assert_eq!(matches!(copy.state, State::GradingInProgress { .. }), will_retry);
        }
        let grading = Grading {
            retries: 3,
            ..grading()
        };
        let (pages, code) = (pages(), FailureCode::Timeout);
        assert_eq!(copy.state, State::GradingFailed { pages, grading, code });
        assert_eq!(copy.version, 3);
    }

    #[test]
    fn the_document_says_how_many_attempts_it_took() {
        let second = sample("grading").fail_finalize(FailureCode::Unknown, true, attempted(1));
        let made = second
            .unwrap()
            .into_copy()
            .complete_finalize(Digest::of(b"x"), attempted(2));
        assert_eq!(
            said(made.unwrap().event()).get("retries"),
            Some(&serde_json::json!(1))
        );
    }

    #[test]
    fn a_copy_is_opened_again_unless_pupils_see_the_result() {
        let reopen = |released| move |copy: Copy| copy.reopen(Reason::Appeal, released, in_time());
        assert_eq!(allowed(reopen(false)), ["graded", "grading failed"]);
        assert!(allowed(reopen(true)).is_empty());
        assert_eq!((refused(reopen(false)), refused(reopen(true))), (vec![], vec![]));
        let transition = reopen(false)(sample("graded")).unwrap();
        assert_eq!(transition.copy().state, State::Ready { pages: pages() });
        assert_eq!(said(transition.event()), serde_json::json!({"reason": "appeal"}));
    }

    #[test]
    fn a_document_is_handed_out_where_there_is_one() {
        let document = Digest::of(b"the document");
        let export = |copy: Copy| copy.export(Variant::Anonymous, document, in_time());
        assert_eq!(allowed(export), ["graded"]);
        let without = refused(export);
        assert!(without.iter().all(|(_, refusal)| *refusal == Refusal::NotGraded));
        assert_eq!(without.len() + 1, allowed(|_any| Ok(())).len());
        let disclosed = export(sample("graded")).unwrap();
        assert_eq!(
            said(disclosed.event()),
            serde_json::json!({"variant": "anonymous", "sha256": document.to_string()})
        );
    }
}
