//! Whatever is commanded in whatever order: a copy only goes where the table of the design lets it go.

use proptest::prelude::*;
use uuid::Uuid;

use crate::audit::{Action, Actor, DispatchHow};
use crate::change_set::Adjustment;
use crate::copy::samples::{asked, at, attempted, owner, pages, sample, somebody_else, token};
use crate::copy::{
    Asked, Copy, Locking, Merge, Part, Refusal, Reordering, Room, Standing, State, Tally, Transition,
};
use crate::digest::{Digest, FileSize};
use crate::failure::FailureCode;
use crate::ids::Ids;
use crate::lock::Ttl;
use crate::page::PageCount;
use crate::points::Points;
use crate::reason::Reason;
use crate::status::Status;

/// From where to where, and with which event: the table of the design, written a second time on purpose.
const TABLE: &[(Status, Status, Action)] = &[
    (Status::Staging, Status::Staging, Action::Import),
    (Status::Staging, Status::Staging, Action::Retry),
    (Status::Staging, Status::Staging, Action::Discard),
    (Status::Staging, Status::Ready, Action::Validate),
    (Status::Ready, Status::Locked, Action::Lock),
    (Status::Locked, Status::Ready, Action::Unlock),
    (Status::Locked, Status::Ready, Action::ForceUnlock),
    (Status::Locked, Status::GradingInProgress, Action::Unlock),
    (
        Status::GradingInProgress,
        Status::GradingInProgress,
        Action::Finalize,
    ),
    (Status::GradingInProgress, Status::Graded, Action::Finalize),
    (Status::GradingInProgress, Status::GradingFailed, Action::Finalize),
    (Status::GradingFailed, Status::GradingInProgress, Action::Retry),
    (Status::GradingFailed, Status::Ready, Action::Reopen),
    (Status::Graded, Status::Ready, Action::Reopen),
    (Status::Ready, Status::Ready, Action::Dispatch),
    (Status::Locked, Status::Locked, Action::Dispatch),
    (Status::GradingFailed, Status::GradingFailed, Action::Dispatch),
    (Status::Graded, Status::GradingInProgress, Action::Correction),
    (Status::Staging, Status::Staging, Action::Merge),
    (Status::Ready, Status::Ready, Action::Merge),
    (Status::Ready, Status::Staging, Action::Merge),
    (Status::Staging, Status::Staging, Action::Reorder),
    (Status::Ready, Status::Ready, Action::Reorder),
];

/// A command, and how many seconds pass before it.
#[derive(Debug, Clone, Copy)]
struct Step {
    command: Command,
    by_owner: bool,
    pause: u16,
}

#[derive(Debug, Clone, Copy)]
enum Command {
    CompleteImport,
    FailImport,
    RetryImport,
    Validate,
    Discard,
    Lapse,
    Lock,
    Release,
    ForceRelease,
    Finalize(i8),
    CompleteFinalize,
    FailFinalize(bool),
    Reopen,
    Dispatch,
    Assign(bool),
    Adjust(i8),
    /// With a copy that is or is not checked; the walk goes on with the one that has the pages.
    Merge(bool),
    /// The same, and the walk goes on with the other.
    GiveAway(bool),
    Reorder,
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        1 => Just(Command::CompleteImport),
        1 => Just(Command::FailImport),
        1 => Just(Command::RetryImport),
        3 => Just(Command::Validate),
        1 => Just(Command::Discard),
        1 => Just(Command::Lapse),
        3 => Just(Command::Lock),
        1 => Just(Command::Release),
        1 => Just(Command::ForceRelease),
        3 => (-2..90i8).prop_map(Command::Finalize),
        2 => Just(Command::CompleteFinalize),
        2 => any::<bool>().prop_map(Command::FailFinalize),
        1 => Just(Command::Reopen),
        1 => Just(Command::Dispatch),
        1 => any::<bool>().prop_map(Command::Assign),
        1 => (-8..8i8).prop_map(Command::Adjust),
        1 => any::<bool>().prop_map(Command::Merge),
        1 => any::<bool>().prop_map(Command::GiveAway),
        1 => Just(Command::Reorder),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    (command(), any::<bool>(), 0..400u16).prop_map(|(command, by_owner, pause)| Step {
        command,
        by_owner,
        pause,
    })
}

/// Where a transition led, and with which event.
struct Went {
    from: Status,
    action: Action,
    copy: Copy,
}

impl From<&Transition> for Went {
    fn from(transition: &Transition) -> Self {
        Self {
            from: transition.from(),
            action: transition.event().action(),
            copy: transition.copy().clone(),
        }
    }
}

/// What the step does to the copy; `None` if it changes nothing that leaves an event.
fn walk(copy: Copy, step: Step, second: i64) -> Result<Option<Went>, Refusal> {
    let user = if step.by_owner { owner() } else { somebody_else() };
    let (asked, ids) = (asked(user, second), Ids::sequence());
    let transition = match step.command {
        Command::CompleteImport => copy.complete_import(pages(), attempted(1))?,
        Command::FailImport => copy.fail_import(FailureCode::InvalidPdf, attempted(1))?,
        Command::RetryImport => return Ok(Some(copy.retry_import(asked, &ids)?.transition().into())),
        Command::Validate => copy.validate(asked)?,
        Command::Discard => copy.discard(Reason::BadScan, asked)?,
        Command::Lapse => copy.lapse(at(second), Actor::User(user), asked.operation)?,
        Command::Lock => match copy.lock(token(), Ttl::USUAL, asked)? {
            Locking::Taken(transition) => *transition,
            Locking::Renewed(_) => return Ok(None),
        },
        Command::Release => return Ok(copy.release(Some(token()), asked)?.as_ref().map(Went::from)),
        Command::ForceRelease => {
            let released = copy.force_release(Reason::Other, asked)?;
            return Ok(released.as_ref().map(Went::from));
        }
        Command::Finalize(quarters) => {
            let tally = Tally {
                total: Points::from_quarters(quarters.into()),
                max: Points::TWENTY,
            };
            let started = copy.finalize(Some(token()), tally, asked, &ids)?;
            return Ok(Some(started.transition().into()));
        }
        Command::CompleteFinalize => copy.complete_finalize(Digest::of(b"x"), attempted(1))?,
        Command::FailFinalize(will_retry) => {
            copy.fail_finalize(FailureCode::Unknown, will_retry, attempted(1))?
        }
        Command::Reopen => copy.reopen(Reason::Appeal, false, asked)?,
        Command::Dispatch => copy.dispatch(user, DispatchHow::Run, asked)?,
        Command::Assign(to_somebody) => {
            let assigned = copy.assign(to_somebody.then_some(user), asked)?;
            return Ok(assigned.as_ref().map(Went::from));
        }
        Command::Adjust(quarters) => {
            let adjustment = Adjustment {
                change_set: ids.next(),
                reason: Reason::MarkingError,
                question: None,
                delta: Points::from_quarters(quarters.into()),
            };
            let started = copy.adjust(&adjustment, false, asked, &ids)?;
            return Ok(Some(started.transition().into()));
        }
        Command::Merge(checked) => {
            let merge = merged(part(copy), another(checked), asked)?;
            return Ok(Some(merge.kept().into()));
        }
        Command::GiveAway(checked) => {
            let merge = merged(another(checked), part(copy), asked)?;
            return Ok(Some(merge.emptied().into()));
        }
        Command::Reorder => {
            return Ok(turned(part(copy), asked)?.map(|reordering| reordering.transition().into()));
        }
    };
    Ok(Some(Went::from(&transition)))
}

/// The last booklet comes first.
fn turned(part: Part, asked: Asked) -> Result<Option<Reordering>, Refusal> {
    let order: Vec<_> = part
        .copy
        .booklets
        .iter()
        .rev()
        .map(|booklet| booklet.id)
        .collect();
    part.reorder(&order, asked)
}

/// Nobody has begun with it.
fn part(copy: Copy) -> Part {
    Part { copy, touched: false }
}

/// Another copy of the exam.
fn another(checked: bool) -> Part {
    let mut other = part(sample(if checked { "ready" } else { "imported" }));
    other.copy.id = Uuid::from_u128(900).into();
    other.copy.booklets[0].id = Uuid::from_u128(901).into();
    other
}

fn merged(kept: Part, other: Part, asked: Asked) -> Result<Merge, Refusal> {
    let nobody = Standing {
        known: None,
        released: false,
    };
    let room = Room {
        pages: PageCount::new(20).unwrap(),
        bytes: FileSize::new(1_000).unwrap(),
    };
    kept.merge(other, (nobody, nobody), room, asked)
}

proptest! {
    #[test]
    fn any_walk_stays_inside_the_table(steps in prop::collection::vec(step(), 1..60)) {
        let mut copy = sample("importing");
        let mut second = 0;
        for step in steps {
            second += i64::from(step.pause);
            let before = copy.clone();
            let Ok(Some(went)) = walk(copy.clone(), step, second) else {
                continue;
            };
            let Went { from, action, copy: after } = went;
            copy = after;
            let went = (from, copy.state.status(), action);
            prop_assert!(TABLE.contains(&went), "{went:?}");
            prop_assert_eq!(from, before.state.status());
            prop_assert_eq!(copy.version, before.version + 1);
            prop_assert_eq!(copy.lock_fence - before.lock_fence, i64::from(action == Action::Lock));
            prop_assert_eq!(State::restore(copy.state.stored()), Some(copy.state));
            prop_assert!(copy.corrector == before.corrector || action == Action::Dispatch);
            let put_aside = matches!(before.state, State::Discarded(_));
            prop_assert!(!put_aside, "a discarded copy came back");
        }
    }
}
