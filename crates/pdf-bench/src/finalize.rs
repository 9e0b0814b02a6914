//! Finalize: the annotations of a file over every page, and the report.

use domain::exam::ZonePages;
use domain::{IdentityZone, Points, Rectangle};
use filebuffer::FileBuffer;
use pdf::{Annotation, Corrected, Correction, InkPoint, Kind, Limits, Place, Rendering, Source};
use serde::Deserialize;

use crate::run::{Run, Shelf};

/// In millionths of the page.
const UPPER_EIGHTH: Rectangle = Rectangle {
    x: 0,
    y: 0,
    w: 1_000_000,
    h: 125_000,
};

/// Which of the corrected documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    /// With the original pages.
    Complete,
    /// With images of them, without the upper eighth of the first.
    Anonymous,
}

/// An annotation as both peers read it: a rectangle, its kind, its text and the points of its line.
#[derive(Debug, Deserialize)]
struct Drawn {
    page: u32,
    kind: String,
    place: [f64; 4],
    text: String,
    line: Vec<[f64; 2]>,
}

/// Binds the document with the annotations of those of its pages that it has.
pub(crate) fn run(
    document: FileBuffer,
    annotations: &[u8],
    variant: Variant,
    shelf: &Shelf,
) -> anyhow::Result<Run> {
    let drawn: Vec<Drawn> = serde_json::from_slice(annotations)?;
    let source = Source::open(document, Limits::default())?;
    let drawn = drawn.into_iter().filter(|drawn| drawn.page < source.page_count());
    let correction = Correction {
        anonymous_id: "7K3M-Q9TD".to_owned(),
        pages: (0..source.page_count()).map(Into::into).collect(),
        score: Points::from_quarters(54),
        max: Points::TWENTY,
        questions: Vec::new(),
        scores: Vec::new(),
        remarks: Vec::new(),
        appreciation: String::new(),
        adjustments: Vec::new(),
        annotations: drawn.map(annotation).collect(),
    };
    let corrected = Corrected::new(std::slice::from_ref(&source), &correction)?;
    let document = match variant {
        Variant::Complete => corrected.document()?,
        Variant::Anonymous => {
            let zone = IdentityZone {
                pages: ZonePages::First,
                area: UPPER_EIGHTH,
            };
            corrected.anonymous(&zone, &Rendering::default())?
        }
    };
    shelf.put_document("document.pdf", &document)?;
    Ok(Run {
        pages: document.pages,
        bytes: document.size(),
        ..Run::default()
    })
}

fn annotation(drawn: Drawn) -> Annotation {
    let [x, y, w, h] = drawn.place;
    let point = |[x, y]: [f64; 2]| InkPoint { x, y, pressure: 0.5 };
    let line: Vec<InkPoint> = drawn.line.into_iter().map(point).collect();
    Annotation {
        page: drawn.page,
        kind: match drawn.kind.as_str() {
            "highlight" => Kind::Highlight,
            "error" => Kind::Error,
            "bonus" => Kind::Bonus,
            "ink" => Kind::Ink,
            "stamp" => Kind::Stamp,
            _ => Kind::Comment,
        },
        place: Place { x, y, w, h },
        text: drawn.text,
        ink: vec![line],
        delta: None,
        question: String::new(),
    }
}
