//! Places on a page as it is displayed: fractions of its width and height, kept as whole millionths.

/// One whole, in millionths.
const ONE: f64 = 1_000_000.0;

/// A rectangle within a page, in millionths of its width and height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rectangle {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// Width.
    pub w: u32,
    /// Height.
    pub h: u32,
}

impl Rectangle {
    /// From fractions of the page; `None` if the rectangle is empty or leaves the page.
    #[must_use]
    pub fn from_fractions([x, y, w, h]: [f64; 4]) -> Option<Self> {
        let inside = x >= 0.0 && y >= 0.0 && w > 0.0 && h > 0.0 && x + w <= 1.0 && y + h <= 1.0;
        if !inside {
            return None;
        }
        let (x, y) = (millionths(x), millionths(y));
        // Rounding must not push the far edges off the page.
        let (w, h) = (millionths(w).min(1_000_000 - x), millionths(h).min(1_000_000 - y));
        (w > 0 && h > 0).then_some(Self { x, y, w, h })
    }

    /// As fractions of the page: x, y, w, h.
    #[must_use]
    pub fn fractions(&self) -> [f64; 4] {
        [self.x, self.y, self.w, self.h].map(fraction)
    }
}

/// A point that a pen went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InkPoint {
    /// Distance from the left edge of the page, in millionths of its width.
    pub x: u32,
    /// Distance from the upper edge of the page, in millionths of its height.
    pub y: u32,
    /// How hard, in millionths of as hard as can be.
    pub pressure: u32,
}

impl InkPoint {
    /// From fractions; `None` if one of them is outside [0, 1].
    #[must_use]
    pub fn from_fractions(fractions: [f64; 3]) -> Option<Self> {
        let inside = fractions.iter().all(|part| (0.0..=1.0).contains(part));
        let [x, y, pressure] = fractions;
        inside.then(|| Self {
            x: millionths(x),
            y: millionths(y),
            pressure: millionths(pressure),
        })
    }

    /// As fractions: x, y, pressure.
    #[must_use]
    pub fn fractions(&self) -> [f64; 3] {
        [self.x, self.y, self.pressure].map(fraction)
    }
}

fn fraction(millionths: u32) -> f64 {
    f64::from(millionths) / ONE
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the fraction was checked to lie in [0, 1]"
)]
fn millionths(fraction: f64) -> u32 {
    (fraction * ONE).round() as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_rectangle_lies_within_its_page() {
        assert!(Rectangle::from_fractions([0.0, 0.0, 1.0, 0.2]).is_some());
        for outside in [
            [0.5, 0.0, 0.6, 0.1],
            [-0.1, 0.0, 0.2, 0.1],
            [0.0, 0.0, 0.0, 0.1],
            [0.0, f64::NAN, 0.1, 0.1],
            [0.0, 0.0, f64::INFINITY, 0.1],
        ] {
            assert!(Rectangle::from_fractions(outside).is_none(), "{outside:?}");
        }
    }

    #[test]
    fn a_point_lies_on_its_page() {
        assert!(InkPoint::from_fractions([0.0, 1.0, 0.5]).is_some());
        for outside in [[1.1, 0.0, 0.5], [0.0, -0.1, 0.5], [0.0, 0.0, f64::NAN]] {
            assert!(InkPoint::from_fractions(outside).is_none(), "{outside:?}");
        }
    }

    proptest! {
        #[test]
        fn rounding_keeps_a_rectangle_on_its_page(x in 0.0..1.0f64, y in 0.0..1.0f64, w in 0.0..1.0f64, h in 0.0..1.0f64) {
            if let Some(found) = Rectangle::from_fractions([x, y, w, h]) {
                prop_assert!(found.x + found.w <= 1_000_000 && found.y + found.h <= 1_000_000);
                prop_assert_eq!(Rectangle::from_fractions(found.fractions()), Some(found));
            }
        }
    }
}
