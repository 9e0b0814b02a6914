//! Small files that ask for much.

use flate2::{Compress, Compression, FlushCompress};
use korrigo::demo::objects::Objects;

use super::book::{Leaf, bind};
use super::scans::deflated;

const A4: &str = "/MediaBox [0 0 595 842]";

/// Empty pages, as many as asked for.
#[must_use]
pub fn many_pages(pages: u32) -> Vec<u8> {
    let mut objects = Objects::default();
    let catalog = objects.add("<< /Type /Catalog /Pages 2 0 R >>");
    let kids: Vec<String> = (0..pages).map(|index| format!("{} 0 R", 3 + index)).collect();
    objects.add(format!(
        "<< /Type /Pages /Kids [{}] /Count {pages} {A4} >>",
        kids.join(" ")
    ));
    for _ in 0..pages {
        objects.add("<< /Type /Page /Parent 2 0 R >>");
    }
    objects.finish(&format!("/Root {catalog} 0 R"))
}

/// A page of 14,400 points a side: what the format allows at most.
#[must_use]
pub fn gigantic_page() -> Vec<u8> {
    bind(
        &[Leaf::new("/MediaBox [0 0 14400 14400]", "0 0 100 100 re f")],
        "",
    )
}

/// A page whose content unpacks to this many bytes of blank space.
#[must_use]
pub fn inflating_content(bytes: usize) -> Vec<u8> {
    let packed = deflated(&vec![b' '; bytes]);
    bind(
        &[Leaf {
            packing: "/Filter /FlateDecode".to_owned(),
            ..Leaf::new(A4, packed)
        }],
        "",
    )
}

/// A page whose content unpacks to this many times 16 MiB of blank space: a piece that needs no other, again and again.
///
/// # Panics
/// If blank space takes more room than there is for it.
#[must_use]
#[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
pub fn inflating_without_end(pieces: usize) -> Vec<u8> {
    let mut press = Compress::new(Compression::best(), true);
    let blank = vec![b' '; 16 << 20];
    let [first, again] = [(), ()].map(|()| {
        let mut packed = Vec::with_capacity(1 << 20);
        let done = press.compress_vec(&blank, &mut packed, FlushCompress::Full);
        done.expect("there is room for it");
        packed
    });
    let packed = [first, again.repeat(pieces.saturating_sub(1))].concat();
    let leaf = Leaf {
        packing: "/Filter /FlateDecode".to_owned(),
        ..Leaf::new(A4, packed)
    };
    bind(&[leaf], "")
}

/// A picture that claims to be this many pixels a side, in a few bytes.
#[must_use]
pub fn image_bomb(side: u32) -> Vec<u8> {
    let image = format!(
        "/Width {side} /Height {side} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode"
    );
    let leaf = Leaf {
        image: Some((image, deflated(b"abc"))),
        ..Leaf::new(A4, "q 595 0 0 842 0 0 cm /Im0 Do Q")
    };
    bind(&[leaf], "")
}

/// Forms that paint forms that paint forms: 10 to the power of 24 squares.
#[must_use]
pub fn endless() -> Vec<u8> {
    let mut objects = Objects::default();
    let catalog = objects.add("<< /Type /Catalog /Pages 2 0 R >>");
    objects.add("<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
    objects.add(format!(
        "<< /Type /Page /Parent 2 0 R {A4} /Contents 4 0 R /Resources << /XObject << /F 5 0 R >> >> >>"
    ));
    objects.stream("", b"/F Do");
    for _ in 0..24 {
        let below = objects.next() + 1;
        let form = format!(
            "/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /F {below} 0 R >> >>"
        );
        objects.stream(&form, "/F Do ".repeat(10).as_bytes());
    }
    objects.stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 595 842]",
        b"0 0 9 9 re f",
    );
    objects.finish(&format!("/Root {catalog} 0 R"))
}

/// A page with arrays in arrays in arrays.
#[must_use]
pub fn nested(depth: usize) -> Vec<u8> {
    let entry = format!("{A4} /Nest {}{}", "[".repeat(depth), "]".repeat(depth));
    bind(&[Leaf::new(entry, "0 0 100 100 re f")], "")
}
