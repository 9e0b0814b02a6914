//! From lengths to whole numbers: the only place where a float becomes an integer.

/// The nearest whole number, if there is one that fits.
pub(crate) fn nearest(value: f64) -> Option<u32> {
    whole(value.round())
}

/// The smallest whole number that is not below the value; a rounding error of a thousandth does not count.
pub(crate) fn at_least(value: f64) -> Option<u32> {
    whole((value - 0.001).ceil())
}

/// How often something fits completely; never, if it makes no sense to ask.
pub(crate) fn whole_part(value: f64) -> usize {
    whole(value).map_or(0, length)
}

/// A width or height that is known to be small, as a length in memory.
pub(crate) fn length(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "this is the one place that turns a float into an integer, after checking that it fits"
)]
fn whole(value: f64) -> Option<u32> {
    (0.0..=f64::from(u32::MAX))
        .contains(&value)
        .then_some(value as u32)
}

#[cfg(test)]
mod tests {
    use super::{at_least, nearest};

    #[test]
    fn lengths_become_whole_numbers_or_nothing() {
        assert_eq!(nearest(1190.55), Some(1191));
        assert_eq!(at_least(1190.0004), Some(1190));
        assert_eq!(at_least(1190.01), Some(1191));
        assert_eq!(nearest(-1.0), None);
        assert_eq!(nearest(1e12), None);
        assert_eq!(nearest(f64::NAN), None);
    }
}
