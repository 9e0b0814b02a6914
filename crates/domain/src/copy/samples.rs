//! A copy in each of its states, people who command it, and what each state answers.

use uuid::Uuid;

use crate::Timestamp;
use crate::access::Through;
use crate::audit::Actor;
use crate::copy::{Asked, Attempted, Copy, Grading, Import, NewCopy, Refusal, State};
use crate::digest::{Digest, FileSize};
use crate::failure::FailureCode;
use crate::ids::{Ids, UserId};
use crate::lock::{Lock, Ttl};
use crate::page::PageCount;
use crate::points::Points;

/// When the lock of the samples was taken.
pub(super) const TAKEN: i64 = 1000;

/// The first moment at which it is alive no more.
pub(super) const LAPSED: i64 = TAKEN + 600;

pub(super) fn at(second: i64) -> Timestamp {
    chrono::DateTime::from_timestamp(second, 0).unwrap()
}

pub(super) fn pages() -> PageCount {
    PageCount::new(3).unwrap()
}

/// Has the lock of the samples.
pub(super) fn owner() -> UserId {
    Uuid::from_u128(100).into()
}

pub(super) fn somebody_else() -> UserId {
    Uuid::from_u128(200).into()
}

/// Of the lock of the samples.
pub(super) fn token() -> Digest {
    Digest::of(b"the token of the lock")
}

pub(super) fn other_token() -> Digest {
    Digest::of(b"another token")
}

pub(super) fn asked(by: UserId, second: i64) -> Asked {
    Asked {
        by,
        through: Through::Api,
        operation: Uuid::from_u128(300).into(),
        now: at(second),
    }
}

/// By the owner, while the lock is alive.
pub(super) fn in_time() -> Asked {
    asked(owner(), TAKEN + 1)
}

pub(super) fn attempted(attempt: u16) -> Attempted {
    Attempted {
        by: Actor::Service(Uuid::from_u128(400).into()),
        operation: Uuid::from_u128(500).into(),
        attempt,
    }
}

pub(super) fn lock() -> Lock {
    Lock {
        owner: owner(),
        token: token(),
        fence: 7,
        ttl: Ttl::USUAL,
        expires_at: at(LAPSED),
    }
}

pub(super) fn grading() -> Grading {
    Grading {
        score: Points::from_quarters(50),
        max: Points::TWENTY,
        retries: 0,
    }
}

/// Every state by a name.
pub(super) fn states() -> [(&'static str, State); 10] {
    let (pages, grading, code) = (pages(), grading(), FailureCode::Timeout);
    let (importing, imported) = (Import::Pending, Import::Done { pages });
    [
        ("importing", State::Staging(importing)),
        ("imported", State::Staging(imported)),
        ("import failed", State::Staging(Import::Failed { code })),
        ("discarded", State::Discarded(imported)),
        (
            "discarded after a failed import",
            State::Discarded(Import::Failed { code }),
        ),
        ("ready", State::Ready { pages }),
        ("locked", State::Locked { pages, lock: lock() }),
        ("grading", State::GradingInProgress { pages, grading }),
        ("graded", State::Graded { pages, grading }),
        (
            "grading failed",
            State::GradingFailed {
                pages,
                grading: Grading {
                    retries: 3,
                    ..grading
                },
                code,
            },
        ),
    ]
}

pub(super) fn copy(state: State) -> Copy {
    let ids = Ids::sequence();
    let new = NewCopy {
        exam: ids.next(),
        source: Digest::of(b"x"),
        size: FileSize::new(12).unwrap(),
        by: ids.next(),
    };
    let registered = Copy::register(new, &ids).copy().clone();
    Copy {
        state,
        lock_fence: 7,
        ..registered
    }
}

/// The copy in the state of that name.
pub(super) fn sample(name: &str) -> Copy {
    let found = states().into_iter().find(|(known, _)| *known == name);
    copy(found.unwrap().1)
}

/// The states that allow the command.
pub(super) fn allowed<T>(command: impl Fn(Copy) -> Result<T, Refusal>) -> Vec<&'static str> {
    let answers = states().into_iter();
    let allowed = answers.filter(|(_, state)| command(copy(*state)).is_ok());
    allowed.map(|(name, _)| name).collect()
}

/// The states that refuse it for another reason than being the wrong ones, with that reason.
pub(super) fn refused<T>(command: impl Fn(Copy) -> Result<T, Refusal>) -> Vec<(&'static str, Refusal)> {
    let answers = states()
        .into_iter()
        .filter_map(|(name, state)| Some((name, state, command(copy(state)).err()?)));
    let special = answers.filter(|(_, state, refusal)| *refusal != Refusal::WrongState(state.status()));
    special.map(|(name, _, refusal)| (name, refusal)).collect()
}
