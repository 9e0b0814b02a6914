//! Corrected documents of copies that came in several files: all pages of all of them, in order, as they were.

use domain::exam::ZonePages;
use domain::{IdentityZone, Points, Rectangle};
use lopdf::{LoadOptions, Object};
use pdf::{
    Annotation, Corrected, Correction, Error, InkPoint, Kind, Limits, Place, Rendering, Source, SourcePage,
};
use testkit::corpus;
use testkit::reader::faults;

use super::written::Written;
use super::{decoded, difference, pages};

fn sources(documents: &[Vec<u8>]) -> Vec<Source> {
    let open = |document: &Vec<u8>| Source::open(document.clone(), Limits::default()).unwrap();
    documents.iter().map(open).collect()
}

/// All pages of all sources, and a line across one of them.
fn correction(sources: &[Source], lined: u32) -> Correction {
    let pages = sources.iter().enumerate().flat_map(|(source, document)| {
        (0..document.page_count()).map(move |page| SourcePage { source, page })
    });
    let point = |x| InkPoint {
        x,
        y: 0.5,
        pressure: 1.0,
    };
    Correction {
        anonymous_id: "7K3M-Q9TD".to_owned(),
        pages: pages.collect(),
        score: Points::TWENTY,
        max: Points::TWENTY,
        questions: Vec::new(),
        scores: Vec::new(),
        remarks: Vec::new(),
        appreciation: String::new(),
        adjustments: Vec::new(),
        annotations: vec![Annotation {
            page: lined,
            kind: Kind::Ink,
            place: Place {
                x: 0.1,
                y: 0.45,
                w: 0.8,
                h: 0.1,
            },
            text: String::new(),
            ink: vec![vec![point(0.1), point(0.9)]],
            delta: None,
            question: String::new(),
        }],
    }
}

fn document(sources: &[Source], correction: &Correction) -> Written {
    let corrected = Corrected::new(sources, correction).unwrap();
    corrected.document().unwrap().into()
}

fn is_red([red, green, blue]: [u8; 3]) -> bool {
    red > 150 && green < 90 && blue < 90
}

#[test]
fn all_pages_of_all_files_are_in_it_as_they_were() {
    let documents = [
        corpus::text(2),
        corpus::scan(2, 4),
        corpus::rotated(&[90]),
        corpus::inherited(),
    ];
    let before: Vec<_> = documents
        .iter()
        .flat_map(|document| pages(document.clone()).unwrap())
        .collect();
    let sources = sources(&documents);
    let correction = correction(&sources, 3);
    let joined = document(&sources, &correction);
    assert!(joined == document(&sources, &correction), "not the same bytes");
    assert_eq!(faults(&joined.bytes), "");
    let after = pages(joined.bytes.clone()).unwrap();
    assert_eq!(after.len(), before.len() + 1);
    for (number, (after, before)) in after.iter().zip(&before).enumerate() {
        assert_eq!(after.info, before.info, "page {number}");
        let image = decoded(&after.display);
        // The page with the line comes out at another size than the scan by itself.
        let (x, y) = (image.width() / 2, image.height() / 2);
        let is_lined = (y - 3..=y + 3).any(|y| is_red(image.get_pixel(x, y).0));
        assert_eq!(is_lined, number == 3, "page {number}");
        if number != 3 {
            let change = difference(&image, &decoded(&before.display));
            assert!(change < 0.05, "page {number}: {change}");
        }
    }
    let objects = lopdf::Document::load_mem_with_options(&joined.bytes, LoadOptions::default()).unwrap();
    let first = objects.extract_text(&[1]).unwrap();
    assert!(first.contains("Page 1, line 1"), "{first}");
}

#[test]
fn the_pixels_of_scans_are_not_packed_again() {
    let documents = [corpus::scan(1, 4), corpus::scan(1, 5)];
    let sources = sources(&documents);
    let joined = document(&sources, &correction(&sources, 0));
    let pictures = |document: &[u8]| {
        let document = lopdf::Document::load_mem_with_options(document, LoadOptions::default()).unwrap();
        let streams = document.objects.into_values();
        let streams = streams.filter_map(|object| object.as_stream().ok().cloned());
        let pictures = streams.filter(|stream| {
            let kind = stream.dict.get(b"Subtype");
            kind.is_ok_and(|kind| kind.as_name().is_ok_and(|kind| kind == b"Image"))
        });
        pictures.map(|stream| stream.content).collect::<Vec<_>>()
    };
    let written = pictures(&joined.bytes);
    for document in &documents {
        for picture in pictures(document) {
            assert!(written.contains(&picture));
        }
    }
}

#[test]
fn nobody_is_named_on_the_first_page_of_any_file() {
    let zone = IdentityZone {
        pages: ZonePages::First,
        area: Rectangle::from_fractions([0.0, 0.0, 1.0, 0.5]).unwrap(),
    };
    let sources = sources(&[corpus::text(2), corpus::text(1)]);
    let correction = correction(&sources, 1);
    let corrected = Corrected::new(&sources, &correction).unwrap();
    let anonymous = Written::from(corrected.anonymous(&zone, &Rendering::default()).unwrap());
    let shown = pages(anonymous.bytes).unwrap();
    let is_blank = |page: usize| {
        let image = decoded(&shown[page].display);
        let blank = image.get_pixel(5, 5).0;
        let mut upper = image
            .enumerate_pixels()
            .filter(|(_, y, _)| *y < image.height() / 3);
        upper.all(|(_, _, pixel)| {
            let mut channels = pixel.0.iter().zip(blank);
            channels.all(|(value, blank)| value.abs_diff(blank) < 4)
        })
    };
    assert_eq!([0, 1, 2].map(is_blank), [true, false, true]);
}

/// Of each page the layer that it has, and the layers of the document that are hidden.
fn layers(document: &[u8]) -> (Vec<Object>, Vec<Object>) {
    let document = lopdf::Document::load_mem_with_options(document, LoadOptions::default()).unwrap();
    let layers = document.catalog().unwrap().get(b"OCProperties").unwrap();
    let usual = layers.as_dict().unwrap().get(b"D").unwrap().as_dict().unwrap();
    let hidden = usual.get(b"OFF").unwrap().as_array().unwrap().clone();
    let all = layers
        .as_dict()
        .unwrap()
        .get(b"OCGs")
        .unwrap()
        .as_array()
        .unwrap();
    let of_page = |number: &lopdf::ObjectId| {
        let page = document.get_dictionary(*number).unwrap();
        let resources = document.dereference(page.get(b"Resources").unwrap()).unwrap().1;
        let resources = resources.as_dict().unwrap();
        let named = document
            .dereference(resources.get(b"Properties").ok()?)
            .unwrap()
            .1;
        let layer = named.as_dict().unwrap().get(b"L").unwrap().clone();
        assert!(all.contains(&layer));
        Some(layer)
    };
    let pages = document.get_pages();
    (pages.values().filter_map(of_page).collect(), hidden)
}

#[test]
fn layers_stay_hidden_or_shown_as_their_own_file_says() {
    let documents = [
        "",
        "/OFF [5 0 R]",
        "/BaseState /OFF",
        "/BaseState /OFF /ON [5 0 R]",
    ];
    let sources = sources(&documents.map(corpus::layered));
    let joined = document(&sources, &correction(&sources, 0));
    assert_eq!(faults(&joined.bytes), "");
    let (of_pages, hidden) = layers(&joined.bytes);
    let is_hidden: Vec<bool> = of_pages.iter().map(|layer| hidden.contains(layer)).collect();
    assert_eq!(is_hidden, [false, true, true, false]);
}

#[test]
fn a_page_of_a_file_that_is_not_there_is_an_error() {
    let sources = sources(&[corpus::text(1), corpus::text(2)]);
    for (source, page) in [(0, 1), (1, 2), (2, 0)] {
        let wrong = Correction {
            pages: vec![SourcePage { source, page }],
            ..correction(&sources, 0)
        };
        assert_eq!(Corrected::new(&sources, &wrong).err(), Some(Error::NoSuchPage));
    }
}
