//! An administrator has the pages of a copy made again.

use contracts::grading as pb;
use domain::Operation;
use telemetry::events::ImportRetried;

use crate::announcement;
use crate::app::App;
use crate::command::Command;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;

/// The import starts from the beginning with a job of its own.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::RetryImportRequest,
) -> Result<pb::StartedJob, Error> {
    let command = Command::parse(session, Operation::RetryImport, &request.id, app.ids.next())?;
    let (copy_id, ids) = (command.copy, app.ids.clone());
    let (job_id, event) = app
        .database
        .transaction("retry_import", move |tx| {
            let (copy, asked) = command.begin(tx)?;
            let started = copy.retry_import(asked, &ids)?;
            let event = tx.start(&started, &announcement::of(started.job(), &ids))?;
            Ok::<_, Error>((started.job().id, event))
        })
        .await?;
    recorded::publish(event);
    telemetry::log(ImportRetried { copy_id, job_id });
    Ok(pb::StartedJob {
        job_id: job_id.to_string(),
    })
}
