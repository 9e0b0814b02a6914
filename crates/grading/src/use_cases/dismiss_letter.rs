//! An operator throws a dead letter away.

use contracts::{FieldCode, Problem, grading as pb};
use domain::access::Relation;
use domain::audit::Deed;
use domain::{JobId, Operation};
use telemetry::events::DeadLetterDismissed;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;

/// Only records it, before it is done: the letter is in the broker, and no job hangs on it.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::DismissLetterRequest,
) -> Result<pb::DismissLetterReply, Error> {
    let job_id: Option<JobId> = match request.job_id.as_str() {
        "" => None,
        id => Some(
            id.parse()
                .map_err(|_not_an_id| Problem::field("/job_id", FieldCode::Malformed))?,
        ),
    };
    let operation = app.ids.next();
    let event = app
        .database
        .transaction("dismiss_letter", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::RetryJob, Relation::Stranger)?;
            Ok::<_, Error>(tx.operate(Deed::DiscardLetter(job_id), caller, operation)?)
        })
        .await?;
    recorded::publish(event);
    telemetry::log(DeadLetterDismissed { job_id });
    Ok(pb::DismissLetterReply {})
}
