//! Published results are taken back.

use contracts::{Code, grading as pb};
use domain::copy::Asked;
use domain::{ExamId, Operation, OperationId};
use store::{Entry, Tx};
use telemetry::events::ResultsWithdrawn;

use super::release_results::count;
use crate::app::App;
use crate::archives::{self, CalledOff};
use crate::authorization;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;

/// No pupil sees a result of the exam any more, and its archive is gone. Where none did, nothing happens.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::WithdrawRequest,
) -> Result<pb::WithdrawReply, Error> {
    let exam: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let operation = app.ids.next();
    let withdrawn = app
        .database
        .transaction("withdraw_results", move |tx| {
            withdraw(tx, &session, exam, operation)
        })
        .await?;
    if let Some((number, events, called_off)) = withdrawn {
        called_off.publish();
        telemetry::log(ResultsWithdrawn {
            exam_id: exam,
            number,
            results: count(events.len()),
        });
        events.into_iter().for_each(recorded::publish);
    }
    Ok(pb::WithdrawReply {})
}

fn withdraw(
    tx: &mut Tx<'_>,
    session: &Session,
    exam: ExamId,
    operation: OperationId,
) -> Result<Option<(u32, Vec<Entry>, CalledOff)>, Error> {
    let caller = session.caller(tx)?;
    authorization::on_exam(tx, caller, Operation::ReleaseResults, exam)?;
    let exam = tx.exams().for_update(exam)?.ok_or(Code::NotFound)?;
    let Some(release) = tx.releases().current(exam.id)? else {
        return Ok(None);
    };
    let asked = Asked {
        by: caller.user,
        through: caller.through,
        operation,
        now: tx.now()?,
    };
    let release = release.withdrawn(asked);
    tx.releases().withdraw(&release)?;
    let called_off = archives::drop_of(tx, exam.id)?;
    tx.exams().update(&exam.withdraw())?;
    let standings = tx.releases().standings(&release)?;
    let events = tx.publish(&release.told(&standings, asked))?;
    Ok(Some((release.number, events, called_off)))
}
