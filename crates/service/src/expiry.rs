//! Whether the certificate that the process shows is valid for long enough: readiness says it before nothing gets through.

use std::time::Duration;

use rustls::pki_types::UnixTime;
use tokio::time::{MissedTickBehavior, interval};

use crate::latch::Latch;

/// In how many days a certificate has to be valid still. An alert asks the same.
const DAYS: u64 = 14;

const EVERY: Duration = Duration::from_mins(1);

/// Looks again and again, by the clock that the other side's certificate is judged by.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the clock by which certificates are judged"
)]
pub(crate) async fn watch(valid_until: u64, latch: Latch) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if is_near(valid_until, UnixTime::now().as_secs()) {
            latch.failed();
        } else {
            latch.ready();
        }
    }
}

/// Whether that is soon, or over; both in seconds since 1970.
const fn is_near(valid_until: u64, now: u64) -> bool {
    valid_until.saturating_sub(now) < DAYS * 86_400
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = include_str!("../../../deploy/prometheus/rules/services.yml");

    #[test]
    fn a_certificate_is_near_its_end_two_weeks_before_and_ever_after() {
        let end = 2_000_000_000;
        assert!(!is_near(end, end - 14 * 86_400));
        assert!(is_near(end, end - 14 * 86_400 + 1));
        assert!(is_near(end, end + 1));
    }

    #[test]
    fn readiness_and_the_alert_mean_the_same_days() {
        let rule = format!("(tls_certificate_expiry_timestamp_seconds > 0) - time() < {DAYS} * 86400");
        assert!(RULES.contains(&rule), "{rule}");
    }
}
