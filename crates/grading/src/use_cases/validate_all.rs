//! Declaring all copies of an exam complete and legible.

use contracts::{Code, grading as pb};
use domain::{Copy, ExamId, Operation};
use store::Tx;
use telemetry::events::ExamValidated;

use crate::app::App;
use crate::authorization;
use crate::each::{Tried, each};
use crate::error::Error;
use crate::session::Session;

/// Every copy in STAGING that has its pages goes to READY, each by itself.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ValidateAllRequest,
) -> Result<pb::ValidateAllReply, Error> {
    let exam: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let asking = session.clone();
    let copies = app
        .database
        .transaction("find_copies_to_validate", move |tx| {
            let caller = asking.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::ValidateAll, exam)?;
            Ok::<_, Error>(tx.copies().in_staging(exam)?)
        })
        .await?;
    let asking = (&session, Operation::ValidateAll);
    let validate = |tx: &mut Tx<'_>, copy: Copy, asked| Ok(vec![tx.record(&copy.validate(asked)?)?]);
    let Tried { done, refused } = each(app, asking, "validate_copy", copies, validate).await?;
    telemetry::log(ExamValidated {
        exam_id: exam,
        validated: done,
        refused: u32::try_from(refused.len()).unwrap_or(u32::MAX),
    });
    Ok(pb::ValidateAllReply {
        validated: done,
        refused,
    })
}
