//! Erasing what is kept no longer, a part at a time.

use contracts::{Code, grading as pb};
use domain::access::Relation;
use domain::audit::{Deed, EraseCause};
use domain::{CopyId, Operation, StudentId};
use store::Entry;
use telemetry::events::RetentionPurged;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::erase_pupil::{self, Erased};

/// How many copies, and how many pupils, one call erases at most.
const PART: u16 = 100;

/// Erases a part, each copy and each pupil by itself: what is in somebody's hands does not hold up the others.
pub(crate) async fn run(
    app: &App,
    session: Session,
    _request: pb::PurgeRequest,
) -> Result<pb::PurgeReply, Error> {
    let (copies, pupils) = find(app, session.clone()).await?;
    let found = (copies.len(), pupils.len());
    let mut purged = pb::PurgeReply {
        scans: erase_scans(app, session.clone()).await?,
        ..pb::PurgeReply::default()
    };
    for copy in copies {
        match erase(app, session.clone(), copy).await {
            Ok(()) => purged.copies += 1,
            Err(error) => refused(&mut purged, error)?,
        }
    }
    for pupil in pupils {
        match forget(app, session.clone(), pupil).await {
            Ok(copies) => {
                purged.pupils += 1;
                purged.copies += copies;
            }
            Err(error) => refused(&mut purged, error)?,
        }
    }
    let full = usize::from(PART);
    let went = purged.copies + purged.pupils > 0;
    purged.more = went && (found.0 == full || found.1 == full);
    telemetry::log(RetentionPurged {
        copies: purged.copies,
        pupils: purged.pupils,
        scans: purged.scans,
        refused: purged.refused,
    });
    Ok(purged)
}

/// What cannot be erased now is counted; a database that is away ends the call.
fn refused(purged: &mut pb::PurgeReply, error: Error) -> Result<(), Error> {
    let problem = error.into_problem();
    if problem.code.http() >= 500 && problem.code != Code::DbContention {
        return Err(problem.into());
    }
    purged.refused += 1;
    Ok(())
}

async fn find(app: &App, session: Session) -> Result<(Vec<CopyId>, Vec<StudentId>), Error> {
    let periods = app.retention;
    app.database
        .transaction("find_expired", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::Erase, Relation::Stranger)?;
            let copies = tx.retention().copies(periods, PART)?;
            let pupils = tx.retention().pupils(periods, PART)?;
            Ok::<_, Error>((copies, pupils))
        })
        .await
}

/// Scans that could not be taken apart have no trail, and are in nobody's hands. Whose trail says so is whoever erases them.
async fn erase_scans(app: &App, session: Session) -> Result<u32, Error> {
    let (periods, ids) = (app.retention, app.ids.clone());
    let events = app
        .database
        .transaction("erase_scans", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::Erase, Relation::Stranger)?;
            let scans = tx.retention().erase_scans(periods)?.into_iter();
            scans
                .map(|scan| Ok(tx.operate(Deed::EraseBatch(scan), caller, ids.next())?))
                .collect::<Result<Vec<Entry>, Error>>()
        })
        .await?;
    let scans = u32::try_from(events.len()).unwrap_or(u32::MAX);
    events.into_iter().for_each(recorded::publish);
    Ok(scans)
}

async fn erase(app: &App, session: Session, copy: CopyId) -> Result<(), Error> {
    let operation = app.ids.next();
    let erased = app
        .database
        .transaction("erase_copy", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::Erase, Relation::Stranger)?;
            let pupil = tx.identities().of(copy)?;
            let exams = erase_pupil::lock_exams(tx, &[copy])?;
            // What was put aside goes before its exam does.
            if tx.copies().exam_of(copy)?.is_some() {
                for exam in exams {
                    tx.retention().erase_of_exam(exam)?;
                }
            }
            let erased = erase_pupil::erase(tx, caller, copy, (EraseCause::Retention, operation))?;
            if let Some(identity) = pupil {
                tx.retention().saw(identity.student, copy)?;
            }
            Ok::<_, Error>(erased)
        })
        .await?;
    erased.into_iter().for_each(Erased::publish);
    Ok(())
}

async fn forget(app: &App, session: Session, pupil: StudentId) -> Result<u32, Error> {
    let operation = app.ids.next();
    let forgotten = app
        .database
        .transaction("erase_pupil", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::Erase, Relation::Stranger)?;
            erase_pupil::forget(tx, caller, pupil, (EraseCause::Retention, operation))
        })
        .await?;
    Ok(erase_pupil::publish(pupil, forgotten))
}
