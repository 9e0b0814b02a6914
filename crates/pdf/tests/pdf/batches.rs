//! Batches: every page in one booklet, in the order of reading, as it was.

use domain::batch::{Anomaly, AnomalyKind, Part, Splitting};
use domain::{Layout, PageCount, PageIndex};
use pdf::{Batch, Limits, Source};
use testkit::corpus;

use super::written::Written;
use super::{decoded, pages};

fn splitting(pages_per_copy: usize, layout: Layout) -> Splitting {
    Splitting {
        pages_per_copy: PageCount::new(pages_per_copy).unwrap(),
        layout,
    }
}

fn anomaly(kind: AnomalyKind, page: u32) -> Anomaly {
    let page = PageIndex::new(page).unwrap();
    Anomaly { kind, page }
}

/// For every booklet the shades of grey of its pages, which are the numbers that the corpus gave them.
fn numbers(document: Vec<u8>, splitting: Splitting) -> (Vec<Vec<u8>>, Vec<Anomaly>) {
    let source = Source::open(document, Limits::default()).unwrap();
    let batch = Batch::new(&source, splitting).unwrap();
    let seen = batch.booklets().iter().map(|booklet| {
        let document = Written::from(batch.document(booklet).unwrap());
        assert_eq!(usize::try_from(document.pages).unwrap(), booklet.pieces.len());
        let pages = pages(document.bytes).unwrap();
        let middle = |page: &pdf::PageImages| {
            let image = decoded(&page.display);
            assert!(image.height() > image.width());
            image.get_pixel(image.width() / 2, image.height() / 2).0[0] / 10
        };
        pages.iter().map(middle).collect()
    });
    (seen.collect(), batch.anomalies().to_vec())
}

#[test]
fn copies_have_so_many_pages_and_the_rest_is_reported() {
    let document = corpus::numbered(&[&[1], &[2], &[3], &[4], &[5]]);
    let (copies, anomalies) = numbers(document, splitting(2, Layout::A4));
    assert_eq!(copies, [vec![1, 2], vec![3, 4], vec![5]]);
    assert_eq!(anomalies, [anomaly(AnomalyKind::Incomplete, 4)]);
}

#[test]
fn sheets_are_cut_in_the_order_of_reading() {
    let document = corpus::numbered(&[&[1, 2], &[3, 4]]);
    let (copies, anomalies) = numbers(document, splitting(4, Layout::A3));
    assert_eq!((copies, anomalies), (vec![vec![1, 2, 3, 4]], Vec::new()));
    let document = corpus::numbered(&[&[4, 1], &[2, 3], &[8, 5], &[6, 7]]);
    let (copies, anomalies) = numbers(document, splitting(4, Layout::A3Folded));
    assert_eq!(
        (copies, anomalies),
        (vec![vec![1, 2, 3, 4], vec![5, 6, 7, 8]], Vec::new())
    );
}

#[test]
fn what_does_not_fit_the_paper_is_kept_and_reported_and_no_sheet_is_in_two_copies() {
    let document = corpus::numbered(&[&[4, 1][..], &[9], &[2, 3], &[8, 5], &[6, 7]]);
    let (copies, anomalies) = numbers(document, splitting(4, Layout::A3Folded));
    assert_eq!(copies, [vec![1, 4, 9], vec![3, 8, 5, 2], vec![7, 6]]);
    assert_eq!(
        anomalies,
        [
            anomaly(AnomalyKind::NoBack, 0),
            anomaly(AnomalyKind::NotASheet, 1),
            anomaly(AnomalyKind::NoBack, 4),
            anomaly(AnomalyKind::Incomplete, 0),
            anomaly(AnomalyKind::Incomplete, 4)
        ]
    );
}

#[test]
fn halves_are_cut_as_they_are_shown() {
    for angle in [0, 90, 180, 270] {
        let source = Source::open(corpus::turned_sheet(angle), Limits::default()).unwrap();
        let batch = Batch::new(&source, splitting(2, Layout::A3)).unwrap();
        let [booklet] = batch.booklets() else {
            panic!("there is one copy")
        };
        let parts: Vec<Part> = booklet.pieces.iter().map(|piece| piece.part).collect();
        assert_eq!(parts, [Part::Left, Part::Right]);
        let whole = decoded(&source.rasterize(0, &pdf::Rendering::default()).unwrap().display);
        let halves = pages(Written::from(batch.document(booklet).unwrap()).bytes).unwrap();
        let mut left = 0;
        for half in halves {
            let half = decoded(&half.display);
            let place = (half.width() / 3, half.height() / 4);
            assert_eq!(
                half.get_pixel(place.0, place.1),
                whole.get_pixel(left + place.0, place.1),
                "{angle}"
            );
            left += half.width();
        }
    }
}

#[test]
fn a_booklet_has_the_pictures_of_its_own_pages_and_no_others() {
    let scan = corpus::Scan {
        pages: 4,
        seed: 9,
        dpi: 40,
        colour: true,
    };
    let source = Source::open(
        corpus::filtered_scan(scan, corpus::Filter::Dct),
        Limits::default(),
    )
    .unwrap();
    let batch = Batch::new(&source, splitting(2, Layout::A4)).unwrap();
    let documents = batch
        .booklets()
        .iter()
        .map(|booklet| Written::from(batch.document(booklet).unwrap()));
    let documents: Vec<_> = documents.collect();
    for (index, picture) in scan.pictures().enumerate() {
        let jpeg = picture.jpeg(75).unwrap();
        let holders = documents.iter().map(|document| {
            let mut windows = document.bytes.windows(jpeg.len());
            windows.any(|window| window == jpeg)
        });
        assert_eq!(holders.collect::<Vec<_>>(), [index < 2, index >= 2]);
    }
}
