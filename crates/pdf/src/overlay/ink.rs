//! Lines drawn by hand: the harder the pen was pressed, the thicker.

use crate::canvas::{Canvas, Colour};
use crate::correction::InkPoint;

const THINNEST: f64 = 0.6;
/// Thickness at full pressure, beyond the thinnest.
const GROWTH: f64 = 2.4;
/// Thickness comes in so many steps, so that a line is few pieces.
const STEPS: f64 = 8.0;

/// Draws every stroke on a page of this size, in points, with lines that many times as thick as usual.
pub(super) fn draw(
    canvas: &mut Canvas,
    colour: Colour,
    (size, unit): ((f64, f64), f64),
    strokes: &[Vec<InkPoint>],
) {
    for stroke in strokes {
        let mut points = stroke.iter().map(|point| (place(*point, size), width(*point)));
        let Some((first, mut thickness)) = points.next() else {
            continue;
        };
        let mut piece = vec![first];
        for (point, next) in points {
            piece.push(point);
            if (next - thickness).abs() > f64::EPSILON {
                canvas.line(colour, thickness * unit, &piece);
                piece = vec![point];
                thickness = next;
            }
        }
        canvas.line(colour, thickness * unit, &piece);
    }
}

fn place(point: InkPoint, (width, height): (f64, f64)) -> (f64, f64) {
    (point.x * width, point.y * height)
}

fn width(point: InkPoint) -> f64 {
    // What is no number is no pressure.
    let pressure = if point.pressure > 0.0 {
        point.pressure.min(1.0)
    } else {
        0.0
    };
    THINNEST + GROWTH * (pressure * STEPS).round() / STEPS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pressure_becomes_thickness_and_nothing_else_does() {
        let at = |pressure| {
            width(InkPoint {
                x: 0.0,
                y: 0.0,
                pressure,
            })
        };
        assert!(at(0.0) < at(0.5) && at(0.5) < at(1.0));
        let alike = |one: f64, other: f64| (one - other).abs() < f64::EPSILON;
        assert!(alike(at(f64::NAN), at(0.0)) && alike(at(7.0), at(1.0)));
    }
}
