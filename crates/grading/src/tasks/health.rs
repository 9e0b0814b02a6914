//! What the service needs, tried again and again: the database, without which it is not ready, and the
//! broker, without which it only gets behind. What comes of it is also told over gRPC.

use std::time::Duration;

use broker::State;
use service::Latch;
use telemetry::events::Readiness;
use tokio::sync::watch;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::app::App;
use crate::tasks::ticks::Ticks;

const INTERVAL: Duration = Duration::from_secs(2);
/// How often it is tried whether the database has room.
const ROOM_INTERVAL: Duration = Duration::from_secs(10);
/// For how long a write counts that was refused for want of room. Where room is short some writes find it and others do not.
const ROOM_MEMORY: Duration = Duration::from_mins(1);

/// Tries the database until the service drains.
pub(crate) async fn try_database(app: App, latch: Latch) {
    let mut ticks = Ticks::new(INTERVAL, &app.draining);
    while ticks.next().await {
        match app.database.ping().await {
            Ok(()) => latch.ready(),
            // Others wait for it as well: it is there.
            Err(store::Error::Busy) => {}
            Err(_told_by_the_store) => latch.failed(),
        }
    }
}

/// Follows whether the database has room for what is written, until the service drains. Without it people still read and
/// workers still ask, and every other grading service has no more of it: the service stays ready.
pub(crate) async fn follow_room(app: App, latch: Latch) {
    let mut ticks = Ticks::new(ROOM_INTERVAL, &app.draining);
    while ticks.next().await {
        match app.database.try_room().await {
            Err(store::Error::Unwritable) => latch.failed(),
            Ok(()) if app.database.was_short_of_room(ROOM_MEMORY) => latch.failed(),
            Ok(()) => latch.ready(),
            Err(_nobody_knows) => {}
        }
    }
}

/// What readiness shows of the broker.
pub(crate) struct BrokerLatches {
    /// Whether messages get through.
    pub(crate) connected: Latch,
    /// Whether a broker that is there takes messages: it does not when its memory or disk is short.
    pub(crate) takes: Latch,
}

/// Follows the connection to the broker until the service drains.
pub(crate) async fn follow_broker(app: App, mut connection: watch::Receiver<State>, latches: BrokerLatches) {
    let BrokerLatches { connected, takes } = latches;
    loop {
        match *connection.borrow_and_update() {
            State::Connected => {
                connected.ready();
                takes.ready();
            }
            State::Blocked => {
                connected.failed();
                takes.failed();
            }
            // Whether it would take them, nobody knows.
            State::Connecting | State::Lost | State::Mismatch { .. } => {
                connected.failed();
                takes.ready();
            }
        }
        match app.draining.run_until_cancelled(connection.changed()).await {
            Some(Ok(())) => {}
            Some(Err(_)) | None => return,
        }
    }
}

/// Tells callers over gRPC whether the service can take work.
pub(crate) async fn tell(app: App, reporter: HealthReporter) {
    let mut readiness = app.lifecycle.readiness();
    loop {
        let status = match *readiness.borrow_and_update() {
            Readiness::Ready | Readiness::Degraded => ServingStatus::Serving,
            Readiness::Pending | Readiness::Failed => ServingStatus::NotServing,
        };
        reporter.set_service_status("", status).await;
        match app.draining.run_until_cancelled(readiness.changed()).await {
            Some(Ok(())) => {}
            Some(Err(_)) | None => break,
        }
    }
    reporter.set_service_status("", ServingStatus::NotServing).await;
}
