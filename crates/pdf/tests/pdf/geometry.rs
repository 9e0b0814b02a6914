//! Size and orientation of pages: as a reader shows them.

use domain::{PageSize, Rotation};
use pdf::{PageImages, Rendering, Source};
use testkit::corpus;

use super::{decoded, pages};

/// What is seen near the four corners: upper left, upper right, lower left, lower right.
fn corners(page: &PageImages) -> String {
    let image = decoded(&page.display);
    let (right, low) = (image.width() - 15, image.height() - 15);
    [(15, 15), (right, 15), (15, low), (right, low)]
        .map(
            |(x, y)| match image.get_pixel(x, y).0.map(|channel| channel / 52) {
                [4, 0, 0] => "red",
                [0, 4, 0] => "green",
                [0, 0, 4] => "blue",
                [4, 4, 4] => "white",
                other => panic!("no colour of the marker: {other:?}"),
            },
        )
        .join(" ")
}

fn only(document: Vec<u8>) -> PageImages {
    let [page] = pages(document).unwrap().try_into().unwrap();
    page
}

#[test]
fn a_page_is_turned_as_the_document_says_however_it_says_it() {
    let turned = pages(corpus::rotated(&[0, 90, 180, 270, -90, 450, 45])).unwrap();
    let seen: Vec<_> = turned
        .iter()
        .map(|page| (page.info.rotation, corners(page)))
        .collect();
    let expected = [
        (Rotation::None, "red green blue white"),
        (Rotation::Quarter, "blue red white green"),
        (Rotation::Half, "white blue green red"),
        (Rotation::ThreeQuarters, "green white red blue"),
        (Rotation::ThreeQuarters, "green white red blue"),
        (Rotation::Quarter, "blue red white green"),
        // Only quarter turns count.
        (Rotation::None, "red green blue white"),
    ];
    assert_eq!(
        seen,
        expected.map(|(rotation, corners)| (rotation, corners.to_owned()))
    );
    let (upright, lying) = (
        PageSize {
            width: 200_000,
            height: 300_000,
        },
        PageSize {
            width: 300_000,
            height: 200_000,
        },
    );
    let sizes: Vec<_> = turned.iter().map(|page| page.info.size).collect();
    assert_eq!(sizes, [upright, lying, upright, lying, lying, lying, upright]);
}

#[test]
fn only_the_crop_box_shows() {
    let page = only(corpus::cropped());
    assert_eq!(
        page.info.size,
        PageSize {
            width: 100_000,
            height: 150_000
        }
    );
    assert_eq!(corners(&page), "red white white white");
}

#[test]
fn a_crop_box_larger_than_the_page_adds_nothing() {
    let page = only(corpus::marker("/CropBox [-50 -50 500 500]"));
    assert_eq!(
        page.info.size,
        PageSize {
            width: 200_000,
            height: 300_000
        }
    );
    assert_eq!(corners(&page), "red green blue white");
}

#[test]
fn corners_of_a_box_come_in_any_order() {
    assert_eq!(
        only(corpus::marker("/CropBox [100 300 0 150]")).info.size,
        PageSize {
            width: 100_000,
            height: 150_000
        }
    );
}

#[test]
fn boxes_and_rotation_are_inherited() {
    let page = only(corpus::inherited());
    assert_eq!(
        page.info.size,
        PageSize {
            width: 300_000,
            height: 200_000
        }
    );
    assert_eq!(corners(&page), "blue red white green");
}

#[test]
fn a_larger_unit_makes_a_larger_page() {
    let page = only(corpus::large_unit());
    assert_eq!(
        page.info.size,
        PageSize {
            width: 400_000,
            height: 600_000
        }
    );
    assert_eq!((page.display.width, page.display.height), (800, 1200));
    assert_eq!(corners(&page), "red green blue white");
}

#[test]
fn a4_stays_a4_whatever_the_scanner_wrote_into_its_picture() {
    let size = only(corpus::scan(1, 1)).info.size;
    assert_eq!(
        size,
        PageSize {
            width: 595_276,
            height: 841_890
        }
    );
}

#[test]
fn a_page_at_144_dots_per_inch_has_two_pixels_a_point() {
    let page = only(corpus::text(1));
    assert_eq!((page.display.width, page.display.height), (1190, 1684));
    assert_eq!((page.thumbnail.width, page.thumbnail.height), (170, 240));
}

#[test]
fn a_large_page_is_painted_with_fewer_dots() {
    let source = Source::open(corpus::large_unit(), pdf::Limits::default()).unwrap();
    let rendering = Rendering {
        max_display_pixels: 60_000,
        ..Rendering::default()
    };
    let display = source.rasterize(0, &rendering).unwrap().display;
    assert_eq!((display.width, display.height), (200, 300));
}
