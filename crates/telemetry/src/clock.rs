//! The clock of this machine, for what telemetry writes about itself. Business time is the database's.

use chrono::{DateTime, Utc};

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the machine's clock"
)]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Seconds since 1970, for gauges that say when something was last seen.
pub(crate) fn unix_seconds() -> f64 {
    let now = now();
    let seconds = u32::try_from(now.timestamp()).unwrap_or(u32::MAX);
    f64::from(seconds) + f64::from(now.timestamp_subsec_millis()) / 1000.0
}
