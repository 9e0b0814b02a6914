//! Who commands, with what in their hands, and the copy that they begin with.

use domain::audit::Actor;
use domain::copy::{Asked, Attempted, NewCopy};
use domain::{Copy, Digest, FileSize, Ids, PageCount, Timestamp, UserId};
use uuid::Uuid;

/// The corrector whose lock it is wherever there is one.
pub(crate) fn owner() -> UserId {
    Uuid::from_u128(100).into()
}

/// Another corrector, or an administrator.
pub(crate) fn other() -> UserId {
    Uuid::from_u128(200).into()
}

/// Of the owner's lock.
pub(crate) fn token() -> Digest {
    Digest::of(b"the token of the lock")
}

pub(crate) fn wrong_token() -> Digest {
    Digest::of(b"another token")
}

pub(crate) fn pages() -> PageCount {
    PageCount::new(3).unwrap()
}

pub(crate) fn asked(by: UserId, now: Timestamp) -> Asked {
    Asked {
        by,
        through: domain::Through::Api,
        operation: Uuid::from_u128(300).into(),
        now,
    }
}

pub(crate) fn attempted() -> Attempted {
    Attempted {
        by: Actor::Service(Uuid::from_u128(400).into()),
        operation: Uuid::from_u128(500).into(),
        attempt: 1,
    }
}

pub(crate) fn registered() -> Copy {
    let ids = Ids::sequence();
    let new = NewCopy {
        exam: ids.next(),
        source: Digest::of(b"x"),
        size: FileSize::new(12).unwrap(),
        by: other(),
    };
    Copy::register(new, &ids).copy().clone()
}
