//! Days as schools write them: `01/03/2009`, `2009-03-01`, `1-3-2009`, `01.03.2009`, perhaps with a time behind.

use chrono::{Datelike as _, NaiveDate};

/// Nobody in a school was born in another year.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2100;

/// The day, if it is one.
pub(super) fn of(text: &str) -> Option<NaiveDate> {
    let day = text.split([' ', 'T']).next()?;
    let numbers: Vec<&str> = day.split(['/', '-', '.']).collect();
    let &[first, second, third] = numbers.as_slice() else {
        return None;
    };
    let (year, month, day) = if first.len() == 4 {
        (first, second, third)
    } else {
        (third, second, first)
    };
    let short = |text: &str| -> Option<u32> { (1..=2).contains(&text.len()).then(|| text.parse().ok())? };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if year.len() != 4 || !numbers.iter().all(|number| digits(number)) {
        return None;
    }
    let day = NaiveDate::from_ymd_opt(year.parse().ok()?, short(month)?, short(day)?)?;
    YEARS.contains(&day.year()).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_every_order_that_has_one_meaning() {
        let day = NaiveDate::from_ymd_opt(2009, 3, 1);
        for text in [
            "01/03/2009",
            "1/3/2009",
            "01-03-2009",
            "01.03.2009",
            "2009-03-01",
            "2009/03/01",
            "2009-03-01T00:00:00",
            "01/03/2009 00:00",
        ] {
            assert_eq!(of(text), day, "{text}");
        }
        for text in [
            "",
            "01/03",
            "01/03/09",
            "31/02/2009",
            "13/13/2009",
            "01/03/0009",
            "39873",
            "a/b/2009",
            "1/3/2009/4",
            "-1/3/2009",
            "+1/+3/2009",
            "01/03/9999",
            "é1/03/2009",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
