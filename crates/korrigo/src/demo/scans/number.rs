//! From lengths to pixels: the only place where a float becomes an integer.

/// The pixel that holds a coordinate; 0 for anything before the first.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "this is the one place that turns a coordinate into a pixel; a float cast saturates"
)]
pub(super) fn pixel(value: f32) -> usize {
    value as usize
}

/// A shade of grey or of a colour.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "this is the one place that turns a brightness into a byte; a float cast saturates"
)]
pub(super) fn shade(value: f32) -> u8 {
    value as u8
}

/// A coordinate that is known to be small.
pub(super) fn coordinate(value: usize) -> f32 {
    f32::from(u16::try_from(value).unwrap_or(u16::MAX))
}
