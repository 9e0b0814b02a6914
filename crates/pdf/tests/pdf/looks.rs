//! Annotations of a source that bring no look of their own.

use std::slice::from_ref;

use pdf::{Corrected, Correction, Limits, Source};
use testkit::corpus;
use testkit::reader::faults;

use super::written::Written;
use super::{decoded, pages};

const YELLOW: [u8; 3] = [255, 255, 0];
const WHITE: [u8; 3] = [255, 255, 255];
const RED: [u8; 3] = [255, 0, 0];
const BLUE: [u8; 3] = [0, 0, 255];

/// An annotation, a place on the page, and the colour that is there.
const DRAWN: [(&str, (u32, u32), [u8; 3]); 12] = [
    // Over the red corner, and beside it.
    (
        "/Subtype /Highlight /QuadPoints [20 300 120 300 20 280 120 280]",
        (80, 290),
        YELLOW,
    ),
    (
        "/Subtype /Highlight /QuadPoints [20 300 120 300 20 280 120 280]",
        (30, 290),
        RED,
    ),
    (
        "/Subtype /Underline /C [0 0 1] /QuadPoints [50 160 150 160 50 140 150 140]",
        (100, 141),
        BLUE,
    ),
    (
        "/Subtype /StrikeOut /C [1 0 0] /QuadPoints [50 160 150 160 50 141 150 141]",
        (100, 151),
        RED,
    ),
    (
        "/Subtype /Square /Rect [50 100 150 200] /C [1 0 0] /IC [0 0 1]",
        (100, 150),
        BLUE,
    ),
    (
        "/Subtype /Square /Rect [50 100 150 200] /C [1 0 0] /BS << /W 10 >>",
        (55, 150),
        RED,
    ),
    (
        "/Subtype /Circle /Rect [50 100 150 200] /C [1 0 0] /IC [0 0 1]",
        (100, 150),
        BLUE,
    ),
    (
        "/Subtype /Circle /Rect [50 100 150 200] /C [1 0 0] /IC [0 0 1]",
        (54, 104),
        WHITE,
    ),
    (
        "/Subtype /Line /L [50 150 150 150] /C [0 0 1] /Border [0 0 6]",
        (100, 150),
        BLUE,
    ),
    (
        "/Subtype /PolyLine /Vertices [50 50 100 150 150 150] /C [0 0 1] /BS << /W 6 >>",
        (125, 150),
        BLUE,
    ),
    (
        "/Subtype /Polygon /Vertices [50 100 150 100 100 200] /IC [1 0 0]",
        (100, 130),
        RED,
    ),
    (
        "/Subtype /Ink /InkList [[50 150 150 150]] /C [1 0 0] /BS << /W 6 >>",
        (100, 150),
        RED,
    ),
];

/// A page with these annotations, and nothing else in its middle.
fn document(annotations: &str) -> Vec<u8> {
    corpus::marker(&format!("/Annots [{annotations}]"))
}

fn corrected(document: Vec<u8>) -> Vec<u8> {
    let source = Source::open(document, Limits::default()).unwrap();
    let correction = Correction {
        anonymous_id: "7K3M-Q9TD".to_owned(),
        pages: vec![0.into()],
        score: domain::Points::TWENTY,
        max: domain::Points::TWENTY,
        questions: Vec::new(),
        scores: Vec::new(),
        remarks: Vec::new(),
        appreciation: String::new(),
        adjustments: Vec::new(),
        annotations: Vec::new(),
    };
    let corrected = Corrected::new(from_ref(&source), &correction).unwrap();
    Written::from(corrected.document().unwrap()).bytes
}

/// What is shown at a place of the page in points, the lower left corner being none.
fn shown(document: &[u8], (x, y): (u32, u32)) -> [u8; 3] {
    let image = decoded(&pages(document.to_vec()).unwrap()[0].display);
    image
        .get_pixel(image.width() * x / 200, image.height() * (300 - y) / 300)
        .0
}

/// Edges are smoothed a little.
fn is(shown: [u8; 3], colour: [u8; 3]) -> bool {
    let mut channels = shown.into_iter().zip(colour);
    channels.all(|(shown, expected)| shown.abs_diff(expected) < 8)
}

#[test]
fn marks_shapes_and_lines_are_drawn_as_readers_draw_them() {
    for (annotation, place, colour) in DRAWN {
        let source = document(&format!(
            "<< /Type /Annot /Rect [0 0 200 300] /F 4 {annotation} >>"
        ));
        assert!(is(shown(&source, place), colour), "{annotation}");
        let corrected = corrected(source);
        assert!(is(shown(&corrected, place), colour), "{annotation}, corrected");
        assert_eq!(faults(&corrected), "", "{annotation}");
    }
}

#[test]
fn an_annotation_that_is_hidden_or_has_no_colour_stays_invisible() {
    let square = "<< /Type /Annot /Subtype /Square /Rect [50 100 150 200]";
    for entries in ["/F 2 /IC [1 0 0]", "/F 32 /IC [1 0 0]", "/C []", "/BS << /W 0 >>"] {
        let source = document(&format!("{square} {entries} >>"));
        for place in [(100, 150), (50, 150), (51, 150)] {
            assert_eq!(shown(&source, place), WHITE, "{entries}");
            assert_eq!(shown(&corrected(source.clone()), place), WHITE, "{entries}");
        }
    }
}

#[test]
fn nonsense_in_an_annotation_is_no_reason_to_refuse_its_page() {
    for entries in [
        "/Subtype /Highlight",
        "/Subtype /Ink /InkList [[1] [] 7 [1 2 3]] /BS << /W -4 >>",
        "/Subtype /Circle /Rect [5 5 5 5] /BS << /W 99999 >>",
        "/Subtype /Polygon /Vertices [1000000000 1 2] /IC [1 2]",
        "/Subtype /Line /L [0 0 99999999999999999999 1] /CA 7",
    ] {
        let source = document(&format!("null 99 0 R << /Type /Annot {entries} >>"));
        assert_eq!(shown(&source, (5, 295)), RED, "{entries}");
        assert_eq!(faults(&corrected(source)), "", "{entries}");
    }
}
