//! Declaring all copies of an exam complete and legible.

use contracts::{Code, grading as pb};
use domain::{CopyId, ExamId, Operation};
use telemetry::events::ExamValidated;

use crate::app::App;
use crate::authorization;
use crate::command::Command;
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
    let asking = session.clone();
    let copies = app
        .database
        .transaction("find_copies_to_validate", move |tx| {
            let caller = asking.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::ValidateAll, exam)?;
            Ok::<_, Error>(tx.copies().in_staging(exam)?)
        })
        .await?;
    let mut reply = pb::ValidateAllReply::default();
    let mut away = None;
    for copy in copies {
        if let Some(code) = away {
            reply.refused.push(refused(copy, code));
            continue;
        }
        let command = Command {
            session: session.clone(),
            operation: Operation::ValidateAll,
            copy,
            id: app.ids.next(),
        };
        let validated = app
            .database
            .transaction("validate_copy", move |tx| {
                let (copy, asked) = command.begin(tx)?;
                Ok::<_, Error>(tx.record(&copy.validate(asked)?)?)
            })
            .await;
        match validated {
            Ok(event) => {
                recorded::publish(event);
                reply.validated += 1;
            }
            Err(error) => {
                let problem = error.into_problem();
                let code = problem.code;
                let broken = code.http() >= 500 && code != Code::DbContention;
                if broken && reply.validated == 0 {
                    return Err(problem.into());
                }
                // What was validated is told; the other copies need not wait for the database one by one.
                away = broken.then_some(code);
                reply.refused.push(refused(copy, code));
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

fn refused(copy: CopyId, code: Code) -> pb::RefusedCopy {
    pb::RefusedCopy {
        copy_id: copy.to_string(),
        code: code.as_str().to_owned(),
    }
}
