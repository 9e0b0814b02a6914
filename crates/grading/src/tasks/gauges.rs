//! Gauges that the database knows: copies by status, the outbox, the locks, the last backup.

use std::time::Duration;

use crate::app::App;
use crate::error::Error;
use crate::tasks::ticks::Ticks;

const INTERVAL: Duration = Duration::from_secs(5);

/// Refreshes the gauges until the service drains. While the database is away they keep their values,
/// and their own timestamp tells how old they are.
pub(crate) async fn run(app: App) {
    let mut ticks = Ticks::new(INTERVAL, &app.draining);
    while ticks.next().await {
        // The store has said what is wrong; the timestamp shows that nothing was refreshed.
        let _refreshed = refresh(&app).await;
        // By itself: it reads every copy, and if that takes too long the others are fresh all the same.
        let _read = read_waits(&app).await;
    }
}

async fn refresh(app: &App) -> Result<(), Error> {
    let (copies, outbox, locks, backup) = app
        .database
        .transaction("read_gauges", |tx| {
            Ok::<_, Error>((
                tx.copies().count_by_status()?,
                tx.outbox().unsent_stats()?,
                tx.locks().stats()?,
                tx.last_backup()?,
            ))
        })
        .await?;
    let copies: Vec<_> = copies
        .into_iter()
        .map(|(status, count)| (status, natural(count)))
        .collect();
    telemetry::metrics::copies_by_status(&copies);
    telemetry::metrics::locks(locks.oldest, natural(locks.overdue));
    telemetry::metrics::outbox_unsent(natural(outbox.unsent), outbox.oldest);
    // Without one the gauge stays at zero.
    if let Some(taken_at) = backup {
        telemetry::metrics::last_backup(natural(taken_at.timestamp()));
    }
    Ok(())
}

async fn read_waits(app: &App) -> Result<(), Error> {
    let waits = app
        .database
        .transaction("read_waits", |tx| Ok::<_, Error>(tx.copies().oldest_by_status()?))
        .await?;
    telemetry::metrics::oldest_by_status(&waits);
    Ok(())
}

fn natural(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
