//! How a copy goes on: each command takes the copy and gives the transition, or the reason why not.

use crate::audit::{self, Actor, Event, Metadata};
use crate::copy::{Copy, Import, Refusal, State};
use crate::failure::FailureCode;
use crate::ids::OperationId;
use crate::page::PageCount;

/// A change of a copy with the event it leaves. Only this crate makes one, only the store records one.
#[derive(Debug)]
#[must_use = "a transition that is not recorded did not happen"]
#[non_exhaustive]
pub struct Transition {
    /// The copy as it will be.
    pub copy: Copy,
    /// The event.
    pub event: Event,
}

/// Who attempted an import, as which operation, and for the how-manieth time.
#[derive(Debug, Clone, Copy)]
pub struct Attempted {
    /// Who.
    pub by: Actor,
    /// As part of what.
    pub operation: OperationId,
    /// Which attempt of the job.
    pub attempt: u16,
}

impl Copy {
    /// The worker made the pages.
    pub fn complete_import(self, pages: PageCount, attempted: Attempted) -> Result<Transition, Refusal> {
        self.import_ended(Ok(pages), attempted)
    }

    /// The last attempt to make the pages failed.
    pub fn fail_import(self, code: FailureCode, attempted: Attempted) -> Result<Transition, Refusal> {
        self.import_ended(Err(code), attempted)
    }

    fn import_ended(
        self,
        outcome: Result<PageCount, FailureCode>,
        attempted: Attempted,
    ) -> Result<Transition, Refusal> {
        match self.state {
            State::Staging(Import::Pending | Import::Failed { .. }) => {}
            State::Staging(Import::Done { .. }) | State::Ready { .. } => {
                return Err(Refusal::WrongState(self.state.status()));
            }
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

    /// A person declares the pages complete and legible.
    pub fn validate(self, by: Actor, operation: OperationId) -> Result<Transition, Refusal> {
        match self.state {
            State::Staging(Import::Done { pages }) => {
                let metadata = Metadata::Validate { pages: pages.get() };
                Ok(self.to(State::Ready { pages }, by, operation, metadata))
            }
            State::Staging(Import::Pending | Import::Failed { .. }) => Err(Refusal::NoPages),
            State::Ready { .. } => Err(Refusal::WrongState(self.state.status())),
        }
    }

    fn to(self, state: State, actor: Actor, operation: OperationId, metadata: Metadata) -> Transition {
        let event = Event {
            copy: self.id,
            actor,
            operation,
            metadata,
        };
        Transition {
            copy: Self {
                state,
                version: self.version + 1,
                ..self
            },
            event,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copy::NewCopy;
    use crate::digest::{Digest, FileSize};
    use crate::ids::Ids;

    fn pages() -> PageCount {
        PageCount::new(3).unwrap()
    }

    fn copy(state: State) -> Copy {
        let ids = Ids::sequence();
        let size = FileSize::new(12).unwrap();
        let new = NewCopy {
            exam: ids.next(),
            source: Digest::of(b"x"),
            size,
            by: ids.next(),
        };
        Copy {
            state,
            ..Copy::register(new, &ids).copy
        }
    }

    fn attempted() -> Attempted {
        let ids = Ids::sequence();
        Attempted {
            by: Actor::Service(ids.next()),
            operation: ids.next(),
            attempt: 2,
        }
    }

    fn states() -> [State; 4] {
        [
            State::Staging(Import::Pending),
            State::Staging(Import::Failed {
                code: FailureCode::Timeout,
            }),
            State::Staging(Import::Done { pages: pages() }),
            State::Ready { pages: pages() },
        ]
    }

    #[test]
    fn pages_arrive_once() {
        let accepted = states().map(|state| copy(state).complete_import(pages(), attempted()).is_ok());
        assert_eq!(accepted, [true, true, false, false]);
    }

    #[test]
    fn only_a_copy_with_pages_is_validated_and_only_once() {
        let ids = Ids::sequence();
        let outcomes = states().map(|state| {
            let outcome = copy(state).validate(Actor::User(ids.next()), ids.next());
            outcome.map(|transition| transition.copy.state.status())
        });
        let expected = [
            Err(Refusal::NoPages),
            Err(Refusal::NoPages),
            Ok(crate::Status::Ready),
            Err(Refusal::WrongState(crate::Status::Ready)),
        ];
        assert_eq!(outcomes, expected);
    }

    #[test]
    fn a_failed_import_leaves_the_copy_in_staging_with_the_code() {
        let pending = copy(State::Staging(Import::Pending));
        let transition = pending.fail_import(FailureCode::InvalidPdf, attempted()).unwrap();
        assert_eq!(
            transition.copy.state,
            State::Staging(Import::Failed {
                code: FailureCode::InvalidPdf
            })
        );
        assert_eq!(transition.copy.version, 1);
        let json = serde_json::to_value(&transition.event.metadata).unwrap();
        assert_eq!(json.get("error_code"), Some(&serde_json::json!("invalid_pdf")));
        assert_eq!(json.get("success"), Some(&serde_json::json!(false)));
    }

    #[test]
    fn every_state_is_restored_from_what_is_stored_of_it() {
        for state in states() {
            assert_eq!(
                State::restore(state.status(), state.pages(), state.failure()),
                Some(state)
            );
        }
    }
}
