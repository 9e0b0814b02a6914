//! What programs that share no code with us make of our documents.

use std::slice::from_ref;

use domain::batch::Splitting;
use domain::exam::ZonePages;
use domain::{IdentityZone, Layout, PageCount, Points, Rectangle};
use pdf::{
    Annotation, Batch, Corrected, Correction, InkPoint, Kind, Limits, Place, Rendering, Source, SourcePage,
};
use testkit::corpus::{self, Filter, Scan};
use testkit::reader::{Reading, faults};

use super::written::Written;

const KINDS: [Kind; 6] = [
    Kind::Comment,
    Kind::Highlight,
    Kind::Error,
    Kind::Bonus,
    Kind::Ink,
    Kind::Stamp,
];
const ZONE: IdentityZone = IdentityZone {
    pages: ZonePages::First,
    area: Rectangle {
        x: 0,
        y: 0,
        w: 1_000_000,
        h: 150_000,
    },
};
const SCAN: Scan = Scan {
    pages: 2,
    seed: 4,
    dpi: 60,
    colour: true,
};

/// One annotation of every kind on every page.
fn correction(pages: u32, text: &str) -> Correction {
    let annotation = |page, (kind, top): (Kind, f64)| Annotation {
        page,
        kind,
        place: Place {
            x: 0.2,
            y: top,
            w: 0.4,
            h: 0.1,
        },
        text: text.to_owned(),
        ink: vec![vec![
            InkPoint {
                x: 0.1,
                y: top,
                pressure: 0.2,
            },
            InkPoint {
                x: 0.7,
                y: top,
                pressure: 0.9,
            },
        ]],
        delta: Some(Points::from_quarters(-3)),
        question: String::new(),
    };
    let tops = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
    let of_page = |page| {
        let drawn = KINDS.into_iter().zip(tops);
        drawn.map(move |drawn| annotation(page, drawn))
    };
    Correction {
        anonymous_id: "7K3M-Q9TD".to_owned(),
        pages: (0..pages).map(SourcePage::from).collect(),
        score: Points::from_quarters(54),
        max: Points::TWENTY,
        questions: Vec::new(),
        scores: Vec::new(),
        remarks: vec![("q1".to_owned(), text.to_owned())],
        appreciation: text.to_owned(),
        adjustments: Vec::new(),
        annotations: (0..pages).flat_map(of_page).collect(),
    }
}

fn both(source: Vec<u8>, text: &str) -> [Written; 2] {
    let source = Source::open(source, Limits::default()).unwrap();
    let correction = correction(source.page_count(), text);
    let corrected = Corrected::new(from_ref(&source), &correction).unwrap();
    [
        corrected.document().unwrap().into(),
        corrected.anonymous(&ZONE, &Rendering::default()).unwrap().into(),
    ]
}

#[test]
fn nobody_finds_fault_with_corrected_documents_of_any_source() {
    for (name, source) in [
        ("text", corpus::text(2)),
        ("scan", corpus::filtered_scan(SCAN, Filter::Dct)),
        ("plain scan", corpus::filtered_scan(SCAN, Filter::Flate)),
        ("fax", corpus::bilevel_scan(1, 2)),
        ("turned", corpus::rotated(&[0, 90, 180, 270])),
        ("cropped", corpus::cropped()),
        ("inherited", corpus::inherited()),
        ("large unit", corpus::large_unit()),
        ("unbalanced", corpus::unbalanced()),
        ("one page thrice", corpus::shared_page()),
        ("talkative", corpus::talkative()),
        ("encrypted", corpus::owner_encrypted()),
    ] {
        for document in both(source, "Œuvre à relire 🦀") {
            assert_eq!(faults(&document.bytes), "", "{name}");
            assert_eq!(
                u32::try_from(Reading::of(&document.bytes).pages),
                Ok(document.pages)
            );
        }
    }
}

#[test]
fn nobody_finds_fault_with_booklets() {
    let sheets: &[&[u8]] = &[&[4, 1], &[2, 3], &[8, 5], &[6, 7]];
    let source = Source::open(corpus::numbered(sheets), Limits::default()).unwrap();
    let splitting = Splitting {
        pages_per_copy: PageCount::new(4).unwrap(),
        layout: Layout::A3Folded,
    };
    let batch = Batch::new(&source, splitting).unwrap();
    for booklet in batch.booklets() {
        let document = Written::from(batch.document(booklet).unwrap());
        assert_eq!(faults(&document.bytes), "");
        assert_eq!(Reading::of(&document.bytes).pages, 4);
    }
}

#[test]
fn a_long_text_in_many_scripts_can_be_read_by_others_to_its_last_character() {
    let words: Vec<String> = (0..330).map(|word| format!("œuvre{word:04}")).collect();
    let text = format!("{} ∀ε>0 ∃δ≤½ … « déjà » ½ € λόγος Привет 👩‍🔬 fin", words.join(" "));
    assert!(text.chars().count() > 3000);
    for document in both(corpus::text(1), &text) {
        let reading = Reading::of(&document.bytes).text;
        let others = ["∀ε>0", "∃δ≤½", "…", "«", "déjà", "€", "λόγος", "Привет", "fin"];
        let emoji = ["[U+1F469]", "[U+1F52C]"];
        for word in words.iter().map(String::as_str).chain(others).chain(emoji) {
            // Every annotation, the remark and the appreciation.
            assert!(reading.matches(word).count() >= KINDS.len() + 2, "{word}");
        }
    }
}

#[test]
fn the_anonymous_document_has_no_text_of_its_source() {
    let [complete, anonymous] = both(corpus::text(2), "vu");
    let shows_source = |document: &Written| Reading::of(&document.bytes).text.contains("invented");
    assert!(shows_source(&complete) && !shows_source(&anonymous));
}
