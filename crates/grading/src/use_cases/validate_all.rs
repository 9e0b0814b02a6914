//! Declaring all copies of an exam complete and legible.

use contracts::{Code, Problem, grading as pb};
use domain::copy::Asked;
use domain::{CopyId, ExamId, Operation};
use store::{Entry, Tx};
use telemetry::events::ExamValidated;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;

/// Every copy in STAGING that has its pages goes to READY, each by itself: one that cannot does not hold up the others.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ValidateAllRequest,
) -> Result<pb::ValidateAllReply, Error> {
    let exam: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let (by, copies) = app
        .database
        .transaction("find_copies_to_validate", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::ValidateAll, exam)?;
            Ok::<_, Error>((caller.user, tx.copies().in_staging(exam)?))
        })
        .await?;
    let mut reply = pb::ValidateAllReply::default();
    for copy in copies {
        let operation = app.ids.next();
        let validated = app
            .database
            .transaction("validate_copy", move |tx| {
                let now = tx.now()?;
                validate(tx, copy, Asked { by, operation, now })
            })
            .await;
        match validated {
            Ok(event) => {
                recorded::publish(event);
                reply.validated += 1;
            }
            Err(Error::Refused(Problem { code, .. })) => reply.refused.push(pb::RefusedCopy {
                copy_id: copy.to_string(),
                code: code.as_str().to_owned(),
            }),
            Err(failure @ (Error::Store(_) | Error::StoredAnswer(_) | Error::Throttled(_))) => {
                return Err(failure);
            }
        }
    }
    telemetry::log(ExamValidated {
        exam_id: exam,
        validated: reply.validated,
        refused: u32::try_from(reply.refused.len()).unwrap_or(u32::MAX),
    });
    Ok(reply)
}

fn validate(tx: &mut Tx<'_>, copy: CopyId, asked: Asked) -> Result<Entry, Error> {
    let copy = tx.copies().for_update(copy)?.ok_or(Code::NotFound)?;
    Ok(tx.record(&copy.validate(asked)?)?)
}
