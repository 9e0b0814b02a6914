//! Points: exact decimal numbers in quarters. There is no floating point in a mark.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};
use std::str::FromStr;

/// A number of points, in whole quarters. May be negative: a malus, or a total that is refused for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Points(i32);

/// Why a text is not a number of points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotPoints {
    /// It is not a decimal number, or too large for one.
    #[error("not a decimal number")]
    Malformed,
    /// It is not a multiple of a quarter.
    #[error("not a multiple of a quarter")]
    NotAQuarter,
}

impl Points {
    /// No points.
    pub const ZERO: Self = Self(0);
    /// What a copy can have when the exam has no marking scheme: the French scale.
    pub const TWENTY: Self = Self(80);
    /// The largest number that is taken from outside. Sums may go beyond.
    pub const LIMIT: Self = Self(4 * 1000);

    /// From whole quarters.
    #[must_use]
    pub const fn from_quarters(quarters: i32) -> Self {
        Self(quarters)
    }

    /// As whole quarters.
    #[must_use]
    pub const fn quarters(self) -> i32 {
        self.0
    }

    /// Whether it is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
}

impl FromStr for Points {
    type Err = NotPoints;

    /// Takes what a JSON string of a decimal number may be: an optional sign, digits, and up to four decimal
    /// places after a point.
    fn from_str(text: &str) -> Result<Self, NotPoints> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let number = |text: &str, longest: usize| {
            let plain = (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            plain
                .then(|| text.parse::<i32>().ok())
                .flatten()
                .ok_or(NotPoints::Malformed)
        };
        let whole = number(whole, 4)?;
        number(fraction, 4)?;
        let fraction = number(&format!("{fraction:0<4}"), 4)?;
        if fraction % 2500 != 0 {
            return Err(NotPoints::NotAQuarter);
        }
        let quarters = whole * 4 + fraction / 2500;
        if quarters > Self::LIMIT.0 {
            return Err(NotPoints::Malformed);
        }
        Ok(Self(if negative { -quarters } else { quarters }))
    }
}

impl fmt::Display for Points {
    /// Without more decimal places than needed: `2.25`, `2.5`, `2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let quarters = self.0.unsigned_abs();
        let fraction = match quarters % 4 {
            0 => "",
            1 => ".25",
            2 => ".5",
            _ => ".75",
        };
        write!(f, "{sign}{}{fraction}", quarters / 4)
    }
}

impl serde::Serialize for Points {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Add for Points {
    type Output = Self;

    /// Stays at the end of the range rather than wrap; no real sum comes near it.
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Points {
    type Output = Self;

    /// Stays at the end of the range, too.
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Points {
    fn sum<I: Iterator<Item = Self>>(points: I) -> Self {
        points.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quarters_are_read_and_written_as_decimals() {
        for (text, quarters, written) in [
            ("0", 0, "0"),
            ("2.25", 9, "2.25"),
            ("2.50", 10, "2.5"),
            ("-0.75", -3, "-0.75"),
            ("20.0000", 80, "20"),
            ("1000", 4000, "1000"),
        ] {
            let points: Points = text.parse().unwrap();
            assert_eq!(
                (points.quarters(), points.to_string().as_str()),
                (quarters, written)
            );
        }
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "", "-", ".5", "1.", "+1", "1e3", "1,5", " 1", "NaN", "1000.25", "99999", "--1", "1.00000",
        ] {
            assert_eq!(text.parse::<Points>(), Err(NotPoints::Malformed), "{text:?}");
        }
        for text in ["0.1", "2.24", "-1.3333", "0.0001"] {
            assert_eq!(text.parse::<Points>(), Err(NotPoints::NotAQuarter), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_reads_back(quarters in -4000..=4000i32) {
            let points = Points::from_quarters(quarters);
            prop_assert_eq!(points.to_string().parse(), Ok(points));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,12}") {
            let _parsed: Result<Points, _> = text.parse();
        }
    }
}
