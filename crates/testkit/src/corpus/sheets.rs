//! Sheets of A4 and A3 whose pages can be told from each other.

use super::book::{Leaf, bind};

/// Pages of A4, or two of them side by side, each filled with the shade of grey that its number times ten is.
#[must_use]
pub fn numbered(sheets: &[&[u8]]) -> Vec<u8> {
    let leaf = |numbers: &&[u8]| {
        let width = 595 * numbers.len();
        let fill = |(place, number): (usize, &u8)| {
            let shade = f64::from(*number) * 10.0 + 5.0;
            format!("{:.4} g {} 0 595 842 re f ", shade / 255.0, place * 595)
        };
        let content: Vec<String> = numbers.iter().enumerate().map(fill).collect();
        Leaf::new(format!("/MediaBox [0 0 {width} 842]"), content.concat())
    };
    bind(&sheets.iter().map(leaf).collect::<Vec<_>>(), "")
}

/// A sheet that is displayed as wide as two pages, however it lies in the file: four quarters in four colours, and a
/// box that does not begin at zero.
#[must_use]
pub fn turned_sheet(angle: u16) -> Vec<u8> {
    let (width, height) = if angle.is_multiple_of(180) {
        (400, 280)
    } else {
        (280, 400)
    };
    let (across, up) = (width / 2, height / 2);
    let content = format!(
        "1 0 0 rg 20 30 {across} {up} re f 0 1 0 rg {right} 30 {across} {up} re f \
         0 0 1 rg 20 {high} {across} {up} re f 1 1 0 rg {right} {high} {across} {up} re f",
        right = 20 + across,
        high = 30 + up
    );
    let boxes = format!(
        "/MediaBox [0 0 1000 1000] /CropBox [20 30 {} {}] /Rotate {angle}",
        20 + width,
        30 + height
    );
    bind(&[Leaf::new(boxes, content)], "")
}
