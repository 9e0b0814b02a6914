//! An administrator chooses who is to correct a copy.

use contracts::{Code, FieldCode, Problem, grading as pb};
use domain::audit::Actor;
use domain::{CopyId, Operation, UserId};
use store::Tx;
use telemetry::events::CorrectorChosen;

use crate::app::App;
use crate::command::Command;
use crate::error::Error;
use crate::exam_fields;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::get_copy;

/// The copy with its corrector, or without one. A copy that is that corrector's already is left alone.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::SetCorrectorRequest,
) -> Result<pb::Copy, Error> {
    let command = Command::parse(
        session,
        Operation::DispatchCopies,
        &request.copy_id,
        app.ids.next(),
    )?;
    let corrector = request.user_id.as_deref().map(str::parse).transpose();
    let corrector: Option<UserId> =
        corrector.map_err(|_not_an_id| Problem::field("/user_id", FieldCode::Malformed))?;
    let (copy_id, worker) = (command.copy, app.worker);
    let (copy, events) = app
        .database
        .transaction("set_corrector", move |tx| {
            let caller = command.admit(tx)?;
            check(tx, copy_id, corrector)?;
            let (copy, asked) = command.lock(tx, caller)?;
            let mut events = Vec::new();
            let copy = if copy.has_lapsed_lock(asked.now) {
                let lapsed = copy.lapse(asked.now, Actor::Service(worker), asked.operation)?;
                events.push(tx.record(&lapsed)?);
                lapsed.into_copy()
            } else {
                copy
            };
            let assigned = copy.assign(corrector, asked)?;
            events.extend(assigned.map(|transition| tx.record(&transition)).transpose()?);
            Ok::<_, Error>((get_copy::read(tx, copy_id, asked.by)?, events))
        })
        .await?;
    if !events.is_empty() {
        telemetry::log(CorrectorChosen { copy_id });
    }
    events.into_iter().for_each(recorded::publish);
    Ok(copy)
}

/// Refuses who is no corrector of the exam, or has no access any more. The exam stays as it is until the transaction
/// ends.
fn check(tx: &mut Tx<'_>, copy: CopyId, corrector: Option<UserId>) -> Result<(), Error> {
    let exam = tx.copies().get(copy)?.ok_or(Code::NotFound)?.copy.exam;
    let exam = tx.exams().for_share(exam)?.ok_or(Code::NotFound)?;
    let Some(corrector) = corrector else {
        return Ok(());
    };
    if !exam.correctors.contains(&corrector) || !exam_fields::is_teacher(tx, corrector)? {
        return Err(Problem::field("/user_id", FieldCode::UnknownReference).into());
    }
    Ok(())
}
