//! A pupil is forgotten: who they are, the pages of their copies, and all that was written about them.

use contracts::{Code, grading as pb};
use domain::access::Relation;
use domain::audit::{Deed, EraseCause};
use domain::copy::Asked;
use domain::matching::Roster;
use domain::user::{AccountChange, By};
use domain::{Caller, CopyId, ExamId, Operation, OperationId, Reading, State, Student, StudentId};
use store::{Entry, Tx};
use telemetry::events::PupilErased;

use crate::app::App;
use crate::archives::{self, CalledOff};
use crate::authorization;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;

/// What has to be told of a copy that was erased.
pub(crate) struct Erased {
    event: Entry,
    archive: CalledOff,
}

impl Erased {
    /// Tells of it once it is committed.
    pub(crate) fn publish(self) {
        self.archive.publish();
        recorded::publish(self.event);
    }
}

/// What has to be told of a pupil who was forgotten.
pub(crate) struct Forgotten {
    copies: Vec<Erased>,
    /// Of their access; of who forgot them, if they had none.
    event: Entry,
}

/// Forgets the pupil, unless somebody has one of their copies in hand.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ErasePupilRequest,
) -> Result<pb::ErasePupilReply, Error> {
    let id: StudentId = request.id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let operation = app.ids.next();
    let forgotten = app
        .database
        .transaction("erase_pupil", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::Erase, Relation::Stranger)?;
            forget(tx, caller, id, (EraseCause::Pupil, operation))
        })
        .await?;
    let copies = publish(id, forgotten);
    Ok(pb::ErasePupilReply { copies })
}

/// Forgets a pupil with their copies, and the words and scans of their exams that may name or show them. Exams and copies
/// come first, in the order of their ids, as everywhere.
pub(crate) fn forget(
    tx: &mut Tx<'_>,
    caller: Caller,
    id: StudentId,
    (cause, operation): (EraseCause, OperationId),
) -> Result<Forgotten, Error> {
    let copies = tx.identities().copies_of(id)?;
    let exams = lock_exams(tx, &copies)?;
    let mut erased = Vec::with_capacity(copies.len());
    for copy in copies {
        erased.extend(erase(tx, caller, copy, (cause, operation))?);
    }
    for exam in exams {
        tx.retention().erase_of_exam(exam)?;
    }
    let pupil = tx.students().for_delete(id)?.ok_or(Code::NotFound)?;
    if !tx.identities().copies_of(id)?.is_empty() {
        // Another copy was found to be theirs meanwhile.
        return Err(Code::DbContention.into());
    }
    forget_readings(tx, &pupil)?;
    tx.students().delete(id)?;
    let event = match pupil.user {
        Some(user) => {
            let actor = caller.actor();
            let erased = AccountChange::erase(user, cause, By { actor, operation });
            tx.change_account(&erased)?.entry
        }
        None => tx.operate(Deed::ErasePupil(id), caller, operation)?,
    };
    Ok(Forgotten {
        copies: erased,
        event,
    })
}

/// What was read on a copy that nobody has identified may be their name. What is forgotten with it can be read again.
fn forget_readings(tx: &mut Tx<'_>, pupil: &Student) -> Result<(), Error> {
    let roster = Roster::of([pupil]);
    let names_them = |(_, reading): &(CopyId, Reading)| roster.compare(reading.expose()).name_anybody();
    let readings = tx.readings().all()?.into_iter().filter(names_them);
    let copies: Vec<CopyId> = readings.map(|(copy, _)| copy).collect();
    Ok(tx.readings().forget(&copies)?)
}

/// Locks the exams of copies: nobody orders an archive with their documents, or changes scores, meanwhile.
pub(crate) fn lock_exams(tx: &mut Tx<'_>, copies: &[CopyId]) -> Result<Vec<ExamId>, Error> {
    let exams = tx.copies().exams_of(copies)?;
    for exam in &exams {
        tx.exams().for_share(*exam)?.ok_or(Code::NotFound)?;
    }
    Ok(exams)
}

/// Erases one copy, and the archive that may have its document; what is erased already is no error. Its exam is locked.
pub(crate) fn erase(
    tx: &mut Tx<'_>,
    caller: Caller,
    copy: CopyId,
    (cause, operation): (EraseCause, OperationId),
) -> Result<Option<Erased>, Error> {
    let Some(copy) = tx.copies().for_update(copy)? else {
        return Ok(None);
    };
    // One that was put aside is in none.
    let archive = if matches!(copy.state, State::Discarded(_)) {
        CalledOff::default()
    } else {
        archives::drop_of(tx, copy.exam)?
    };
    let asked = Asked {
        by: caller.user,
        through: caller.through,
        operation,
        now: tx.now()?,
    };
    let transition = copy.erase(cause, asked)?;
    let event = tx.erase(&transition)?;
    Ok(Some(Erased { event, archive }))
}

/// Tells of a pupil who is forgotten, and says how many copies went with them.
pub(crate) fn publish(student_id: StudentId, forgotten: Forgotten) -> u32 {
    let copies = u32::try_from(forgotten.copies.len()).unwrap_or(u32::MAX);
    forgotten.copies.into_iter().for_each(Erased::publish);
    recorded::publish(forgotten.event);
    telemetry::log(PupilErased { student_id, copies });
    copies
}
