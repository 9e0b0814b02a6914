//! For how long things are kept. What has no period is kept for ever.

use chrono::{Days, NaiveDate};

/// The periods of a school, in days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Periods {
    /// Pages, documents and words of copies, from the day of the exam on.
    pub copies: Option<u32>,
    /// The same of copies that were put aside, from that day on.
    pub discarded: Option<u32>,
    /// Who pupils are, from the day of their last exam on.
    pub pupils: Option<u32>,
}

impl Periods {
    /// Whether anything is ever erased.
    #[must_use]
    pub fn any(self) -> bool {
        self != Self::default()
    }
}

/// The first day that is still within the period, seen from `today`; what is older is erased. `None` if there is no
/// period, or none that the calendar has room for.
#[must_use]
pub fn kept_since(period: Option<u32>, today: NaiveDate) -> Option<NaiveDate> {
    period.and_then(|days| today.checked_sub_days(Days::new(u64::from(days))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_period_is_kept() {
        let today = NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day");
        assert_eq!(kept_since(None, today), None);
        assert_eq!(kept_since(Some(1), today), NaiveDate::from_ymd_opt(2026, 2, 28));
        assert_eq!(kept_since(Some(u32::MAX), today), None);
    }
}
