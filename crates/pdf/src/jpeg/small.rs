//! A small version of a picture, made without ever unpacking it: of every block of 8 by 8 pixels only the lowest
//! frequencies are kept, enough for one pixel or for 2 by 2; the others are passed over.

use super::bits::{Bits, unstuffed};
use super::header::Header;
use super::plane::Plane;
use crate::raster::{Channels, Raster};
use crate::rendering::Size;

/// A thumbnail with its longer side `longest` pixels long, or a quarter of the picture's if that is less. `None` for
/// anything but a complete sequential picture in one scan.
pub(crate) fn thumbnail(header: &Header, file: &[u8], longest: u16) -> Option<Raster> {
    let pairs = || header.selectors.iter().zip(&header.frame);
    let aligned = pairs().all(|(selector, component)| selector.id == component.id);
    if !header.sequential || !aligned || header.selectors.len() != header.frame.len() {
        return None;
    }
    let layout = Layout::new(header, u32::from(longest))?;
    let mut planes: Vec<Plane<'_>> = pairs()
        .map(|(selector, component)| Plane::new(header, &layout, *component, *selector))
        .collect::<Option<_>>()?;
    layout.decode(
        header.restart_interval,
        file.get(header.scan_start()?..)?,
        &mut planes,
    )?;
    let size = header.size().within(layout.longest.min(u32::from(longest)));
    let small = planes.iter().map(|plane| plane.shrink(header.size(), size));
    match <[Raster; 3]>::try_from(small.collect::<Option<Vec<_>>>()?) {
        Ok([luma, blue, red]) => Some(combine(&luma, &blue, &red)),
        Err(mut gray) => gray.pop(),
    }
}

/// How the blocks of a picture are ordered, and what becomes of them.
pub(super) struct Layout {
    /// Blocks of the finest component in each unit of the scan.
    pub(super) across: u32,
    pub(super) down: u32,
    /// Units in a row, and rows.
    pub(super) units_across: u32,
    pub(super) units_down: u32,
    /// Pixels that are kept of each block, in each direction.
    pub(super) detail: u32,
    /// The longer side of what is kept.
    longest: u32,
}

impl Layout {
    fn new(header: &Header, longest: u32) -> Option<Self> {
        // A picture of one colour is not interleaved: its unit is one block, whatever it says.
        let single = header.frame.len() == 1;
        let most =
            |factors: &mut dyn Iterator<Item = u32>| if single { 1 } else { factors.max().unwrap_or(1) };
        let across = most(&mut header.frame.iter().map(|component| component.across));
        let down = most(&mut header.frame.iter().map(|component| component.down));
        let Size { width, height } = header.size();
        let detail = if width.max(height) / 8 >= longest { 1 } else { 2 };
        Some(Self {
            across,
            down,
            units_across: width.div_ceil(across.checked_mul(8)?),
            units_down: height.div_ceil(down.checked_mul(8)?),
            detail,
            longest: width.max(height).div_ceil(8 / detail),
        })
    }

    /// Reads all blocks. `None` if the data ends before the picture does, or makes no sense.
    fn decode(&self, restart_interval: u32, coded: &[u8], planes: &mut [Plane<'_>]) -> Option<()> {
        let total = self.units_across.checked_mul(self.units_down)?;
        let interval = if restart_interval == 0 {
            total
        } else {
            restart_interval
        };
        let mut rest = coded;
        let (mut first, mut x, mut y) = (0, 0, 0);
        while first < total {
            let (data, after) = unstuffed(rest);
            let mut bits = Bits::new(&data);
            for _ in first..total.min(first.checked_add(interval)?) {
                for plane in &mut *planes {
                    plane.unit(&mut bits, x, y)?;
                }
                x += 1;
                if x == self.units_across {
                    (x, y) = (0, y + 1);
                }
            }
            if bits.overrun() {
                return None;
            }
            for plane in &mut *planes {
                plane.restart();
            }
            first = first.checked_add(interval)?;
            rest = match after {
                [0xff, 0xd0..=0xd7, rest @ ..] => rest,
                _ if first >= total => &[],
                _ => return None,
            };
        }
        Some(())
    }
}

fn combine(luma: &Raster, blue: &Raster, red: &Raster) -> Raster {
    let chroma = blue.pixels.iter().zip(&red.pixels);
    let colours = luma.pixels.iter().zip(chroma);
    let pixels =
        colours.flat_map(|(y, (cb, cr))| rgb(i32::from(*y), i32::from(*cb) - 128, i32::from(*cr) - 128));
    Raster {
        size: luma.size,
        channels: Channels::Rgb,
        pixels: pixels.collect(),
    }
}

/// The usual conversion, in 65536ths.
fn rgb(y: i32, cb: i32, cr: i32) -> [u8; 3] {
    let y = y * 65_536 + 32_768;
    let channel = |value: i32| u8::try_from((value >> 16).clamp(0, 255)).unwrap_or_default();
    [
        channel(y + 91_881 * cr),
        channel(y - 22_554 * cb - 46_802 * cr),
        channel(y + 116_130 * cb),
    ]
}

#[cfg(test)]
mod tests {
    use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

    use super::thumbnail;
    use crate::jpeg::{Header, full};
    use crate::raster::{Channels, Raster};
    use crate::rendering::Size;

    const WIDTH: u16 = 501;
    const HEIGHT: u16 = 333;

    /// Soft colours with a sharp dark square.
    fn picture(channels: Channels) -> Vec<u8> {
        let pixel = |x: u16, y: u16| match (x, y) {
            (100..200, 50..150) => [20, 30, 90],
            _ => [x / 2, y / 2, (x + y) / 4].map(|value| u8::try_from(value.min(255)).unwrap()),
        };
        let pixels = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| pixel(x, y)));
        pixels
            .flat_map(|pixel| pixel.into_iter().take(channels.bytes()))
            .collect()
    }

    fn jpeg(channels: Channels, change: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, 80);
        change(&mut encoder);
        let colours = match channels {
            Channels::Gray => ColorType::Luma,
            Channels::Rgb => ColorType::Rgb,
        };
        encoder
            .encode(&picture(channels), WIDTH, HEIGHT, colours)
            .unwrap();
        file
    }

    fn small(file: &[u8], longest: u16) -> Option<Raster> {
        thumbnail(&Header::read(file).unwrap(), file, longest)
    }

    /// How far the short way is from unpacking everything, on the average.
    fn difference(file: &[u8], channels: Channels, longest: u16) -> f64 {
        let size = Size::new(u32::from(WIDTH), u32::from(HEIGHT)).unwrap();
        let whole = full(file, size, channels).unwrap().thumbnail(longest).unwrap();
        let small = small(file, longest).unwrap();
        assert_eq!((small.size, small.channels), (whole.size, whole.channels));
        let total: u32 = small
            .pixels
            .iter()
            .zip(&whole.pixels)
            .map(|(a, b)| u32::from(a.abs_diff(*b)))
            .sum();
        f64::from(total) / f64::from(u32::try_from(whole.pixels.len()).unwrap())
    }

    #[test]
    fn the_short_way_looks_like_the_long_one_however_the_picture_is_coded() {
        let factors = [
            SamplingFactor::F_1_1,
            SamplingFactor::F_2_1,
            SamplingFactor::F_1_2,
            SamplingFactor::F_2_2,
        ];
        for (factor, restart) in factors.iter().flat_map(|factor| [(factor, 0), (factor, 7)]) {
            for channels in [Channels::Gray, Channels::Rgb] {
                let file = jpeg(channels, |encoder| {
                    encoder.set_sampling_factor(*factor);
                    encoder.set_restart_interval(restart);
                });
                // One pixel of each block, and 2 by 2.
                for longest in [50, 100] {
                    let difference = difference(&file, channels, longest);
                    assert!(
                        difference < 2.5,
                        "{factor:?} {channels:?} {restart} {longest}: {difference}"
                    );
                }
            }
        }
    }

    #[test]
    fn long_codes_are_found_as_well() {
        let file = jpeg(Channels::Gray, |encoder| {
            encoder.set_optimized_huffman_tables(true);
        });
        assert!(difference(&file, Channels::Gray, 100) < 2.5);
    }

    #[test]
    fn a_picture_that_ends_early_or_is_coded_otherwise_is_left_to_a_complete_decoder() {
        let file = jpeg(Channels::Rgb, |_| {});
        assert!(small(&file, 50).is_some());
        assert!(small(&file[..file.len() * 2 / 3], 50).is_none());
        let progressive = jpeg(Channels::Rgb, |encoder| encoder.set_progressive(true));
        assert!(small(&progressive, 50).is_none());
    }
}
