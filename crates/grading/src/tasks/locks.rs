//! Tidies up locks that have ended by themselves. Nobody waits for it: a lapsed lock can be taken over at once. It
//! makes the copy READY again where nobody comes, and tells the trail why.

use std::time::Duration;

use domain::CopyId;
use domain::audit::Actor;
use store::Entry;
use telemetry::events::LockLapsed;

use crate::app::App;
use crate::error::Error;
use crate::recorded;
use crate::tasks::ticks::Ticks;

const INTERVAL: Duration = Duration::from_secs(10);
/// How many locks are looked after in one round.
const BATCH: u16 = 100;

/// Tidies until the service drains.
pub(crate) async fn run(app: App) {
    let mut ticks = Ticks::new(INTERVAL, &app.draining);
    while ticks.next().await {
        // The store has said what is wrong; the next round tries again.
        let _tidied = tidy(&app).await;
    }
}

async fn tidy(app: &App) -> Result<(), Error> {
    let lapsed = app
        .database
        .transaction("find_lapsed_locks", |tx| {
            Ok::<_, Error>(tx.locks().lapsed(BATCH)?)
        })
        .await?;
    for copy in lapsed {
        // The store has said what is wrong with one; the others do not wait for it.
        if let Ok(Some((event, fence))) = lapse(app, copy).await {
            recorded::publish(event);
            telemetry::log(LockLapsed { copy_id: copy, fence });
        }
    }
    Ok(())
}

/// The event, unless the owner or somebody else was faster.
async fn lapse(app: &App, id: CopyId) -> Result<Option<(Entry, i64)>, Error> {
    let (worker, operation) = (app.worker, app.ids.next());
    app.database
        .transaction("lapse_lock", move |tx| {
            let Some(copy) = tx.copies().for_update(id)? else {
                return Ok(None);
            };
            let (now, fence) = (tx.now()?, copy.lock_fence);
            if !copy.has_lapsed_lock(now) {
                return Ok(None);
            }
            let transition = copy.lapse(now, Actor::Service(worker), operation)?;
            Ok(Some((tx.record(&transition)?, fence)))
        })
        .await
}
