//! An administrator makes one copy of two: the pages of a pupil came in several files.

use contracts::{Code, FieldCode, Problem, grading as pb};
use domain::copy::{Asked, Part};
use domain::{CopyId, Exam, Operation};
use store::Tx;
use telemetry::events::CopyMerged;

use crate::app::App;
use crate::command::Command;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::get_copy;
use crate::use_cases::set_identity::standing;

/// The copy with the pages of both.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::MergeCopiesRequest,
) -> Result<pb::Copy, Error> {
    let command = Command::parse(session, Operation::MergeCopies, &request.id, app.ids.next())?;
    let other_id: CopyId = request
        .other_id
        .parse()
        .map_err(|_not_an_id| Problem::field("/other_id", FieldCode::Malformed))?;
    let (copy_id, room) = (command.copy, app.room);
    let (copy, (booklets, pages), events) = app
        .database
        .transaction("merge_copies", move |tx| {
            let caller = command.admit(tx)?;
            let exam = exam_of_both(tx, copy_id, other_id)?;
            let (kept, emptied) = lock_both(tx, copy_id, other_id)?;
            let asked = Asked {
                by: caller.user,
                through: caller.through,
                operation: command.id,
                now: tx.now()?,
            };
            if request
                .if_version
                .is_some_and(|version| version != kept.copy.version)
            {
                return Err(Code::StaleVersion.into());
            }
            let standings = (standing(tx, copy_id, &exam)?, standing(tx, other_id, &exam)?);
            let merge = kept.merge(emptied, standings, room, asked)?;
            let events = tx.merge(&merge)?;
            Ok::<_, Error>((get_copy::read(tx, copy_id, asked.by)?, merge.moved(), events))
        })
        .await?;
    events.into_iter().for_each(recorded::publish);
    telemetry::log(CopyMerged {
        copy_id,
        other_id,
        booklets,
        pages: pages.get(),
    });
    Ok(copy)
}

/// The exam, locked before the copies: nobody releases its results meanwhile.
fn exam_of_both(tx: &mut Tx<'_>, copy: CopyId, other: CopyId) -> Result<Exam, Error> {
    if copy == other {
        return Err(Problem::field("/other_id", FieldCode::Doubled).into());
    }
    let exam = tx.copies().exam_of(copy)?.ok_or(Code::NotFound)?;
    if tx.copies().exam_of(other)? != Some(exam) {
        return Err(Problem::field("/other_id", FieldCode::UnknownReference).into());
    }
    Ok(tx.exams().for_share(exam)?.ok_or(Code::NotFound)?)
}

/// Both copies, locked in the order of their ids: who merges them the other way round waits.
fn lock_both(tx: &mut Tx<'_>, copy: CopyId, other: CopyId) -> Result<(Part, Part), Error> {
    if copy < other {
        Ok((part(tx, copy)?, part(tx, other)?))
    } else {
        let other = part(tx, other)?;
        Ok((part(tx, copy)?, other))
    }
}

/// A copy, locked, and whether anybody has begun with it.
fn part(tx: &mut Tx<'_>, copy: CopyId) -> Result<Part, Error> {
    Ok(Part {
        copy: tx.copies().for_update(copy)?.ok_or(Code::NotFound)?,
        touched: tx.booklets().are_touched(copy)?,
    })
}
