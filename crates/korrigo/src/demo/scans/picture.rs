//! What comes out of the scanner.

/// A sheet that could not be written as a JPEG.
#[derive(Debug, thiserror::Error)]
#[error("a sheet could not be encoded")]
pub struct EncodeError(#[source] jpeg_encoder::EncodingError);

/// A scanned sheet in pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// Three bytes a pixel for red, green and blue; one byte for grey otherwise.
    pub colour: bool,
    /// Row by row, without padding.
    pub pixels: Vec<u8>,
}

impl Picture {
    /// The same in shades of grey.
    #[must_use]
    pub fn grey(self) -> Self {
        if !self.colour {
            return self;
        }
        let pixels = self
            .pixels
            .as_chunks::<3>()
            .0
            .iter()
            .map(|pixel| luminance(*pixel))
            .collect();
        Self {
            colour: false,
            pixels,
            ..self
        }
    }

    /// As a JPEG file, at a quality from 1 to 100.
    pub fn jpeg(&self, quality: u8) -> Result<Vec<u8>, EncodeError> {
        let kind = if self.colour {
            jpeg_encoder::ColorType::Rgb
        } else {
            jpeg_encoder::ColorType::Luma
        };
        let mut bytes = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, quality);
        encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
        encoder
            .encode(&self.pixels, self.width, self.height, kind)
            .map_err(EncodeError)?;
        Ok(bytes)
    }

    /// The name of its colours in a PDF.
    #[must_use]
    pub fn colour_space(&self) -> &'static str {
        if self.colour { "/DeviceRGB" } else { "/DeviceGray" }
    }
}

fn luminance([red, green, blue]: [u8; 3]) -> u8 {
    let weighted = u32::from(red) * 77 + u32::from(green) * 150 + u32::from(blue) * 29;
    u8::try_from(weighted / 256).unwrap_or(u8::MAX)
}
