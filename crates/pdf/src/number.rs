//! From lengths to whole numbers, and to those of a document: the only place where a float becomes an integer.

use lopdf::Object;

/// Up to here a float has every integer.
const EXACT: f64 = 9_007_199_254_740_992.0;

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

/// A number as a document has it: whole ones exactly, others with the precision of readers. What is no number is zero;
/// what is beyond readers' numbers is the last of them.
pub(crate) fn object(value: f64) -> Object {
    let value = if value.is_finite() { value } else { 0.0 };
    match integer(value) {
        Some(whole) if value.fract() == 0.0 => whole.into(),
        Some(_) | None => value.clamp(f32::MIN.into(), f32::MAX.into()).into(),
    }
}

/// The same, rounded to so many places behind the point.
pub(crate) fn rounded(value: f64, places: i32) -> Object {
    let scale = 10_f64.powi(places);
    object((value * scale).round() / scale)
}

/// A width or height that is known to be small, as a length in memory.
pub(crate) fn length(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

fn whole(value: f64) -> Option<u32> {
    u32::try_from(integer(value)?).ok()
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "this is the one place that turns a float into an integer, after checking that it fits"
)]
fn integer(value: f64) -> Option<i64> {
    (-EXACT..=EXACT).contains(&value).then_some(value as i64)
}

#[cfg(test)]
mod tests {
    use lopdf::Writer;

    use super::{at_least, nearest, object, rounded};

    #[test]
    fn lengths_become_whole_numbers_or_nothing() {
        assert_eq!(nearest(1190.55), Some(1191));
        assert_eq!(at_least(1190.0004), Some(1190));
        assert_eq!(at_least(1190.01), Some(1191));
        assert_eq!(nearest(-1.0), None);
        assert_eq!(nearest(1e12), None);
        assert_eq!(nearest(f64::NAN), None);
    }

    #[test]
    fn numbers_of_a_document_are_as_short_as_they_can_be() {
        let written = |number| {
            let mut text = Vec::new();
            Writer::write_object(&mut text, &number).unwrap();
            String::from_utf8(text).unwrap()
        };
        let numbers = [0.0, -0.0004, 12.0, 0.5, -3.25, 841.8898, 1e9, f64::NAN];
        let shortest = numbers.map(|number| written(rounded(number, 3)));
        assert_eq!(
            shortest,
            ["0", "0", "12", "0.5", "-3.25", "841.89", "1000000000", "0"]
        );
        let large = [4_294_967_295.0, -2_147_483_648.0, 1e300].map(|number| written(object(number)));
        assert_eq!(
            large,
            [
                "4294967295",
                "-2147483648",
                "340282350000000000000000000000000000000.0"
            ]
        );
    }
}
