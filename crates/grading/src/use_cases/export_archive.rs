//! Handing out an archive.

use contracts::{Code, grading as pb};
use domain::copy::Asked;
use domain::{ExamId, Operation, OperationId};
use store::{Entry, Tx};
use telemetry::events::ArchiveExported;

use super::release_results::count;
use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;

/// Where the file is. That the caller was given it is recorded on each of its copies by then.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ExportArchiveRequest,
) -> Result<pb::ExportArchiveReply, Error> {
    let exam: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let operation = app.ids.next();
    let (reply, bytes, events) = app
        .database
        .transaction("export_archive", move |tx| export(tx, &session, exam, operation))
        .await?;
    telemetry::log(ArchiveExported {
        exam_id: exam,
        copies: count(events.len()),
        bytes,
    });
    events.into_iter().for_each(recorded::publish);
    Ok(reply)
}

fn export(
    tx: &mut Tx<'_>,
    session: &Session,
    exam: ExamId,
    operation: OperationId,
) -> Result<(pb::ExportArchiveReply, u64, Vec<Entry>), Error> {
    let caller = session.caller(tx)?;
    authorization::on_exam(tx, caller, Operation::ReadResults, exam)?;
    // Nobody withdraws the results or erases one of the copies meanwhile: both lock the exam.
    tx.exams().for_update(exam)?.ok_or(Code::NotFound)?;
    let view = tx.archives().of_exam(exam)?.ok_or(Code::NotFound)?;
    let asked = Asked {
        by: caller.user,
        through: caller.through,
        operation,
        now: tx.now()?,
    };
    if view.archive.is_over(asked.now) {
        return Err(Code::NotFound.into());
    }
    let file = view.archive.file_at(asked.now).ok_or(Code::WrongState)?;
    // None of them was erased since: the archive would be gone.
    let copies = tx.archives().copies_of(view.archive.release)?;
    let events = tx.publish(&file.handed_out(copies, asked))?;
    let reply = pb::ExportArchiveReply {
        digest: file.digest.to_string(),
        number: view.number,
    };
    Ok((reply, file.size.bytes(), events))
}
