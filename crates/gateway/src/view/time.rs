//! Moments as text: RFC 3339 in UTC.

use chrono::{DateTime, SecondsFormat};
use prost_types::Timestamp;

/// `2026-06-15T08:30:00.123456Z`; `None` for a moment that no calendar has.
pub(super) fn text(at: &Timestamp) -> Option<String> {
    let nanos = u32::try_from(at.nanos).ok()?;
    let moment = DateTime::from_timestamp(at.seconds, nanos)?;
    Some(moment.to_rfc3339_opts(SecondsFormat::Micros, true))
}

/// The text of a moment that is always there.
pub(super) fn required(at: Option<&Timestamp>) -> String {
    at.and_then(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_microseconds_and_ends_in_z() {
        let at = Timestamp {
            seconds: 1_781_512_200,
            nanos: 123_456_789,
        };
        assert_eq!(text(&at).as_deref(), Some("2026-06-15T08:30:00.123456Z"));
        assert_eq!(
            text(&Timestamp {
                seconds: i64::MAX,
                nanos: 0
            }),
            None
        );
    }
}
