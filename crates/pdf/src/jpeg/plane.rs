//! One colour of a picture, block by block.

use super::bits::Bits;
use super::header::{Component, Header, Selector};
use super::huffman::{Levels, Strides};
use super::small::Layout;
use crate::number;
use crate::raster::{self, Channels, Raster};
use crate::rendering::Size;

/// The mean of half a cosine wave, against the mean of a constant, in 256ths: how much a frequency still shows.
const ONE_WAY: i32 = 232;
const BOTH_WAYS: i32 = 210;

/// What is kept of one colour: one pixel of each block, or 2 by 2.
pub(super) struct Plane<'a> {
    dc: &'a Levels,
    ac: &'a Strides,
    steps: [i32; 5],
    /// Blocks in each unit of the scan.
    across: u32,
    down: u32,
    /// By how much it is coarser than the picture.
    coarse_x: u32,
    coarse_y: u32,
    detail: u32,
    size: Size,
    pixels: Vec<u8>,
    last_dc: i32,
}

impl<'a> Plane<'a> {
    /// `None` if its tables are missing or its sampling is out of the ordinary.
    pub(super) fn new(
        header: &'a Header,
        layout: &Layout,
        component: Component,
        selector: Selector,
    ) -> Option<Self> {
        let single = header.frame.len() == 1;
        let (across, down) = if single {
            (1, 1)
        } else {
            (component.across, component.down)
        };
        let regular = (1..=4).contains(&across)
            && (1..=4).contains(&down)
            && layout.across.is_multiple_of(across)
            && layout.down.is_multiple_of(down);
        let size = Size::new(
            layout.units_across.checked_mul(across * layout.detail)?,
            layout.units_down.checked_mul(down * layout.detail)?,
        )?;
        regular.then_some(Self {
            dc: header.dc.get(selector.dc)?.as_ref()?,
            ac: header.ac.get(selector.ac)?.as_ref()?,
            steps: *header
                .quantizers
                .get(component.quantizer)?
                .as_ref()?
                .first_chunk()?,
            across,
            down,
            coarse_x: layout.across / across,
            coarse_y: layout.down / down,
            detail: layout.detail,
            size,
            pixels: vec![0; usize::try_from(size.pixels()).ok()?],
            last_dc: 0,
        })
    }

    /// After a restart marker, blocks no longer depend on those before.
    pub(super) fn restart(&mut self) {
        self.last_dc = 0;
    }

    /// Reads the blocks of this colour in a unit of the scan.
    pub(super) fn unit(&mut self, bits: &mut Bits<'_>, unit_x: u32, unit_y: u32) -> Option<()> {
        for y in 0..self.down {
            for x in 0..self.across {
                let wave = self.block(bits)?;
                let (left, top) = (
                    (unit_x * self.across + x) * self.detail,
                    (unit_y * self.down + y) * self.detail,
                );
                if self.detail == 1 {
                    *self.row(left, top, 1)?.first_mut()? = level(self.mean());
                } else {
                    let [upper, lower] = self.pixels(wave);
                    self.row(left, top, 2)?.copy_from_slice(&upper);
                    self.row(left, top + 1, 2)?.copy_from_slice(&lower);
                }
            }
        }
        Some(())
    }

    fn row(&mut self, left: u32, top: u32, length: usize) -> Option<&mut [u8]> {
        let start = number::length(top) * number::length(self.size.width) + number::length(left);
        self.pixels.get_mut(start..start + length)
    }

    /// Reads a block. Returns its lowest frequencies, if more than its mean is kept. This is most of the work, so there
    /// is one place for it, which becomes a part of the loop over all blocks.
    #[inline]
    fn block(&mut self, bits: &mut Bits<'_>) -> Option<[i32; 5]> {
        self.last_dc = self.last_dc.wrapping_add(bits.level(self.dc)?);
        let mut wave = [0; 5];
        let mut frequency = 1_u8;
        while self.detail > 1 && frequency < 5 {
            let symbol = bits.symbol(&self.ac.codes)?;
            frequency += symbol.advance;
            match wave.get_mut(usize::from(frequency - 1)) {
                Some(slot) => *slot = bits.number(symbol.size),
                None => bits.drop(symbol.size),
            }
        }
        bits.skip_block(self.ac, frequency)?;
        Some(wave)
    }

    /// The mean of the last block, in 2048ths.
    #[inline]
    fn mean(&self) -> i32 {
        let [step, ..] = self.steps;
        self.last_dc.wrapping_mul(step).wrapping_mul(256)
    }

    /// The pixels that the lowest frequencies make of the last block.
    #[inline]
    fn pixels(&self, [_, x, y, _, both]: [i32; 5]) -> [[u8; 2]; 2] {
        let [_, step_x, step_y, _, step_both] = self.steps;
        let mean = self.mean();
        let x = x.wrapping_mul(step_x).wrapping_mul(ONE_WAY);
        let y = y.wrapping_mul(step_y).wrapping_mul(ONE_WAY);
        let both = both.wrapping_mul(step_both).wrapping_mul(BOTH_WAYS);
        let pixel =
            |x: i32, y: i32, both: i32| level(mean.wrapping_add(x).wrapping_add(y).wrapping_add(both));
        let (left, up) = (x.wrapping_neg(), y.wrapping_neg());
        let other = both.wrapping_neg();
        [
            [pixel(x, y, both), pixel(left, y, other)],
            [pixel(x, up, other), pixel(left, up, both)],
        ]
    }

    /// The part that belongs to the picture, in the size asked for.
    pub(super) fn shrink(&self, picture: Size, size: Size) -> Option<Raster> {
        let part = |length: u32, coarse: u32| f64::from(length * self.detail) / f64::from(8 * coarse);
        let part = (
            part(picture.width, self.coarse_x),
            part(picture.height, self.coarse_y),
        );
        raster::shrink(self.size, Channels::Gray, &self.pixels, Some(part), size).ok()
    }
}

/// From a sum of waves, in 2048ths, to a shade.
#[inline]
fn level(sum: i32) -> u8 {
    u8::try_from((sum.wrapping_add(1024) / 2048).saturating_add(128).clamp(0, 255)).unwrap_or_default()
}
