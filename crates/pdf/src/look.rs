//! How annotations look that bring no look of their own: marks over text, shapes and lines, drawn plainly, as most
//! readers draw them.
//!
//! Notes, attached files, free text, stamps and fields of forms are not drawn, nor arrows at the ends of lines: their
//! looks are each reader's own.

use hayro::hayro_syntax::object::{self, Array, Dict, Name, Number};
use hayro::kurbo::{Point, Rect};
use lopdf::{Dictionary, dictionary};

use crate::number;
use crate::operators::Operators;

/// How thick lines over text are, in points.
const MARK: f64 = 1.0;
/// Where the handles of a quarter of a circle are, in radii.
const HANDLE: f64 = 0.5523;
/// In points.
const FARTHEST: f64 = 1e6;
/// Under this name the resources have the state in which a look is painted.
const STATE: &str = "G";
/// Ends and corners of lines.
const ROUND: f64 = 1.0;
const YELLOW: [f64; 3] = [1.0, 1.0, 0.0];
const BLACK: [f64; 3] = [0.0, 0.0, 0.0];
/// The operators that choose a colour with so many components: for areas, and for lines.
const FILL: [(usize, &str); 3] = [(1, "g"), (3, "rg"), (4, "k")];
const STROKE: [(usize, &str); 3] = [(1, "G"), (3, "RG"), (4, "K")];

/// A look, as a form in the page's own coordinates.
pub(crate) struct Look {
    /// The corners of what it covers.
    pub(crate) place: Vec<lopdf::Object>,
    /// The entries of the form.
    pub(crate) entries: Dictionary,
    /// What it paints.
    pub(crate) content: Operators,
}

/// The look of an annotation, if it is of a kind that can be drawn and there is something to see.
pub(crate) fn of(annotation: &Dict<'_>) -> Option<Look> {
    let kind = annotation.get::<Name<'_>>("Subtype")?;
    let mut drawing = Drawing::new();
    let mut blend = "Normal";
    match &*kind {
        b"Highlight" => {
            blend = "Multiply";
            drawing.colour(annotation, "C", (&YELLOW, FILL))?;
            for mark in marks(annotation) {
                drawing.polygon(&corners(mark), "f");
            }
        }
        b"Underline" | b"Squiggly" | b"StrikeOut" => {
            drawing.colour(annotation, "C", (&BLACK, STROKE))?;
            drawing.pen(MARK);
            for mark in marks(annotation) {
                let middle = mark.center().y;
                let height = if &*kind == b"StrikeOut" {
                    middle
                } else {
                    mark.y0 + MARK
                };
                drawing.line(&[(mark.x0, height).into(), (mark.x1, height).into()]);
            }
        }
        b"Line" => drawing.lines(annotation, &[points(annotation, "L")])?,
        b"PolyLine" => drawing.lines(annotation, &[points(annotation, "Vertices")])?,
        b"Ink" => drawing.lines(annotation, &strokes(annotation))?,
        b"Polygon" | b"Square" | b"Circle" => drawing.shape(annotation, &kind)?,
        _ => return None,
    }
    drawing.finish(annotation, blend)
}

/// What is painted so far.
struct Drawing {
    content: Operators,
    area: Option<Rect>,
    /// How thick lines are.
    width: f64,
}

impl Drawing {
    fn new() -> Self {
        let mut content = Operators::default();
        content.name("gs", STATE);
        content.numbers("J", &[ROUND]);
        content.numbers("j", &[ROUND]);
        Self {
            content,
            area: None,
            width: 0.0,
        }
    }

    /// Chooses the colour that an annotation names. `None` if it wants none at all.
    fn colour(
        &mut self,
        annotation: &Dict<'_>,
        key: &str,
        (usual, operators): (&[f64], [(usize, &str); 3]),
    ) -> Option<()> {
        let named = annotation.get::<Array<'_>>(key);
        let colour = named.map_or_else(|| usual.to_vec(), |colour| numbers(&colour));
        let (_, operator) = operators.iter().find(|(count, _)| *count == colour.len())?;
        self.push(operator, &colour);
        Some(())
    }

    fn pen(&mut self, width: f64) {
        self.width = width;
        self.push("w", &[width]);
    }

    /// Lines drawn with the annotation's pen.
    fn lines(&mut self, annotation: &Dict<'_>, lines: &[Vec<Point>]) -> Option<()> {
        let width = width(annotation);
        if width <= 0.0 {
            return None;
        }
        self.colour(annotation, "C", (&BLACK, STROKE))?;
        self.pen(width);
        for line in lines {
            self.line(line);
        }
        Some(())
    }

    /// A closed shape, with a colour inside it or without.
    fn shape(&mut self, annotation: &Dict<'_>, kind: &[u8]) -> Option<()> {
        let filled = self.colour(annotation, "IC", (&[], FILL)).is_some();
        let width = width(annotation);
        let edged = width > 0.0 && self.colour(annotation, "C", (&BLACK, STROKE)).is_some();
        let operator = match (filled, edged) {
            (true, true) => "b",
            (true, false) => "f",
            (false, true) => "s",
            (false, false) => return None,
        };
        if edged {
            self.pen(width);
        }
        if kind == b"Polygon" {
            self.polygon(&points(annotation, "Vertices"), operator);
            return Some(());
        }
        let area = place(annotation)?;
        let inset = (width / 2.0).min(area.width() / 2.0).min(area.height() / 2.0);
        let area = area.inset(-inset);
        if kind == b"Circle" {
            self.ellipse(area, operator);
        } else {
            self.polygon(&corners(area), operator);
        }
        Some(())
    }

    fn line(&mut self, points: &[Point]) {
        self.path(points);
        if points.len() > 1 {
            self.content.push("S");
        }
    }

    fn polygon(&mut self, points: &[Point], operator: &str) {
        self.path(points);
        if points.len() > 1 {
            self.content.push(operator);
        }
    }

    fn path(&mut self, points: &[Point]) {
        // A single point shows nothing.
        let points = if points.len() > 1 { points } else { &[] };
        for (index, point) in points.iter().enumerate() {
            self.cover(*point);
            self.push(if index == 0 { "m" } else { "l" }, &[point.x, point.y]);
        }
    }

    fn ellipse(&mut self, area: Rect, operator: &str) {
        for corner in corners(area) {
            self.cover(corner);
        }
        let (middle, wide, high) = (area.center(), area.width() / 2.0, area.height() / 2.0);
        self.push("m", &[middle.x + wide, middle.y]);
        let mut way = (1.0, 0.0);
        for _quarter in 0..4 {
            let (x, y): (f64, f64) = way;
            let next = (-y, x);
            let handle = |from: (f64, f64), to: (f64, f64)| (from.0 + HANDLE * to.0, from.1 + HANDLE * to.1);
            let curve = [handle(way, next), handle(next, way), next];
            let curve = curve.map(|(x, y)| [middle.x + wide * x, middle.y + high * y]);
            self.push("c", curve.as_flattened());
            way = next;
        }
        self.content.push(operator);
    }

    fn cover(&mut self, point: Point) {
        let area = self.area.unwrap_or(Rect::from_points(point, point));
        self.area = Some(area.union_pt(point));
    }

    fn push(&mut self, operator: &str, numbers: &[f64]) {
        self.content
            .with(operator, &numbers.iter().copied().map(near).collect::<Vec<_>>());
    }

    fn finish(self, annotation: &Dict<'_>, blend: &str) -> Option<Look> {
        let area = self.area?.inflate(self.width, self.width);
        let place: Vec<_> = [area.x0, area.y0, area.x1, area.y1].map(near).into();
        let opacity = annotation
            .get::<Number>("CA")
            .map_or(1.0, |opacity| opacity.as_f64());
        let opacity = near(opacity.clamp(0.0, 1.0));
        let state = dictionary! { "BM" => blend, "ca" => opacity.clone(), "CA" => opacity };
        Some(Look {
            entries: dictionary! {
                "Type" => "XObject",
                "Subtype" => "Form",
                "BBox" => place.clone(),
                "Resources" => dictionary! { "ExtGState" => dictionary! { STATE => state } },
            },
            content: self.content,
            place,
        })
    }
}

/// A number of the page; none is further away than any page is large.
fn near(number: f64) -> lopdf::Object {
    number::rounded(number.clamp(-FARTHEST, FARTHEST), 3)
}

fn place(annotation: &Dict<'_>) -> Option<Rect> {
    let place = annotation.get::<object::Rect>("Rect")?;
    Some(Rect::new(place.x0, place.y0, place.x1, place.y1).abs())
}

/// The boxes around the marked pieces of text.
fn marks(annotation: &Dict<'_>) -> Vec<Rect> {
    let points = points(annotation, "QuadPoints");
    let (quads, _) = points.as_chunks::<4>();
    let around = |[a, b, c, d]: &[Point; 4]| Rect::from_points(*a, *b).union_pt(*c).union_pt(*d);
    quads.iter().map(around).collect()
}

fn corners(area: Rect) -> [Point; 4] {
    let Rect { x0, y0, x1, y1 } = area;
    [(x0, y0), (x1, y0), (x1, y1), (x0, y1)].map(Point::from)
}

/// The lines of a drawing by hand.
fn strokes(annotation: &Dict<'_>) -> Vec<Vec<Point>> {
    let strokes = annotation.get::<Array<'_>>("InkList");
    let strokes = strokes.iter().flat_map(Array::iter::<Array<'_>>);
    strokes.map(|stroke| pairs(&stroke)).collect()
}

fn points(annotation: &Dict<'_>, key: &str) -> Vec<Point> {
    annotation
        .get::<Array<'_>>(key)
        .as_ref()
        .map(pairs)
        .unwrap_or_default()
}

fn pairs(values: &Array<'_>) -> Vec<Point> {
    let values = numbers(values);
    let (pairs, _) = values.as_chunks::<2>();
    pairs.iter().map(|[x, y]| Point::new(*x, *y)).collect()
}

fn numbers(values: &Array<'_>) -> Vec<f64> {
    values.iter::<Number>().map(|value| value.as_f64()).collect()
}

/// How thick the annotation's lines are.
fn width(annotation: &Dict<'_>) -> f64 {
    let style = annotation.get::<Dict<'_>>("BS");
    let style = style.and_then(|style| style.get::<Number>("W"));
    let border = annotation.get::<Array<'_>>("Border");
    let width = || border.and_then(|border| numbers(&border).get(2).copied());
    style.map(|width| width.as_f64()).or_else(width).unwrap_or(1.0)
}
