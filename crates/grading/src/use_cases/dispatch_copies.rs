//! Sharing copies out among the correctors of an exam.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{Code, FieldCode, Fields, Problem, grading as pb};
use domain::audit::DispatchHow;
use domain::copy::Asked;
use domain::dispatch::{Loads, share};
use domain::{Copy, CopyId, Exam, ExamId, Operation, Refusal, State, Transition, UserId};
use store::{Entry, Tx};
use telemetry::events::ExamDispatched;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;

/// The copies that are READY and nobody's go to the correctors, and so do the untouched ones of who is absent. Of two
/// who ask at once, the second finds the work of the first.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::DispatchRequest,
) -> Result<pb::DispatchReply, Error> {
    let id: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let mut fields = Fields::default();
    let absent = request.absent.iter();
    let absent: BTreeSet<UserId> = absent.filter_map(|user| fields.parse("/absent", user)).collect();
    if !fields.all_right() {
        return Err(fields.problem().into());
    }
    let run = app.ids.next();
    let dispatched = app
        .database
        .transaction("dispatch_copies", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::DispatchCopies, id)?;
            let exam = tx.exams().for_update(id)?.ok_or(Code::NotFound)?;
            let asked = Asked {
                by: caller.user,
                through: caller.through,
                operation: run,
                now: tx.now()?,
            };
            dispatch(tx, &exam, &absent, asked)
        })
        .await?;
    let kept = dispatched.kept;
    telemetry::log(ExamDispatched {
        exam_id: id,
        copies: count(dispatched.events.len()),
        kept: count(kept.len()),
    });
    dispatched.events.into_iter().for_each(recorded::publish);
    let share = |(user, copies): (UserId, u32)| pb::Share {
        user_id: user.to_string(),
        copies,
    };
    Ok(pb::DispatchReply {
        run_id: run.to_string(),
        assigned: dispatched.assigned.into_iter().map(share).collect(),
        kept: kept.iter().map(ToString::to_string).collect(),
    })
}

struct Dispatched {
    /// How many copies each corrector was given.
    assigned: BTreeMap<UserId, u32>,
    /// What stays with somebody absent.
    kept: Vec<CopyId>,
    events: Vec<Entry>,
}

fn dispatch(
    tx: &mut Tx<'_>,
    exam: &Exam,
    absent: &BTreeSet<UserId>,
    asked: Asked,
) -> Result<Dispatched, Error> {
    let mut loads = present(tx, exam, absent)?;
    let absent: Vec<UserId> = absent.iter().copied().collect();
    let ids = tx.dispatch().waiting(exam.id, &absent)?;
    let begun = tx.dispatch().begun(&ids, loads.keys().copied())?;
    let (mut given, mut free) = (BTreeMap::new(), BTreeSet::new());
    let copies = tx.copies().all(&ids)?;
    for copy in &copies {
        // Who has begun with a copy goes on with it.
        let holder = match copy.state {
            // Who is absent has begun with it since it was looked for.
            State::Ready { .. } if copy.corrector.is_some() && begun.contains_key(&copy.id) => continue,
            State::Ready { .. } => begun.get(&copy.id).copied().flatten(),
            State::Locked { lock, .. } if !lock.has_expired(asked.now) => Some(lock.owner),
            State::Locked { .. }
            | State::Staging(_)
            | State::Discarded(_)
            | State::GradingInProgress { .. }
            | State::Graded { .. }
            | State::GradingFailed { .. } => continue,
        };
        let load = holder.and_then(|holder| Some((holder, loads.get_mut(&holder)?)));
        if let Some((holder, load)) = load {
            *load += 1;
            given.insert(copy.id, holder);
        } else if matches!(copy.state, State::Ready { .. }) {
            free.insert(copy.id);
        }
    }
    if loads.is_empty() && !free.is_empty() {
        return Err(Code::WrongState.into());
    }
    given.extend(share(&loads, &free));
    let mut assigned: BTreeMap<UserId, u32> = loads.into_keys().map(|corrector| (corrector, 0)).collect();
    let mut transitions = Vec::with_capacity(given.len());
    for copy in copies {
        let Some(corrector) = given.get(&copy.id) else {
            continue;
        };
        transitions.push(hand_over(copy, *corrector, asked)?);
        *assigned.entry(*corrector).or_default() += 1;
    }
    let events = tx.hand_over(&transitions)?;
    Ok(Dispatched {
        assigned,
        kept: tx.dispatch().unfinished(exam.id, &absent)?,
        events,
    })
}

fn hand_over(copy: Copy, corrector: UserId, asked: Asked) -> Result<Transition, Refusal> {
    let how = match copy.corrector {
        Some(_absent) => DispatchHow::Absent,
        None => DispatchHow::Run,
    };
    copy.dispatch(corrector, how, asked)
}

/// The correctors who can be given copies, with what they have already.
fn present(tx: &mut Tx<'_>, exam: &Exam, absent: &BTreeSet<UserId>) -> Result<Loads, Error> {
    let known = tx.dispatch().loads(exam.id)?;
    let is_known = |user: &UserId| exam.correctors.contains(user) || known.contains_key(user);
    if !absent.iter().all(is_known) {
        return Err(Problem::field("/absent", FieldCode::UnknownReference).into());
    }
    let mut loads = Loads::new();
    for corrector in &exam.correctors {
        // Who cannot log in any more can correct nothing.
        let has_access = tx.users().get(*corrector)?.is_some_and(|user| !user.disabled);
        if has_access && !absent.contains(corrector) {
            loads.insert(*corrector, known.get(corrector).copied().unwrap_or_default());
        }
    }
    Ok(loads)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
