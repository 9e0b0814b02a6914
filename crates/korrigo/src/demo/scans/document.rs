//! The sheets of a copy, bound into a PDF as a scanner does it: one picture per page, and nothing else.

use super::page::Sheet;
use super::picture::{EncodeError, Picture};
use crate::demo::objects::Objects;

/// A copy to be scanned.
#[derive(Debug, Clone, Copy)]
pub struct Scan {
    /// Pages.
    pub pages: u32,
    /// What everything follows from.
    pub seed: u64,
    /// Resolution of the scanner.
    pub dpi: u16,
    /// Colour, or grey.
    pub colour: bool,
}

/// A scan of a handwritten copy at an ordinary scanner's settings, as a PDF.
pub fn scan(pages: u32, seed: u64) -> Result<Vec<u8>, EncodeError> {
    Scan {
        pages,
        seed,
        dpi: 150,
        colour: true,
    }
    .document()
}

/// How strongly an ordinary scanner compresses.
const QUALITY: u8 = 72;

impl Scan {
    /// The sheets, one after the other.
    pub fn pictures(self) -> impl Iterator<Item = Picture> {
        (0..self.pages).map(move |index| {
            let picture = Sheet::new(self.dpi, self.seed, index)
                .fill(self.seed, index, self.pages)
                .scan();
            if self.colour { picture } else { picture.grey() }
        })
    }

    /// The sheets as a PDF of A4 pages.
    pub fn document(self) -> Result<Vec<u8>, EncodeError> {
        let mut objects = Objects::default();
        let catalog = objects.add("<< /Type /Catalog /Pages 2 0 R >>");
        let kids: Vec<String> = (0..self.pages)
            .map(|index| format!("{} 0 R", 3 + index * 3))
            .collect();
        objects.add(format!(
            "<< /Type /Pages /Kids [{}] /Count {} >>",
            kids.join(" "),
            self.pages
        ));
        for picture in self.pictures() {
            page(&mut objects, &picture, &picture.jpeg(QUALITY)?);
        }
        Ok(objects.finish(&format!("/Root {catalog} 0 R")))
    }
}

fn page(objects: &mut Objects, picture: &Picture, jpeg: &[u8]) {
    let number = objects.next();
    objects.add(format!(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595.276 841.89] /Contents {} 0 R \
         /Resources << /XObject << /Im0 {} 0 R >> >> >>",
        number + 1,
        number + 2
    ));
    objects.stream("", b"q 595.276 0 0 841.89 0 0 cm /Im0 Do Q");
    let entries = format!(
        "/Type /XObject /Subtype /Image /Width {} /Height {} /BitsPerComponent 8 /ColorSpace {} /Filter /DCTDecode",
        picture.width,
        picture.height,
        picture.colour_space()
    );
    objects.stream(&entries, jpeg);
}

#[cfg(test)]
mod tests {
    use super::Scan;

    const SMALL: Scan = Scan {
        pages: 2,
        seed: 1,
        dpi: 30,
        colour: true,
    };

    #[test]
    fn the_same_seed_makes_the_same_scan_and_another_seed_another() {
        let document = SMALL.document().unwrap();
        assert!(document == SMALL.document().unwrap());
        assert!(document != Scan { seed: 2, ..SMALL }.document().unwrap());
    }

    #[test]
    fn every_sheet_is_an_a4_page_of_its_own() {
        let document = Scan {
            pages: 3,
            colour: false,
            ..SMALL
        }
        .document()
        .unwrap();
        let text = String::from_utf8_lossy(&document);
        assert_eq!(text.matches("/MediaBox [0 0 595.276 841.89]").count(), 3);
        assert!(text.contains("/Kids [3 0 R 6 0 R 9 0 R] /Count 3"));
        assert!(text.contains("/ColorSpace /DeviceGray"));
    }
}
