//! Parsers for the values of settings. Their messages never repeat the value.

use std::time::Duration;

use domain::secret::Secret;
use telemetry::{Dsn, NotADsn};

/// What is wrong with a value, in constant words. The error of every value parser of a setting, since the
/// words are shown to whoever starts the process and the value is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadValue(pub &'static str);

const NOT_A_DURATION: BadValue = BadValue("expected a number with a unit: 250ms, 5s, 2m, 1h");
const NOT_A_RATIO: BadValue = BadValue("expected a number from 0 to 1");
const NOT_A_NAME: BadValue = BadValue("expected up to 64 letters, digits, dots, hyphens and underscores");
const NOT_A_URL: BadValue = BadValue("expected http://host:port");
const NOT_A_DSN: BadValue = BadValue("expected http://key@host:port/project");
const NOT_A_TOKEN: BadValue = BadValue("expected at least 16 plain characters without spaces");
const NOT_A_FAILPOINT: BadValue = BadValue("names no failpoint of this program");
const ZERO: BadValue = BadValue("must be longer than nothing");

/// A duration: a whole number with `ms`, `s`, `m` or `h`.
pub fn duration(text: &str) -> Result<Duration, BadValue> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_not_a_number| NOT_A_DURATION)?;
    match text.strip_prefix(digits) {
        Some("ms") => Some(Duration::from_millis(number)),
        Some("s") => Some(Duration::from_secs(number)),
        Some("m") => number.checked_mul(60).map(Duration::from_secs),
        Some("h") => number.checked_mul(3600).map(Duration::from_secs),
        Some(_) | None => None,
    }
    .ok_or(NOT_A_DURATION)
}

/// A token that nobody guesses: at least 16 characters, none of which a header cannot carry.
pub fn token(text: &str) -> Result<Secret, BadValue> {
    if text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(Secret::new(text))
    } else {
        Err(NOT_A_TOKEN)
    }
}

/// A place at which a process of a test dies.
pub fn failpoint(text: &str) -> Result<failpoint::Plan, BadValue> {
    text.parse().map_err(|_unknown| NOT_A_FAILPOINT)
}

/// A duration that is not zero.
pub fn period(text: &str) -> Result<Duration, BadValue> {
    duration(text).and_then(|duration| {
        if duration.is_zero() {
            Err(ZERO)
        } else {
            Ok(duration)
        }
    })
}

/// A short name of plain characters.
pub fn name(text: &str) -> Result<String, BadValue> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if (1..=64).contains(&text.len()) && text.bytes().all(plain) {
        Ok(text.to_owned())
    } else {
        Err(NOT_A_NAME)
    }
}

/// The address of a service that is reached without TLS.
pub fn http_url(text: &str) -> Result<String, BadValue> {
    match text.strip_prefix("http://") {
        Some(host) if !host.is_empty() && !host.contains('@') => Ok(text.to_owned()),
        Some(_) | None => Err(NOT_A_URL),
    }
}

/// The address of a receiver of errors.
pub fn sentry_dsn(text: &str) -> Result<Dsn, BadValue> {
    text.parse().map_err(|NotADsn| NOT_A_DSN)
}

/// A number from 0 to 1.
pub fn ratio(text: &str) -> Result<f64, BadValue> {
    let number: f64 = text.parse().map_err(|_not_a_number| NOT_A_RATIO)?;
    if (0.0..=1.0).contains(&number) {
        Ok(number)
    } else {
        Err(NOT_A_RATIO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_and_plain() {
        assert!(token("0123456789abcdef").is_ok());
        assert!(token("0123456789abcde").is_err() && token("0123456789 abcdef").is_err());
    }

    #[test]
    fn a_period_is_longer_than_nothing() {
        assert_eq!(period("1ms"), Ok(Duration::from_millis(1)));
        assert_eq!(period("0s"), Err(ZERO));
    }

    #[test]
    fn durations_have_a_number_and_a_unit() {
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("5s"), Ok(Duration::from_secs(5)));
        assert_eq!(duration("2m"), Ok(Duration::from_mins(2)));
        assert_eq!(duration("1h"), Ok(Duration::from_hours(1)));
        for refused in ["", "5", "s", "-1s", "1.5s", "5 s", "5d", "99999999999999999999s"] {
            assert_eq!(duration(refused), Err(NOT_A_DURATION), "{refused}");
        }
    }

    #[test]
    fn names_are_plain_and_urls_have_no_credentials() {
        assert_eq!(name("gateway-2"), Ok("gateway-2".to_owned()));
        assert_eq!(name("a b"), Err(NOT_A_NAME));
        assert!(http_url("http://127.0.0.1:4317").is_ok());
        for refused in [
            "",
            "127.0.0.1:4317",
            "https://collector.test",
            "http://",
            "http://me:pw@collector.test",
        ] {
            assert_eq!(http_url(refused), Err(NOT_A_URL), "{refused}");
        }
    }

    #[test]
    fn ratios_lie_between_0_and_1() {
        assert_eq!(ratio("0.25"), Ok(0.25));
        for refused in ["", "2", "-0.1", "NaN", "ten"] {
            assert_eq!(ratio(refused), Err(NOT_A_RATIO), "{refused}");
        }
    }
}
