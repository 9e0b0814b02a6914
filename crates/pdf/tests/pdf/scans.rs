//! Scanned pages: what can stay as it is stays, and the rest looks the same.

use domain::page::ImageFormat;
use pdf::PageImages;
use testkit::corpus::{self, Filter};
use testkit::corpus::{Picture, Scan};

use super::{decoded, difference, pages};

const SCAN: Scan = Scan {
    pages: 1,
    seed: 11,
    dpi: 100,
    colour: true,
};

fn only(document: Vec<u8>) -> PageImages {
    let [page] = pages(document).unwrap().try_into().unwrap();
    page
}

/// The picture that a scan was made of, in the colours and the size of `like`.
fn original(scan: Scan, like: &image::RgbImage) -> image::RgbImage {
    let picture = scan.pictures().next().unwrap();
    let (width, height) = (u32::from(picture.width), u32::from(picture.height));
    let whole = if picture.colour {
        image::RgbImage::from_raw(width, height, picture.pixels).unwrap()
    } else {
        image::DynamicImage::from(image::GrayImage::from_raw(width, height, picture.pixels).unwrap())
            .to_rgb8()
    };
    image::imageops::resize(
        &whole,
        like.width(),
        like.height(),
        image::imageops::FilterType::Triangle,
    )
}

#[test]
fn ten_scanned_pages_become_ten_pages_in_order() {
    let scan = Scan {
        pages: 10,
        dpi: 50,
        ..SCAN
    };
    let shown: Vec<_> = pages(scan.document().unwrap())
        .unwrap()
        .iter()
        .map(|page| decoded(&page.display))
        .collect();
    let alike = |picture: Picture| {
        let drawn =
            image::RgbImage::from_raw(picture.width.into(), picture.height.into(), picture.pixels).unwrap();
        let differences = shown.iter().map(|shown| difference(shown, &drawn));
        differences
            .enumerate()
            .min_by(|one, other| one.1.total_cmp(&other.1))
            .unwrap()
            .0
    };
    let order: Vec<_> = scan.pictures().map(alike).collect();
    assert_eq!(order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn a_scanners_jpeg_is_passed_on_pixel_by_pixel() {
    let page = only(corpus::filtered_scan(SCAN, Filter::Dct));
    let picture = SCAN.pictures().next().unwrap();
    assert_eq!(page.display.format, ImageFormat::Jpeg);
    let scanned = image::load_from_memory(&picture.jpeg(75).unwrap())
        .unwrap()
        .to_rgb8();
    assert!(decoded(&page.display) == scanned);
}

#[test]
fn what_a_camera_wrote_into_its_jpeg_is_not_passed_on() {
    let mut jpeg = SCAN.pictures().next().unwrap().jpeg(75).unwrap();
    // A segment of camera data with an orientation, and a comment.
    let exif = b"\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let comment = b"\xff\xfe\x00\x0fRoom 12, J. D";
    jpeg.splice(2..2, exif.iter().chain(comment).copied());
    jpeg.extend_from_slice(b"a preview behind the end");
    let page = only(corpus::scan_of_jpeg(&jpeg));
    let holds = |needle: &[u8]| {
        page.display
            .bytes
            .windows(needle.len())
            .any(|window| window == needle)
    };
    assert!(!holds(b"Exif") && !holds(b"Room 12") && !holds(b"preview"));
    let clean = SCAN.pictures().next().unwrap().jpeg(75).unwrap();
    assert!(decoded(&page.display) == image::load_from_memory(&clean).unwrap().to_rgb8());
}

#[test]
fn thumbnails_look_like_the_page() {
    for scan in [
        SCAN,
        Scan {
            colour: false,
            ..SCAN
        },
        Scan {
            dpi: 150,
            seed: 12,
            ..SCAN
        },
    ] {
        for filter in [Filter::Dct, Filter::Flate] {
            let thumbnail = decoded(&only(corpus::filtered_scan(scan, filter)).thumbnail);
            let difference = difference(&thumbnail, &original(scan, &thumbnail));
            assert!(difference < 8.0, "{scan:?} as {filter:?} differs by {difference}");
        }
    }
}

#[test]
fn a_scan_looks_the_same_however_it_is_packed() {
    for (scan, filter) in [
        (SCAN, Filter::Flate),
        (
            Scan {
                colour: false,
                ..SCAN
            },
            Filter::Flate,
        ),
        (
            Scan {
                colour: false,
                ..SCAN
            },
            Filter::Dct,
        ),
        (Scan { dpi: 200, ..SCAN }, Filter::Flate),
    ] {
        let display = decoded(&only(corpus::filtered_scan(scan, filter)).display);
        let difference = difference(&display, &original(scan, &display));
        assert!(difference < 4.0, "{scan:?} as {filter:?} differs by {difference}");
    }
}

#[test]
fn a_black_and_white_scan_is_dark_where_the_writing_is() {
    let scan = Scan {
        dpi: 200,
        colour: false,
        ..SCAN
    };
    let page = only(corpus::filtered_scan(scan, Filter::Ccitt));
    assert_eq!(page.display.format, ImageFormat::Png);
    let display = decoded(&page.display);
    let mut drawn = original(scan, &display);
    for pixel in drawn.pixels_mut() {
        pixel.0 = [if pixel.0[0] < 168 { 0 } else { 255 }; 3];
    }
    assert!(difference(&display, &drawn) < 8.0);
}

#[test]
fn a_turned_or_cropped_scan_is_painted() {
    let upright = decoded(&only(corpus::scan_with(SCAN, Filter::Dct, "")).display);
    let turned = only(corpus::scan_with(SCAN, Filter::Dct, "/Rotate 90"));
    let turned = image::imageops::rotate270(&decoded(&turned.display));
    let upright = image::imageops::resize(
        &upright,
        turned.width(),
        turned.height(),
        image::imageops::FilterType::Triangle,
    );
    assert!(difference(&turned, &upright) < 5.0);

    let cropped = only(corpus::scan_with(
        SCAN,
        Filter::Dct,
        "/CropBox [0 421 595.276 841.89]",
    ));
    let cropped = decoded(&cropped.display);
    let upper = image::imageops::crop_imm(&upright, 0, 0, cropped.width(), cropped.height()).to_image();
    assert!(difference(&cropped, &upper) < 6.0);
}

#[test]
fn a_scan_with_a_visible_stamp_is_painted_with_it() {
    let stamped = only(corpus::stamped_scan(SCAN));
    let display = decoded(&stamped.display);
    let [red, green, blue] = display.get_pixel(display.width() / 2, display.height() / 2).0;
    assert!(red > 200 && green < 60 && blue < 60);
}

#[test]
fn a_noisy_page_is_a_jpeg_and_a_drawn_one_is_not() {
    assert_eq!(only(corpus::photograph()).display.format, ImageFormat::Jpeg);
    assert_eq!(only(corpus::text(1)).display.format, ImageFormat::Png);
}
