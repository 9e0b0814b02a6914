//! Ordering the corrected documents of a release as one file.

use contracts::{Code, grading as pb};
use domain::{ExamId, Ids, Operation, UserId};
use store::Tx;
use telemetry::events::ArchiveOrdered;

use crate::announcement;
use crate::app::App;
use crate::archives::{self, CalledOff};
use crate::authorization;
use crate::error::Error;
use crate::idempotent::Keyed;
use crate::session::Session;

/// An archive of the release that pupils see, with its job and the message that announces it. Where there is one, or one
/// is on its way, that one is the answer.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::OrderArchiveRequest,
) -> Result<pb::OrderArchiveReply, Error> {
    let exam: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let ids = app.ids.clone();
    let (reply, ordered, called_off) = app
        .database
        .transaction("order_archive", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::ReadResults, exam)?;
            let id = exam.to_string();
            let keyed = Keyed::new(
                caller.user,
                "order_archive",
                &request.idempotency_key,
                &[id.as_bytes()],
            )?;
            if let Some(answer) = keyed.answered(tx)? {
                return Ok::<_, Error>((answer, None, CalledOff::default()));
            }
            let done = order(tx, exam, caller.user, &ids)?;
            keyed.remember(tx, &done.0)?;
            Ok(done)
        })
        .await?;
    called_off.publish();
    if let Some(event) = ordered {
        telemetry::log(event);
    }
    Ok(reply)
}

/// The exam is locked: of two who order at once the second finds the order of the first, and nobody withdraws the
/// results or erases one of the copies meanwhile.
fn order(
    tx: &mut Tx<'_>,
    exam_id: ExamId,
    by: UserId,
    ids: &Ids,
) -> Result<(pb::OrderArchiveReply, Option<ArchiveOrdered>, CalledOff), Error> {
    tx.exams().for_update(exam_id)?.ok_or(Code::NotFound)?;
    let release = tx.releases().current(exam_id)?.ok_or(Code::WrongState)?;
    let now = tx.now()?;
    let mut called_off = CalledOff::default();
    if let Some(view) = tx.archives().of_exam(exam_id)? {
        let job = tx.jobs().get(view.archive.job)?.ok_or(Code::Internal)?;
        if view.archive.serves(&release, job.job.state, now) {
            let answer = pb::OrderArchiveReply {
                archive_id: view.archive.id.to_string(),
                job_id: view.archive.job.to_string(),
            };
            return Ok((answer, None, called_off));
        }
        called_off = archives::drop_of(tx, exam_id)?;
    }
    let order = release.archive(by, ids);
    tx.order_archive(&order, &announcement::of(order.job(), ids))?;
    let job_id = order.job().id;
    let answer = pb::OrderArchiveReply {
        archive_id: order.archive().id.to_string(),
        job_id: job_id.to_string(),
    };
    let ordered = ArchiveOrdered {
        exam_id,
        job_id,
        number: release.number,
    };
    Ok((answer, Some(ordered), called_off))
}
