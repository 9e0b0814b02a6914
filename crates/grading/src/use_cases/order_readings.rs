//! Having a machine read who wrote the copies of an exam, for suggestions.

use contracts::{Code, grading as pb};
use domain::{CopyId, ExamId, Ids, Job, Operation, Task};
use store::Tx;
use telemetry::events::ReadingsOrdered;

use crate::announcement;
use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;

/// How many jobs one transaction starts.
const PART: u16 = 200;

/// A job for each copy that waits for its pupil and of which nothing was read or will be, a part at a time: an exam may
/// have thousands.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::OrderReadingsRequest,
) -> Result<pb::OrderReadingsReply, Error> {
    let exam: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let (mut last, mut queued) = (None, 0);
    loop {
        let (session, ids) = (session.clone(), app.ids.clone());
        let part = app
            .database
            .transaction("order_readings", move |tx| {
                order(tx, &session, (exam, last), &ids)
            })
            .await?;
        queued += u32::try_from(part.len()).unwrap_or(u32::MAX);
        last = part.last().copied();
        if part.len() < usize::from(PART) {
            break;
        }
    }
    telemetry::log(ReadingsOrdered {
        exam_id: exam,
        copies: queued,
    });
    Ok(pb::OrderReadingsReply { queued })
}

fn order(
    tx: &mut Tx<'_>,
    session: &Session,
    (exam, after): (ExamId, Option<CopyId>),
    ids: &Ids,
) -> Result<Vec<CopyId>, Error> {
    let caller = session.caller(tx)?;
    authorization::on_exam(tx, caller, Operation::IdentifyCopy, exam)?;
    // Nobody else orders readings of its copies meanwhile, so each gets one job.
    let exam = tx.exams().for_update(exam)?.ok_or(Code::NotFound)?;
    if exam.released_at.is_some() {
        return Err(Code::WrongState.into());
    }
    let copies = tx.readings().unread(exam.id, after, PART)?;
    for copy in &copies {
        let job = Job::queued(Task::Read(*copy), caller.user, ids);
        tx.order(&job, &announcement::of(&job, ids))?;
    }
    Ok(copies)
}
