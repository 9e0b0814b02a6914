//! Whatever the bytes, there is an answer: pages or a reason, and nothing else.

use std::slice::from_ref;
use std::sync::LazyLock;

use domain::batch::Splitting;
use domain::exam::ZonePages;
use domain::{IdentityZone, Layout, PageCount, Points, Rectangle};
use pdf::{Annotation, Batch, Corrected, Correction, Kind, Limits, Place, Rendering, Source, SourcePage};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::Config;
use proptest::{prop_assert, proptest};
use testkit::corpus;
use testkit::corpus::Scan;

use super::written::Written;

/// Small enough that no document can keep the test busy.
const LIMITS: Limits = Limits {
    max_pages: 8,
    max_pixels_per_page: 2_000_000,
    max_decoded_bytes: 1_000_000,
};
const RENDERING: Rendering = Rendering {
    dpi: 20,
    max_display_pixels: 100_000,
    max_passed_on_bytes: 100_000,
    thumbnail_px: 60,
};

/// A scan of two small pages.
static SCAN: LazyLock<Vec<u8>> = LazyLock::new(|| {
    Scan {
        pages: 2,
        seed: 3,
        dpi: 30,
        colour: true,
    }
    .document()
    .unwrap()
});

/// Opens and paints; returns how many pages there are.
fn survive(document: Vec<u8>) -> u32 {
    let Ok(source) = Source::open(document, LIMITS) else {
        return 0;
    };
    for index in 0..source.page_count() {
        if let Ok(images) = source.rasterize(index, &RENDERING) {
            assert!(images.display.width > 0 && images.thumbnail.width <= 60);
        }
    }
    source.page_count()
}

/// A word on the first page.
fn correction(pages: u32) -> Correction {
    let note = Annotation {
        page: 0,
        kind: Kind::Comment,
        place: Place {
            x: 0.1,
            y: 0.1,
            w: 0.5,
            h: 0.1,
        },
        text: "vu".to_owned(),
        ink: Vec::new(),
        delta: None,
        question: String::new(),
    };
    Correction {
        anonymous_id: "7K3M-Q9TD".to_owned(),
        pages: (0..pages).map(SourcePage::from).collect(),
        score: Points::from_quarters(4),
        max: Points::TWENTY,
        questions: Vec::new(),
        scores: Vec::new(),
        remarks: Vec::new(),
        appreciation: String::new(),
        adjustments: Vec::new(),
        annotations: vec![note],
    }
}

/// Corrects it and takes it apart; what comes out can be opened again.
fn survive_correcting(document: Vec<u8>) {
    let Ok(source) = Source::open(document, LIMITS) else {
        return;
    };
    let correction = correction(source.page_count());
    let zone = IdentityZone {
        pages: ZonePages::All,
        area: Rectangle {
            x: 0,
            y: 0,
            w: 500_000,
            h: 500_000,
        },
    };
    let splitting = Splitting {
        pages_per_copy: PageCount::new(1).unwrap(),
        layout: Layout::A3,
    };
    let mut made = Vec::new();
    if let Ok(corrected) = Corrected::new(from_ref(&source), &correction) {
        made.extend(corrected.document());
        made.extend(corrected.anonymous(&zone, &RENDERING));
    }
    if let Ok(batch) = Batch::new(&source, splitting) {
        made.extend(
            batch
                .booklets()
                .iter()
                .flat_map(|booklet| batch.document(booklet)),
        );
    }
    let more = Limits {
        max_pages: 2 * LIMITS.max_pages,
        ..LIMITS
    };
    for document in made {
        let document = Written::from(document);
        assert_eq!(
            Source::open(document.bytes, more).unwrap().page_count(),
            document.pages
        );
    }
}

/// As many cases as `PROPTEST_CASES` says, and a few hundred in any case.
fn config() -> Config {
    let usual = Config::default();
    Config {
        cases: usual.cases.max(300),
        failure_persistence: None,
        ..usual
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_damage_to_a_scan_makes_it_panic_or_pass_the_limits(changes in vec((any::<usize>(), any::<u8>()), 1..40)) {
        prop_assert!(survive(corpus::mutated(SCAN.clone(), &changes)) <= LIMITS.max_pages);
    }

    #[test]
    fn no_damage_to_a_scan_makes_its_correction_panic(changes in vec((any::<usize>(), any::<u8>()), 1..40)) {
        survive_correcting(corpus::mutated(SCAN.clone(), &changes));
        survive_correcting(corpus::mutated(corpus::talkative(), &changes));
    }

    #[test]
    fn no_bytes_at_all_make_it_panic(bytes in vec(any::<u8>(), 0..2000)) {
        let mut document = b"%PDF-1.7\n".to_vec();
        document.extend_from_slice(&bytes);
        survive(document);
    }

    #[test]
    fn a_scan_may_end_anywhere(share in 0.0..1.0_f64) {
        let mut document = SCAN.clone();
        let length = f64::from(u32::try_from(document.len()).unwrap()) * share;
        document.truncate(format!("{length:.0}").parse().unwrap());
        survive(document);
    }
}

#[test]
fn deep_nesting_and_false_sizes_end_in_an_answer() {
    survive(corpus::nested(20_000));
    survive(corpus::image_bomb(3000));
}
