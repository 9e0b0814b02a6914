//! Where a copy stands.

use crate::failure::FailureCode;
use crate::lock::Lock;
use crate::page::PageCount;
use crate::points::Points;
use crate::status::Status;

/// Where a copy stands, with exactly what is known there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Registered, not yet checked by a person.
    Staging(Import),
    /// Put aside before it ever became READY. Nobody sees it any more.
    Discarded(Import),
    /// Checked; may be corrected.
    Ready {
        /// How many pages it has.
        pages: PageCount,
    },
    /// Being corrected.
    Locked {
        /// How many pages it has.
        pages: PageCount,
        /// By whom, and until when.
        lock: Lock,
    },
    /// The worker makes the corrected document.
    GradingInProgress {
        /// How many pages it has.
        pages: PageCount,
        /// What it was given.
        grading: Grading,
    },
    /// The corrected document exists.
    Graded {
        /// How many pages it has.
        pages: PageCount,
        /// What it was given.
        grading: Grading,
    },
    /// The corrected document could not be made.
    GradingFailed {
        /// How many pages it has.
        pages: PageCount,
        /// What it was given.
        grading: Grading,
        /// Why.
        code: FailureCode,
    },
}

/// How far the import of a copy in STAGING is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Import {
    /// The job has not ended.
    Pending,
    /// The pages are there.
    Done {
        /// How many.
        pages: PageCount,
    },
    /// The last attempt failed.
    Failed {
        /// Why.
        code: FailureCode,
    },
}

/// What a copy was given when it was finalized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grading {
    /// The frozen score.
    pub score: Points,
    /// The maximum at that time.
    pub max: Points,
    /// How many attempts to make the document have failed.
    pub retries: u16,
}

/// A state as its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// The name of the state.
    pub status: Status,
    /// How many pages there are, once that is known.
    pub pages: Option<PageCount>,
    /// Why the last import or finalization failed, while that is the last that happened.
    pub failure: Option<FailureCode>,
    /// Whether the copy was put aside.
    pub discarded: bool,
    /// Who corrects it.
    pub lock: Option<Lock>,
    /// What it was given.
    pub grading: Option<Grading>,
}

impl State {
    /// The state that stored columns describe; `None` for a combination that no transition makes.
    #[must_use]
    pub fn restore(stored: Stored) -> Option<Self> {
        let Stored {
            status,
            pages,
            failure,
            discarded,
            lock,
            grading,
        } = stored;
        match (status, pages, failure, lock, grading) {
            (Status::Staging, pages, failure, None, None) => {
                let import = match (pages, failure) {
                    (None, None) => Import::Pending,
                    (Some(pages), None) => Import::Done { pages },
                    (None, Some(code)) => Import::Failed { code },
                    (Some(_), Some(_)) => return None,
                };
                Some(if discarded {
                    Self::Discarded(import)
                } else {
                    Self::Staging(import)
                })
            }
            _ if discarded => None,
            (Status::Ready, Some(pages), None, None, None) => Some(Self::Ready { pages }),
            (Status::Locked, Some(pages), None, Some(lock), None) => Some(Self::Locked { pages, lock }),
            (Status::GradingInProgress, Some(pages), None, None, Some(grading)) => {
                Some(Self::GradingInProgress { pages, grading })
            }
            (Status::Graded, Some(pages), None, None, Some(grading)) => Some(Self::Graded { pages, grading }),
            (Status::GradingFailed, Some(pages), Some(code), None, Some(grading)) => {
                Some(Self::GradingFailed { pages, grading, code })
            }
            (
                Status::Ready
                | Status::Locked
                | Status::GradingInProgress
                | Status::Graded
                | Status::GradingFailed,
                ..,
            )
            | (Status::Staging, _, _, Some(_), _)
            | (Status::Staging, _, _, _, Some(_)) => None,
        }
    }

    /// The columns that describe the state.
    #[must_use]
    pub fn stored(self) -> Stored {
        let nothing = Stored {
            status: Status::Staging,
            pages: None,
            failure: None,
            discarded: false,
            lock: None,
            grading: None,
        };
        let graded = |status, pages, grading| Stored {
            status,
            pages: Some(pages),
            grading: Some(grading),
            ..nothing
        };
        match self {
            Self::Staging(import) => import.stored(nothing),
            Self::Discarded(import) => Stored {
                discarded: true,
                ..import.stored(nothing)
            },
            Self::Ready { pages } => Stored {
                status: Status::Ready,
                pages: Some(pages),
                ..nothing
            },
            Self::Locked { pages, lock } => Stored {
                status: Status::Locked,
                pages: Some(pages),
                lock: Some(lock),
                ..nothing
            },
            Self::GradingInProgress { pages, grading } => graded(Status::GradingInProgress, pages, grading),
            Self::Graded { pages, grading } => graded(Status::Graded, pages, grading),
            Self::GradingFailed { pages, grading, code } => Stored {
                failure: Some(code),
                ..graded(Status::GradingFailed, pages, grading)
            },
        }
    }

    /// The name of the state.
    #[must_use]
    pub fn status(self) -> Status {
        self.stored().status
    }

    /// How many pages there are, once that is known.
    #[must_use]
    pub fn pages(self) -> Option<PageCount> {
        self.stored().pages
    }

    /// Why the last import or finalization failed, while that is the last that happened.
    #[must_use]
    pub fn failure(self) -> Option<FailureCode> {
        self.stored().failure
    }

    /// Who corrects it.
    #[must_use]
    pub fn lock(self) -> Option<Lock> {
        self.stored().lock
    }

    /// What it was given.
    #[must_use]
    pub fn grading(self) -> Option<Grading> {
        self.stored().grading
    }
}

impl Import {
    fn stored(self, nothing: Stored) -> Stored {
        match self {
            Self::Pending => nothing,
            Self::Done { pages } => Stored {
                pages: Some(pages),
                ..nothing
            },
            Self::Failed { code } => Stored {
                failure: Some(code),
                ..nothing
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copy::samples::states;

    #[test]
    fn every_state_is_restored_from_what_is_stored_of_it() {
        for (name, state) in states() {
            assert_eq!(State::restore(state.stored()), Some(state), "{name}");
        }
    }

    #[test]
    fn only_states_with_the_same_columns_are_told_apart_by_name_alone() {
        let mut alike = Vec::new();
        for (name, state) in states() {
            let stored = state.stored();
            let others = Status::ALL.iter().filter(|status| **status != stored.status);
            alike.extend(
                others
                    .filter(|status| {
                        State::restore(Stored {
                            status: **status,
                            ..stored
                        })
                        .is_some()
                    })
                    .map(|status| (name, *status)),
            );
        }
        let expected = [
            ("imported", Status::Ready),
            ("ready", Status::Staging),
            ("grading", Status::Graded),
            ("graded", Status::GradingInProgress),
        ];
        assert_eq!(alike, expected);
    }

    #[test]
    fn only_a_copy_in_staging_can_be_put_aside() {
        for (name, state) in states() {
            let put_aside = State::restore(Stored {
                discarded: true,
                ..state.stored()
            });
            let may_be = matches!(state, State::Staging(_) | State::Discarded(_));
            assert_eq!(put_aside.is_some(), may_be, "{name}");
        }
    }

    #[test]
    fn a_column_more_or_less_is_no_state() {
        for (name, state) in states() {
            let stored = state.stored();
            let without_lock = Stored { lock: None, ..stored };
            assert_eq!(
                State::restore(without_lock).is_some(),
                stored.lock.is_none(),
                "{name}"
            );
            let without_grading = Stored {
                grading: None,
                ..stored
            };
            assert_eq!(
                State::restore(without_grading).is_some(),
                stored.grading.is_none(),
                "{name}"
            );
            let of_all = Stored {
                lock: Some(crate::copy::samples::lock()),
                grading: Some(crate::copy::samples::grading()),
                ..stored
            };
            assert_eq!(State::restore(of_all), None, "{name}");
        }
    }
}
