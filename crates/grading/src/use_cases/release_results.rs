//! The results of an exam are published.

use contracts::{Code, grading as pb};
use domain::copy::Asked;
use domain::release::NotReleased;
use domain::{ExamId, Ids, Operation};
use store::{Entry, Tx};
use telemetry::events::ResultsReleased;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::idempotent::Keyed;
use crate::recorded;
use crate::session::Session;

/// What came of it.
struct Done {
    answer: pb::ReleaseReply,
    /// Empty where the answer was given before.
    events: Vec<Entry>,
}

/// Every graded copy of the exam is in the release, as it is at this moment; who wrote one sees it from now on. The
/// others are told, or what the same request was told before.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ReleaseRequest,
) -> Result<pb::ReleaseReply, Error> {
    let exam: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let (ids, operation) = (app.ids.clone(), app.ids.next());
    let Done { answer, events } = app
        .database
        .transaction("release_results", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::ReleaseResults, exam)?;
            let id = exam.to_string();
            let keyed = match request.idempotency_key.as_str() {
                "" => None,
                key => Some(Keyed::new(caller.user, "release_results", key, &[id.as_bytes()])?),
            };
            if let Some(keyed) = &keyed
                && let Some(answer) = keyed.answered(tx)?
            {
                let events = Vec::new();
                return Ok::<_, Error>(Done { answer, events });
            }
            let asked = |now| Asked {
                by: caller.user,
                through: caller.through,
                operation,
                now,
            };
            let done = release(tx, exam, asked, &ids)?;
            if let Some(keyed) = keyed {
                keyed.remember(tx, &done.answer)?;
            }
            Ok(done)
        })
        .await?;
    if !events.is_empty() {
        telemetry::log(ResultsReleased {
            exam_id: exam,
            number: answer.number,
            results: answer.released,
        });
    }
    events.into_iter().for_each(recorded::publish);
    Ok(answer)
}

/// The exam is locked first, then its copies in the order of their ids: of two who publish, the second finds it done.
fn release(
    tx: &mut Tx<'_>,
    exam: ExamId,
    asked: impl FnOnce(domain::Timestamp) -> Asked,
    ids: &Ids,
) -> Result<Done, Error> {
    let exam = tx.exams().for_update(exam)?.ok_or(Code::NotFound)?;
    let graded = tx.releases().graded(exam.id)?;
    let last = tx.releases().last(exam.id)?;
    let asked = asked(tx.now()?);
    let (exam, release) = exam.release(graded.len(), last, asked, ids).map_err(code)?;
    tx.exams().update(&exam)?;
    let standings = tx.releases().insert(&release, exam.scheme.as_ref())?;
    let events = tx.publish(&release.told(&standings, asked))?;
    let left_out = tx.releases().not_graded(exam.id)?.into_iter();
    let left_out = left_out.map(|copy| pb::RefusedCopy {
        copy_id: copy.to_string(),
        code: Code::NotGraded.as_str().to_owned(),
    });
    let without_pupil = tx.results().nobodys(&release)?;
    let answer = pb::ReleaseReply {
        number: release.number,
        released: count(standings.len()),
        left_out: left_out.collect(),
        without_pupil: without_pupil.iter().map(ToString::to_string).collect(),
    };
    Ok(Done { answer, events })
}

fn code(refused: NotReleased) -> Code {
    match refused {
        NotReleased::Released => Code::WrongState,
        NotReleased::NothingGraded => Code::NotGraded,
    }
}

/// A number of copies on the wire.
pub(super) fn count(copies: usize) -> u32 {
    u32::try_from(copies).unwrap_or(u32::MAX)
}
