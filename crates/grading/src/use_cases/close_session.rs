//! Logging out.

use contracts::grading as pb;
use telemetry::events::SessionClosed;

use crate::app::App;
use crate::error::Error;
use crate::session::Session;

/// Ends the session at once.
pub(crate) async fn run(app: &App, session: Session) -> Result<pb::CloseSessionReply, Error> {
    let caller = app
        .database
        .transaction("close_session", move |tx| {
            let caller = session.caller(tx)?;
            tx.sessions().delete(session.token().digest())?;
            Ok::<_, Error>(caller)
        })
        .await?;
    telemetry::log(SessionClosed { user_id: caller.user });
    Ok(pb::CloseSessionReply {})
}
