//! The two fonts, and which of their glyphs are used.

use std::collections::BTreeMap;

use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider as _};
use subsetter::GlyphRemapper;

use crate::error::Error;
use crate::number;

const REGULAR: &[u8] = include_bytes!("../../fonts/DejaVuSans.ttf");
const BOLD: &[u8] = include_bytes!("../../fonts/DejaVuSans-Bold.ttf");

/// The letters that nearly every text is written with: those of Latin, with all their accents.
const COMMON: u32 = 0x180;

/// How thick the letters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// Both fonts.
pub(crate) struct Fonts {
    pub(super) regular: Font,
    pub(super) bold: Font,
}

impl Fonts {
    pub(crate) fn new() -> Result<Self, Error> {
        Ok(Self {
            regular: Font::new(REGULAR, "DejaVuSans")?,
            bold: Font::new(BOLD, "DejaVuSans-Bold")?,
        })
    }

    /// The text as it can be shown: what the font does not have is shown as its number, nothing is left out.
    pub(crate) fn showable(&self, weight: Weight, text: &str) -> String {
        let font = self.font(weight);
        let mut shown = String::with_capacity(text.len());
        let mut rest = text.chars().peekable();
        while let Some(character) = rest.next() {
            match character {
                '\r' if rest.peek() == Some(&'\n') => {}
                '\r' | '\n' | '\u{2028}' | '\u{2029}' => shown.push('\n'),
                '\t' => shown.push_str("    "),
                _ if font.has(character) && !character.is_control() => shown.push(character),
                _ => shown.extend([format!("[U+{:04X}]", u32::from(character))]),
            }
        }
        shown
    }

    /// How wide a character is at the size of 1.
    pub(crate) fn advance(&self, weight: Weight, character: char) -> f64 {
        self.font(weight).advance(character)
    }

    /// How wide a text is.
    pub(crate) fn width(&self, weight: Weight, size: f64, text: &str) -> f64 {
        let font = self.font(weight);
        text.chars().map(|character| font.advance(character)).sum::<f64>() * size
    }

    /// The text as the font's glyphs, two bytes for each.
    pub(crate) fn glyphs(&mut self, weight: Weight, text: &str) -> Vec<u8> {
        let font = match weight {
            Weight::Regular => &mut self.regular,
            Weight::Bold => &mut self.bold,
        };
        let glyphs = text.chars().map(|character| font.use_glyph(character));
        glyphs.flat_map(u16::to_be_bytes).collect()
    }

    fn font(&self, weight: Weight) -> &Font {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }
}

/// A font, and what is used of it.
pub(super) struct Font {
    pub(super) data: &'static [u8],
    pub(super) name: &'static str,
    pub(super) face: FontRef<'static>,
    characters: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
    em: f64,
    /// How wide the common characters are, by their numbers: the tables of the font take long to ask.
    common: Vec<Option<f64>>,
    pub(super) used: GlyphRemapper,
    /// The new number and the width of every character that is used.
    pub(super) glyphs: BTreeMap<char, (u16, f64)>,
}

impl Font {
    fn new(data: &'static [u8], name: &'static str) -> Result<Self, Error> {
        let face = FontRef::new(data).map_err(|_cause| Error::Font)?;
        let em = f64::from(
            face.metrics(Size::unscaled(), LocationRef::default())
                .units_per_em,
        );
        let mut font = Self {
            data,
            name,
            characters: face.charmap(),
            metrics: face.glyph_metrics(Size::unscaled(), LocationRef::default()),
            face,
            em,
            common: Vec::new(),
            used: GlyphRemapper::new(),
            glyphs: BTreeMap::new(),
        };
        let common = (0..COMMON).map(|number| char::from_u32(number).and_then(|common| font.look_up(common)));
        font.common = common.collect();
        Ok(font)
    }

    fn has(&self, character: char) -> bool {
        self.width(character).is_some()
    }

    fn advance(&self, character: char) -> f64 {
        self.width(character).unwrap_or_default()
    }

    /// How wide a character is, if the font has it.
    fn width(&self, character: char) -> Option<f64> {
        let known = self.common.get(number::length(character.into()));
        known.map_or_else(|| self.look_up(character), |known| *known)
    }

    fn look_up(&self, character: char) -> Option<f64> {
        let glyph = self.characters.map(character)?;
        let width = self.metrics.advance_width(glyph).unwrap_or_default();
        Some(f64::from(width) / self.em)
    }

    fn use_glyph(&mut self, character: char) -> u16 {
        if let Some((glyph, _)) = self.glyphs.get(&character) {
            return *glyph;
        }
        let old = self
            .characters
            .map(character)
            .and_then(|glyph| u16::try_from(glyph.to_u32()).ok());
        let new = old.map_or(0, |old| self.used.remap(old));
        self.glyphs.insert(character, (new, self.advance(character)));
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_font_does_not_have_is_shown_as_its_number() {
        let fonts = Fonts::new().unwrap();
        let show = |text| fonts.showable(Weight::Regular, text);
        assert_eq!(show("œuvre à 3 € … αβγ ∀x∈ℝ, ∫√2"), "œuvre à 3 € … αβγ ∀x∈ℝ, ∫√2");
        assert_eq!(show("bravo 🦀\u{7}!"), "bravo [U+1F980][U+0007]!");
        assert_eq!(show("une\r\ndeux\rtrois\tfin"), "une\ndeux\ntrois    fin");
    }
}
