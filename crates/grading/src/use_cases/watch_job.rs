//! Watching a job until it ends.

use std::time::Duration;

use contracts::{Code, grading as pb};
use domain::JobId;
use futures::{Stream, stream};
use store::{JobChanged, JobView};
use tokio::sync::broadcast::Receiver;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::error::Error;
use crate::session::Session;
use crate::use_cases::get_job;
use crate::view;

/// The database tells of changes; this is for the case that its word gets lost.
const LOOK_ANYWAY_AFTER: Duration = Duration::from_secs(2);

/// The job now, if the watcher has not seen it so, and after each change until a final state. The
/// session is checked each time. The stream ends without a final state when the service shuts down.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::WatchJobRequest,
) -> Result<impl Stream<Item = Result<pb::Job, Error>> + use<>, Error> {
    let id: JobId = request.id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let changes = app.notifications.jobs();
    let first = get_job::read(app, session.clone(), id).await?;
    let watch = Watch {
        app: app.clone(),
        session,
        seen: request.after_revision,
        next: Some(first),
        changes,
        draining: app.draining.clone(),
        id,
        ended: false,
    };
    Ok(stream::unfold(watch, Watch::next))
}

struct Watch {
    app: App,
    session: Session,
    id: JobId,
    seen: i64,
    next: Option<JobView>,
    changes: Receiver<JobChanged>,
    draining: CancellationToken,
    ended: bool,
}

impl Watch {
    async fn next(mut self) -> Option<(Result<pb::Job, Error>, Self)> {
        while !self.ended {
            let found = match self.next.take() {
                Some(found) => found,
                None => match self.changed().await? {
                    Ok(found) => found,
                    Err(error) => {
                        self.ended = true;
                        return Some((Err(error), self));
                    }
                },
            };
            self.ended = found.job.state.is_final();
            if found.job.revision > self.seen {
                self.seen = found.job.revision;
                return Some((Ok(view::job(&found)), self));
            }
        }
        None
    }

    /// The job after the next word of it, or after a while; `None` when the service shuts down.
    async fn changed(&mut self) -> Option<Result<JobView, Error>> {
        let id = self.id;
        let word = async {
            // A watcher that lags, or a listener that is gone, looks at once.
            while self
                .changes
                .recv()
                .await
                .is_ok_and(|changed| is_other(id, changed))
            {}
        };
        tokio::select! {
            () = self.draining.cancelled() => return None,
            _ = tokio::time::timeout(LOOK_ANYWAY_AFTER, word) => {}
        }
        Some(get_job::read(&self.app, self.session.clone(), self.id).await)
    }
}

fn is_other(id: JobId, changed: JobChanged) -> bool {
    match changed {
        JobChanged::Job(job) => job != id,
        JobChanged::Any => false,
    }
}
