//! The boxes of a page, and the way from what a reader shows to what the page's content means.

use hayro::hayro_interpret::TransformExt;
use hayro::hayro_syntax::object::{self, Number};
use hayro::hayro_syntax::page::{Page, Rotation};
use hayro::kurbo::{Affine, Rect};
use lopdf::{Dictionary, Object, dictionary};

use crate::number;

/// Where a page is in its own coordinates, and how it is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Geometry {
    media: Rect,
    /// What is shown of it.
    crop: Rect,
    /// Clockwise, in degrees.
    rotation: u16,
    /// How many points a unit of the page is.
    unit: f64,
    /// From the page's coordinates to the shown ones, in units from the upper left corner.
    to_view: Affine,
}

impl Geometry {
    pub(crate) fn of(page: &Page<'_>) -> Self {
        let unit = page
            .raw()
            .get::<Number>("UserUnit")
            .map_or(1.0, |unit| unit.as_f64());
        Self {
            media: rect(page.media_box()),
            crop: rect(page.intersected_crop_box()),
            rotation: match page.rotation() {
                Rotation::None => 0,
                Rotation::Horizontal => 90,
                Rotation::Flipped => 180,
                Rotation::FlippedHorizontal => 270,
            },
            unit: if unit.is_finite() && unit > 0.0 { unit } else { 1.0 },
            to_view: page.initial_transform(true).to_kurbo(),
        }
    }

    /// Width and height as displayed, in points.
    pub(crate) fn displayed(&self) -> (f64, f64) {
        let shown = self.to_view.transform_rect_bbox(self.crop);
        (shown.width() * self.unit, shown.height() * self.unit)
    }

    /// The same page of which only a part is shown: a rectangle in fractions of what is displayed now.
    pub(crate) fn part(&self, part: Rect) -> Self {
        let shown = self.to_view.transform_rect_bbox(self.crop);
        let part = Rect::new(
            shown.x0 + part.x0 * shown.width(),
            shown.y0 + part.y0 * shown.height(),
            shown.x0 + part.x1 * shown.width(),
            shown.y0 + part.y1 * shown.height(),
        );
        Self {
            crop: self.to_view.inverse().transform_rect_bbox(part),
            to_view: Affine::translate((-part.x0, -part.y0)) * self.to_view,
            ..*self
        }
    }

    /// The boxes and the rotation as entries of a page's dictionary.
    pub(crate) fn entries(&self) -> Dictionary {
        let mut entries = dictionary! {
            "MediaBox" => corners(self.media),
            "CropBox" => corners(self.crop),
            "Rotate" => self.rotation,
        };
        if (self.unit - 1.0).abs() >= f64::EPSILON {
            entries.set("UserUnit", number::rounded(self.unit, 6));
        }
        entries
    }

    /// The matrix of a form that is drawn in displayed points, from the upper left corner.
    pub(crate) fn matrix(&self) -> Vec<Object> {
        let matrix = self.to_view.inverse() * Affine::scale(1.0 / self.unit);
        matrix.as_coeffs().map(|number| number::rounded(number, 6)).into()
    }
}

fn rect(area: object::Rect) -> Rect {
    Rect::new(area.x0, area.y0, area.x1, area.y1)
}

fn corners(area: Rect) -> Vec<Object> {
    let corners = [area.x0, area.y0, area.x1, area.y1];
    corners.map(|number| number::rounded(number, 4)).into()
}
