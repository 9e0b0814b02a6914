//! Puts the used part of the fonts into a document, so that it looks and reads the same everywhere.

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider as _};

use super::font::{Font, Fonts};
use crate::error::Error;
use crate::output::Output;

/// The entries of a dictionary of fonts: `/R` is the regular one, `/B` the bold one.
pub(crate) type Entries = String;

impl Fonts {
    /// Writes what is used of both fonts.
    pub(crate) fn embed(&self, output: &mut Output) -> Result<Entries, Error> {
        let regular = self.regular.embed(output)?;
        let bold = self.bold.embed(output)?;
        Ok(format!("/R {regular} /B {bold}"))
    }
}

impl Font {
    fn embed(&self, output: &mut Output) -> Result<crate::output::Number, Error> {
        let subset = subsetter::subset(self.data, 0, &self.used).map_err(|_cause| Error::Font)?;
        let name = format!("{}+{}", self.tag(), self.name);
        let file = output.add_packed(&format!("/Length1 {}", subset.len()), &subset)?;
        let measures = Measures::of(&self.face);
        let descriptor = output.add(
            format!(
                "<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [{}] /ItalicAngle 0 \
                 /Ascent {} /Descent {} /CapHeight {} /StemV 80 /FontFile2 {file} >>",
                measures.bounds, measures.ascent, measures.descent, measures.cap_height
            )
            .as_bytes(),
        )?;
        let descendant = output.add(
            format!(
                "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDToGIDMap /Identity \
                 /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> \
                 /FontDescriptor {descriptor} /DW 600 /W [{}] >>",
                self.widths()
            )
            .as_bytes(),
        )?;
        let unicode = output.add_packed("", self.to_unicode().as_bytes())?;
        output.add(
            format!(
                "<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H \
                 /DescendantFonts [{descendant}] /ToUnicode {unicode} >>"
            )
            .as_bytes(),
        )
    }

    /// Six letters that differ where the subsets differ, as the format asks for.
    fn tag(&self) -> String {
        let mut sum = self.glyphs.keys().fold(7_u32, |sum, character| {
            sum.wrapping_mul(31).wrapping_add(u32::from(*character))
        });
        let letters = std::iter::repeat_with(|| {
            let letter = u8::try_from(sum % 26).unwrap_or_default();
            sum /= 26;
            char::from(b'A' + letter)
        });
        letters.take(6).collect()
    }

    fn widths(&self) -> String {
        let mut widths: Vec<(u16, f64)> = self.glyphs.values().copied().collect();
        widths.sort_unstable_by_key(|(glyph, _)| *glyph);
        widths.dedup_by_key(|(glyph, _)| *glyph);
        let entry = |(glyph, width): &(u16, f64)| format!("{glyph} [{:.0}] ", width * 1000.0);
        widths.iter().map(entry).collect::<Vec<_>>().concat()
    }

    /// What the glyphs mean, so that the text can be searched, copied and read aloud.
    fn to_unicode(&self) -> String {
        let mut map = String::from(
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n\
             /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n\
             /CMapName /Adobe-Identity-UCS def /CMapType 2 def\n\
             1 begincodespacerange <0000> <FFFF> endcodespacerange\n",
        );
        let mut meanings: Vec<(u16, char)> = self
            .glyphs
            .iter()
            .map(|(character, (glyph, _))| (*glyph, *character))
            .collect();
        // Of several characters that share a glyph the first one counts.
        meanings.sort_unstable();
        meanings.dedup_by_key(|(glyph, _)| *glyph);
        for part in meanings.chunks(100) {
            map.extend([format!("{} beginbfchar\n", part.len())]);
            for (glyph, character) in part {
                let mut units = [0; 2];
                let units = character.encode_utf16(&mut units).iter();
                let digits: Vec<String> = units.map(|unit| format!("{unit:04X}")).collect();
                map.extend([format!("<{glyph:04X}> <{}>\n", digits.concat())]);
            }
            map.push_str("endbfchar\n");
        }
        map.push_str("endcmap CMapName currentdict /CMap defineresource pop end end");
        map
    }
}

/// The measures of a font in thousandths of its size.
struct Measures {
    bounds: String,
    ascent: String,
    descent: String,
    cap_height: String,
}

impl Measures {
    fn of(face: &FontRef<'_>) -> Self {
        let metrics = face.metrics(Size::unscaled(), LocationRef::default());
        let em = f32::from(metrics.units_per_em);
        let thousandths = |units: f32| format!("{:.0}", f64::from(units / em) * 1000.0);
        let bounds = metrics.bounds.map_or([0.0, 0.0, em, em], |bounds| {
            [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max]
        });
        Self {
            bounds: bounds.map(thousandths).join(" "),
            ascent: thousandths(metrics.ascent),
            descent: thousandths(metrics.descent),
            cap_height: thousandths(metrics.cap_height.unwrap_or(metrics.ascent)),
        }
    }
}
