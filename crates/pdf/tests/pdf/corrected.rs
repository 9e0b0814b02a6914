//! Corrected documents: what is drawn where, what is written, and what must not be in them.

use std::slice::from_ref;

use domain::Points;
use domain::exam::ZonePages;
use domain::{IdentityZone, PageSize, Rectangle};
use image::RgbImage;
use lopdf::{LoadOptions, Object};
use pdf::{
    Annotation, Corrected, Correction, InkPoint, Kind, Limits, Place, Question, Rendering, Source, SourcePage,
};
use testkit::corpus;

use super::written::Written;
use super::{decoded, pages};

const RED: fn([u8; 3]) -> bool = |[red, green, blue]| red > 150 && green < 90 && blue < 90;
/// How far from an edge a JPEG with halved colours still shows it.
const JPEG_BLOCK: u32 = 16;
const WHITE: fn([u8; 3]) -> bool = |[red, green, blue]| red > 240 && green > 240 && blue > 240;

fn quarters(quarters: i32) -> Points {
    Points::from_quarters(quarters)
}

fn correction(pages: u32, annotations: Vec<Annotation>) -> Correction {
    Correction {
        anonymous_id: "7K3M-Q9TD".to_owned(),
        pages: (0..pages).map(SourcePage::from).collect(),
        score: quarters(54),
        max: quarters(80),
        questions: Vec::new(),
        scores: Vec::new(),
        remarks: Vec::new(),
        appreciation: String::new(),
        adjustments: Vec::new(),
        annotations,
    }
}

fn annotation(kind: Kind, page: u32, [x, y, w, h]: [f64; 4]) -> Annotation {
    Annotation {
        page,
        kind,
        place: Place { x, y, w, h },
        text: String::new(),
        ink: Vec::new(),
        delta: None,
        question: String::new(),
    }
}

fn note(page: u32, place: [f64; 4], text: &str) -> Annotation {
    Annotation {
        text: text.to_owned(),
        ..annotation(Kind::Comment, page, place)
    }
}

/// A line across the page at a third of its height.
fn stroke(page: u32) -> Annotation {
    let point = |x| InkPoint {
        x,
        y: 1.0 / 3.0,
        pressure: 1.0,
    };
    Annotation {
        ink: vec![vec![point(0.1), point(0.6)]],
        ..annotation(Kind::Ink, page, [0.1, 0.3, 0.5, 0.1])
    }
}

fn corrected(document: Vec<u8>, correction: &Correction) -> Written {
    let source = Source::open(document, Limits::default()).unwrap();
    Corrected::new(from_ref(&source), correction)
        .unwrap()
        .document()
        .unwrap()
        .into()
}

fn shown(document: &Written) -> Vec<RgbImage> {
    let shown = pages(document.bytes.clone()).unwrap();
    shown.iter().map(|page| decoded(&page.display)).collect()
}

/// The pixel at a place given in percent of the page.
fn pixel(image: &RgbImage, (x, y): (u32, u32)) -> [u8; 3] {
    image
        .get_pixel(image.width() * x / 100, image.height() * y / 100)
        .0
}

/// Whether the line of [`stroke`] is where it was drawn, to within two pixels, and ends where it ended. On small pages
/// it is so thin that it falls between two rows.
fn shows_stroke(image: &RgbImage) -> bool {
    let is_reddish =
        |[red, green, blue]: [u8; 3]| red > green.saturating_add(60) && red > blue.saturating_add(60);
    let (x, y) = (image.width() * 2 / 5, image.height() / 3);
    let mut near = (y - 2..=y + 2).map(|y| image.get_pixel(x, y).0);
    near.any(is_reddish) && !is_reddish(image.get_pixel(image.width() * 4 / 5, y).0)
}

/// All text of a document, without its spaces.
fn text(document: &Written) -> String {
    let document = lopdf::Document::load_mem_with_options(&document.bytes, LoadOptions::default()).unwrap();
    let numbers: Vec<u32> = document.get_pages().keys().copied().collect();
    let pages = numbers
        .iter()
        .map(|page| document.extract_text(&[*page]).unwrap());
    pages.collect::<String>().split_whitespace().collect()
}

#[test]
fn annotations_are_where_they_were_drawn_however_the_page_is_turned_or_cropped() {
    let turned = corpus::rotated(&[0, 90, 180, 270, -90]);
    for (name, source) in [
        ("turned", turned),
        ("cropped", corpus::cropped()),
        ("inherited", corpus::inherited()),
        ("large unit", corpus::large_unit()),
        ("odd box", corpus::marker("/CropBox [150 250 -50 40] /Rotate 90")),
        ("unbalanced", corpus::unbalanced()),
    ] {
        let before = pages(source.clone()).unwrap();
        let count = u32::try_from(before.len()).unwrap();
        let document = corrected(source, &correction(count, (0..count).map(stroke).collect()));
        assert_eq!(document.pages, count + 1);
        let after = pages(document.bytes.clone()).unwrap();
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before.info, after.info, "{name}");
            let image = decoded(&after.display);
            assert!(shows_stroke(&image), "{name}");
            let plain = decoded(&before.display);
            for place in [(5, 5), (95, 5), (5, 95), (95, 95), (50, 60)] {
                assert_eq!(pixel(&image, place), pixel(&plain, place), "{name}");
            }
        }
    }
}

#[test]
fn colour_behind_the_writing_leaves_the_writing_dark() {
    let source = corpus::marker("");
    let highlight = annotation(Kind::Highlight, 0, [0.0, 0.0, 1.0, 0.5]);
    let [page, _report] = shown(&corrected(source, &correction(1, vec![highlight])))
        .try_into()
        .unwrap();
    assert!(RED(pixel(&page, (5, 5))));
    let [red, green, blue] = pixel(&page, (50, 40));
    assert!(red > 240 && green > 200 && blue < 150);
    assert!(WHITE(pixel(&page, (50, 60))));
}

#[test]
fn the_report_says_everything_in_french() {
    let question = |id: &str, label: &str, children| Question {
        id: id.to_owned(),
        label: label.to_owned(),
        max: quarters(40),
        children,
    };
    let correction = Correction {
        questions: vec![question(
            "q1",
            "Exercice 1",
            vec![
                question("q1a", "1a", Vec::new()),
                question("q1b", "1b", Vec::new()),
            ],
        )],
        scores: vec![("q1a".to_owned(), quarters(9)), ("gone".to_owned(), quarters(2))],
        remarks: vec![("q1b".to_owned(), "Œuvre à relire…".to_owned())],
        appreciation: "Bon travail, 3 € de récompense 🦀".to_owned(),
        adjustments: vec![("q1b".to_owned(), quarters(2)), (String::new(), quarters(-8))],
        annotations: vec![Annotation {
            delta: Some(quarters(-2)),
            question: "q1a".to_owned(),
            ..note(0, [0.1, 0.1, 0.5, 0.1], "∀ε>0, ∃δ")
        }],
        ..correction(1, Vec::new())
    };
    let text = text(&corrected(corpus::text(1), &correction));
    for expected in [
        "Copie7K3M-Q9TD",
        "Rapport,page1/1",
        "Note:13,5/20",
        "Question",
        "Points",
        "Remarque",
        "Exercice12,25/10",
        "1a2,25/10",
        "1b–/10Œuvreàrelire…",
        "gone0,5",
        "n°1·page1·Commentaire·question1a·−0,5point∀ε>0,∃δ",
        "Ajustements",
        "1b:+0,5point",
        "Ensembledelacopie:−2points",
        "Appréciationgénérale",
        "3€derécompense[U+1F980]",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
}

#[test]
fn three_thousand_characters_are_all_there() {
    let words: Vec<String> = (0..600).map(|word| format!("mot{word:04}")).collect();
    let long = words.join(" ");
    assert!(long.len() > 3000);
    let correction = Correction {
        appreciation: long.clone(),
        remarks: vec![("q".to_owned(), long.clone())],
        ..correction(1, vec![note(0, [0.1, 0.1, 0.2, 0.05], &long)])
    };
    let document = corrected(corpus::text(1), &correction);
    assert!(document.pages > 3);
    let text = text(&document);
    for word in words {
        assert!(text.matches(&word).count() >= 3, "{word}");
    }
}

#[test]
fn a_thousand_questions_take_as_many_pages_as_they_need() {
    let questions = (0..1000).map(|number| Question {
        id: format!("q{number}"),
        label: format!("Question{number:04}fin"),
        max: quarters(4),
        children: Vec::new(),
    });
    let correction = Correction {
        questions: questions.collect(),
        ..correction(1, Vec::new())
    };
    let document = corrected(corpus::text(1), &correction);
    let text = text(&document);
    let report = document.pages - 1;
    assert!(report > 10);
    assert!((0..1000).all(|number| text.contains(&format!("Question{number:04}fin"))));
    assert!((1..=report).all(|page| text.contains(&format!("page{page}/{report}"))));
}

#[test]
fn the_same_correction_gives_the_same_bytes() {
    let correction = correction(3, vec![stroke(0), note(2, [0.2, 0.2, 0.4, 0.2], "bien vu ✓")]);
    let document = || corrected(corpus::scan(3, 7), &correction);
    assert!(document() == document());
}

#[test]
fn the_scanners_picture_is_untouched() {
    let picture = corpus::Scan {
        pages: 1,
        seed: 3,
        dpi: 60,
        colour: true,
    };
    let jpeg = picture.pictures().next().unwrap().jpeg(75).unwrap();
    let document = corrected(
        corpus::filtered_scan(picture, corpus::Filter::Dct),
        &correction(1, vec![stroke(0)]),
    );
    assert!(document.bytes.windows(jpeg.len()).any(|window| window == jpeg));
}

#[test]
fn nothing_of_the_source_but_its_pages_comes_along() {
    let source = corpus::talkative();
    assert!(holds(&source, b"Jeanne Exemple"));
    let document = corrected(source, &correction(1, vec![stroke(0)]));
    for word in [
        &b"Jeanne"[..],
        b"JavaScript",
        b"Launch",
        b"OpenAction",
        b"AcroForm",
        b"EmbeddedFile",
        b"Metadata",
        b"CreationDate",
    ] {
        assert!(!holds(&document.bytes, word), "{}", String::from_utf8_lossy(word));
    }
    // What it looked like stays.
    let image = &shown(&document)[0];
    assert!(RED(pixel(image, (50, 80))));
}

#[test]
fn only_the_pages_of_the_copy_are_in_it_in_their_order() {
    let correction = Correction {
        pages: vec![2.into(), 0.into()],
        ..correction(0, Vec::new())
    };
    let document = corrected(corpus::text(3), &correction);
    let text = text(&document);
    assert_eq!(document.pages, 3);
    assert!(text.find("Page3,").unwrap() < text.find("Page1,").unwrap());
    assert!(!text.contains("Page2,"));
    let objects = lopdf::Document::load_mem_with_options(&document.bytes, LoadOptions::default()).unwrap();
    let is_page = |object: &&Object| object.as_dict().is_ok_and(|dict| dict.has_type(b"Page"));
    assert_eq!(objects.objects.values().filter(is_page).count(), 3);
}

#[test]
fn a_page_that_is_not_there_is_an_error() {
    let source = Source::open(corpus::text(1), Limits::default()).unwrap();
    for wrong in [
        correction(2, Vec::new()),
        correction(0, Vec::new()),
        correction(1, vec![stroke(1)]),
    ] {
        assert!(Corrected::new(from_ref(&source), &wrong).is_err());
    }
}

#[test]
fn an_encrypted_document_that_anybody_may_read_is_written_plainly() {
    let document = corrected(corpus::owner_encrypted(), &correction(1, vec![stroke(0)]));
    assert!(!holds(&document.bytes, b"/Encrypt"));
    let image = &shown(&document)[0];
    assert!(RED(pixel(image, (50, 50))));
}

#[test]
fn the_anonymous_document_shows_everything_but_the_zone() {
    let zone = IdentityZone {
        pages: ZonePages::First,
        area: Rectangle::from_fractions([0.0, 0.0, 1.0, 0.2]).unwrap(),
    };
    for source in [
        corpus::text(2),
        corpus::scan(2, 4),
        corpus::bilevel_scan(2, 4),
        corpus::talkative(),
    ] {
        let before = pages(source.clone()).unwrap();
        let count = u32::try_from(before.len()).unwrap();
        let source = Source::open(source, Limits::default()).unwrap();
        let correction = correction(count, vec![stroke(0)]);
        let corrected = Corrected::new(from_ref(&source), &correction).unwrap();
        let anonymous = || Written::from(corrected.anonymous(&zone, &Rendering::default()).unwrap());
        let document = anonymous();
        assert!(document == anonymous());
        assert!(!text(&document).contains("Page1,line1"));
        assert!(!holds(&document.bytes, b"Jeanne"));
        let after = pages(document.bytes.clone()).unwrap();
        let image = decoded(&after[0].display);
        let height = image.height() / 5;
        let first = image.get_pixel(5, 5).0;
        // In a JPEG the edge of the zone shines into the block that it crosses.
        let zone = (0..image.width()).flat_map(|x| (0..height - JPEG_BLOCK).map(move |y| (x, y)));
        assert!(zone.into_iter().all(|(x, y)| {
            let pixel = image.get_pixel(x, y).0;
            pixel
                .iter()
                .zip(first)
                .all(|(one, other)| one.abs_diff(other) < 4)
        }));
        assert!(shows_stroke(&image));
        let sizes = |pages: &[pdf::PageImages]| -> Vec<PageSize> {
            pages.iter().map(|page| page.info.size).collect()
        };
        assert_eq!(sizes(&before), sizes(&after[..before.len()]));
    }
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}
