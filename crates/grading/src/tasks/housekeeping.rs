//! Forgetting what nobody needs any more: old answers to idempotency keys, sent messages, dead
//! sessions, expired invitations, failed guesses of long ago, archives that are kept no longer.

use std::time::Duration;

use chrono::TimeDelta;

use crate::app::App;
use crate::error::Error;
use crate::tasks::ticks::Ticks;

const INTERVAL: Duration = Duration::from_mins(10);
const ANSWERS_ARE_KEPT: TimeDelta = TimeDelta::hours(24);
const SENT_MESSAGES_ARE_KEPT: TimeDelta = TimeDelta::days(7);

/// Tidies until the service drains.
pub(crate) async fn run(app: App) {
    let mut ticks = Ticks::new(INTERVAL, &app.draining);
    while ticks.next().await {
        // The store has said what is wrong; the next round tries again.
        let _tidied = tidy(&app).await;
    }
}

async fn tidy(app: &App) -> Result<(), Error> {
    let (lifetime, window) = (app.session_lifetime, app.throttling.longest_window());
    app.database
        .transaction("housekeeping", move |tx| {
            tx.idempotency().purge(ANSWERS_ARE_KEPT)?;
            tx.outbox().purge_sent(SENT_MESSAGES_ARE_KEPT)?;
            tx.sessions().purge(lifetime)?;
            tx.invitations().purge()?;
            tx.throttles().purge(window)?;
            tx.archives().purge()?;
            Ok(())
        })
        .await
}
