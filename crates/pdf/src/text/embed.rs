//! Puts the used part of the fonts into a document, so that it looks and reads the same everywhere.

use lopdf::{Dictionary, Object, dictionary};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider as _};

use super::font::{Font, Fonts};
use crate::canvas::{BOLD, REGULAR};
use crate::error::Error;
use crate::number;
use crate::output::{Number, Output};

/// The flag of fonts that have more than the letters of Latin.
const SYMBOLIC: i32 = 4;

impl Fonts {
    /// Writes what is used of both fonts. Returns both by their names.
    pub(crate) fn embed(&self, output: &mut Output) -> Result<Dictionary, Error> {
        Ok(dictionary! {
            REGULAR => self.regular.embed(output)?,
            BOLD => self.bold.embed(output)?,
        })
    }
}

impl Font {
    fn embed(&self, output: &mut Output) -> Result<Number, Error> {
        let subset = subsetter::subset(self.data, 0, &self.used).map_err(|_cause| Error::Font)?;
        let length = i64::try_from(subset.len()).map_err(|_cause| Error::Font)?;
        let file = output.add_packed(dictionary! { "Length1" => length }, &subset)?;
        let name = format!("{}+{}", self.tag(), self.name);
        let mut descriptor = measures(&self.face);
        descriptor.set("Type", "FontDescriptor");
        descriptor.set("FontName", name.as_str());
        descriptor.set("Flags", SYMBOLIC);
        descriptor.set("ItalicAngle", 0);
        descriptor.set("StemV", 80);
        descriptor.set("FontFile2", file);
        let descriptor = output.add(descriptor)?;
        let descendant = output.add(dictionary! {
            "Type" => "Font",
            "Subtype" => "CIDFontType2",
            "BaseFont" => name.as_str(),
            "CIDToGIDMap" => "Identity",
            "CIDSystemInfo" => dictionary! {
                "Registry" => Object::string_literal("Adobe"),
                "Ordering" => Object::string_literal("Identity"),
                "Supplement" => 0,
            },
            "FontDescriptor" => descriptor,
            "DW" => 600,
            "W" => self.widths(),
        })?;
        let unicode = output.add_packed(Dictionary::new(), self.to_unicode().as_bytes())?;
        output.add(dictionary! {
            "Type" => "Font",
            "Subtype" => "Type0",
            "BaseFont" => name,
            "Encoding" => "Identity-H",
            "DescendantFonts" => vec![descendant.into()],
            "ToUnicode" => unicode,
        })
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

    fn widths(&self) -> Vec<Object> {
        let mut widths: Vec<(u16, f64)> = self.glyphs.values().copied().collect();
        widths.sort_unstable_by_key(|(glyph, _)| *glyph);
        widths.dedup_by_key(|(glyph, _)| *glyph);
        let entry = |(glyph, width): &(u16, f64)| [Object::from(*glyph), vec![thousandths(*width)].into()];
        widths.iter().flat_map(entry).collect()
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

/// The measures of a font in thousandths of its size, as entries of its descriptor.
fn measures(face: &FontRef<'_>) -> Dictionary {
    let metrics = face.metrics(Size::unscaled(), LocationRef::default());
    let em = f32::from(metrics.units_per_em);
    let bounds = metrics.bounds.map_or([0.0, 0.0, em, em], |bounds| {
        [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max]
    });
    let measure = |units: f32| thousandths(f64::from(units / em));
    dictionary! {
        "FontBBox" => Vec::from(bounds.map(measure)),
        "Ascent" => measure(metrics.ascent),
        "Descent" => measure(metrics.descent),
        "CapHeight" => measure(metrics.cap_height.unwrap_or(metrics.ascent)),
    }
}

fn thousandths(ems: f64) -> Object {
    number::rounded(ems * 1000.0, 0)
}
