//! A sheet of paper in pixels: lines are drawn on it with soft edges, then it is scanned.

use super::number::{coordinate, pixel, shade};
use super::random::Random;

/// A colour, and how much of the paper it lets through.
pub(super) type Ink = [f32; 3];

/// A point on the canvas, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) x: f32,
    pub(super) y: f32,
}

const PAPER: [u8; 3] = [250, 248, 241];

/// RGB pixels, row by row.
#[derive(Debug)]
pub(super) struct Canvas {
    pub(super) width: usize,
    pub(super) height: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            pixels: PAPER.repeat(width * height),
        }
    }

    /// Draws a line with round ends. Ink darkens what is below it.
    pub(super) fn line(&mut self, from: Point, to: Point, thickness: f32, ink: Ink) {
        let reach = thickness / 2.0 + 1.0;
        let top = pixel(from.y.min(to.y) - reach);
        let bottom = pixel(from.y.max(to.y) + reach + 1.0).min(self.height);
        let along = Point {
            x: to.x - from.x,
            y: to.y - from.y,
        };
        let length = (along.x * along.x + along.y * along.y).max(1e-6);
        for row in top..bottom {
            let y = coordinate(row) + 0.5;
            let (start, end) = span(from, to, y, reach);
            let first = (row * self.width + pixel(start).min(self.width)) * 3;
            let last = (row * self.width + pixel(end).min(self.width)) * 3;
            let Some(pixels) = self.pixels.get_mut(first..last.max(first)) else {
                continue;
            };
            let mut x = coordinate(pixel(start)) + 0.5;
            for pixel in pixels.as_chunks_mut::<3>().0 {
                let along_line = ((x - from.x) * along.x + (y - from.y) * along.y) / length;
                let near = along_line.clamp(0.0, 1.0);
                let (dx, dy) = (x - from.x - near * along.x, y - from.y - near * along.y);
                let cover = (thickness / 2.0 + 0.5 - (dx * dx + dy * dy).sqrt()).clamp(0.0, 1.0);
                if cover > 0.0 {
                    soak(pixel, ink, cover);
                }
                x += 1.0;
            }
        }
    }

    /// Adds what a scanner adds: a shadow at the spine, uneven light, and the grain of the paper.
    pub(super) fn scanned(mut self, random: &mut Random) -> Vec<u8> {
        let grain: Vec<i16> = (0..8191).map(|_| grain(random.bits())).collect();
        let shadow: Vec<i16> = (0..self.width)
            .map(|x| shadow(coordinate(x) / coordinate(self.width)))
            .collect();
        let mut start = 0;
        for row in self.pixels.chunks_exact_mut(self.width * 3) {
            start = (start + pixel(random.unit() * 8191.0)) % grain.len();
            let grains = grain.iter().cycle().skip(start);
            for ((pixel, dark), grain) in row.as_chunks_mut::<3>().0.iter_mut().zip(&shadow).zip(grains) {
                let change = grain - dark;
                for channel in pixel {
                    *channel = u8::try_from((i16::from(*channel) + change).clamp(0, 255)).unwrap_or(u8::MAX);
                }
            }
        }
        self.pixels
    }
}

/// Which part of a row a line can touch.
fn span(from: Point, to: Point, y: f32, reach: f32) -> (f32, f32) {
    let rise = to.y - from.y;
    if rise.abs() < 1.0 {
        return (from.x.min(to.x) - reach, from.x.max(to.x) + reach + 1.0);
    }
    let slope = (to.x - from.x) / rise;
    let margin = reach * (1.0 + slope.abs());
    let x = from.x + (y.clamp(from.y.min(to.y), from.y.max(to.y)) - from.y) * slope;
    (x - margin, x + margin + 1.0)
}

fn soak(pixel: &mut [u8; 3], ink: Ink, cover: f32) {
    for (channel, ink) in pixel.iter_mut().zip(ink) {
        *channel = shade(f32::from(*channel) * (1.0 - cover * (1.0 - ink)));
    }
}

/// A bell-shaped step of brightness from random bits.
fn grain(bits: u64) -> i16 {
    let [first, second, third, ..] = bits.to_le_bytes();
    (i16::from(first & 7) + i16::from(second & 7) + i16::from(third & 7) - 10) / 3
}

fn shadow(x: f32) -> i16 {
    let spine = 40.0 * (-x / 0.006).exp();
    let light = 12.0 * (x - 0.45) * (x - 0.45);
    i16::from(shade(spine + light))
}
