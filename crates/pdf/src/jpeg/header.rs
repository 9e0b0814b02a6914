//! The segments of a JPEG in front of its first scan.

use super::huffman::{Levels, Strides, Table};
use crate::number;
use crate::rendering::Size;

/// One colour of a picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Component {
    pub(super) id: u8,
    pub(super) across: u32,
    pub(super) down: u32,
    pub(super) quantizer: usize,
}

/// A component's place in the first scan, with its tables.
#[derive(Debug, Clone, Copy)]
pub(super) struct Selector {
    pub(super) id: u8,
    pub(super) dc: usize,
    pub(super) ac: usize,
}

/// A segment: its marker and its place in the file.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub(super) marker: u8,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What is known of a picture before its first scan.
#[derive(Debug, Default)]
pub(crate) struct Header {
    size: Option<Size>,
    precision: u8,
    /// Coded block by block from top to bottom with Huffman tables.
    pub(super) sequential: bool,
    /// Coded in refining passes.
    progressive: bool,
    adobe_transform: Option<u8>,
    pub(super) frame: Vec<Component>,
    pub(super) selectors: Vec<Selector>,
    pub(super) quantizers: [Option<[i32; 64]>; 4],
    pub(super) dc: [Option<Levels>; 4],
    pub(super) ac: [Option<Strides>; 4],
    pub(super) restart_interval: u32,
    pub(super) segments: Vec<Segment>,
}

impl Header {
    /// Reads up to the first scan. `None` if the file is not a JPEG or ends before.
    pub(crate) fn read(file: &[u8]) -> Option<Self> {
        let mut header = Self::default();
        if !file.starts_with(&[0xff, 0xd8]) {
            return None;
        }
        let mut start = 2;
        loop {
            let &[0xff, marker] = file.get(start..)?.first_chunk::<2>()? else {
                return None;
            };
            match marker {
                0xff => start += 1,
                0x01 | 0xd0..=0xd7 => start += 2,
                _ => {
                    let length = file.get(start + 2..)?.first_chunk::<2>()?;
                    let end = start + 2 + usize::from(u16::from_be_bytes(*length));
                    header.segments.push(Segment { marker, start, end });
                    header.segment(marker, file.get(start + 4..end)?)?;
                    if marker == 0xda {
                        return header.size.is_some().then_some(header);
                    }
                    start = end;
                }
            }
        }
    }

    /// Width and height in pixels.
    pub(crate) fn size(&self) -> Size {
        self.size.unwrap_or(Size::PIXEL)
    }

    /// How many colours.
    pub(crate) fn components(&self) -> usize {
        self.frame.len()
    }

    /// Whether browsers show it as the standard of PDF asks for: gray, or three colours that are clearly not RGB.
    pub(crate) fn is_shown_alike(&self) -> bool {
        let ids: Vec<u8> = self.frame.iter().map(|component| component.id).collect();
        let colours = match ids.as_slice() {
            [_] => true,
            [b'R', b'G', b'B'] => false,
            [_, _, _] => matches!(self.adobe_transform, None | Some(1)),
            _ => false,
        };
        colours && self.precision == 8 && (self.sequential || self.progressive)
    }

    /// Where the data of the first scan begins.
    pub(super) fn scan_start(&self) -> Option<usize> {
        self.segments.last().map(|segment| segment.end)
    }

    fn segment(&mut self, marker: u8, body: &[u8]) -> Option<()> {
        match marker {
            0xc0..=0xc2 => {
                self.sequential = marker != 0xc2;
                self.progressive = marker == 0xc2;
                self.frame(body)
            }
            0xc4 => self.huffman_tables(body),
            0xda => self.scan(body),
            0xdb => self.quantizers(body),
            0xdd => {
                self.restart_interval = u32::from(u16::from_be_bytes(*body.first_chunk::<2>()?));
                Some(())
            }
            0xee if body.starts_with(b"Adobe") => {
                self.adobe_transform = body.get(11).copied();
                Some(())
            }
            // Lossless, hierarchical or arithmetic.
            0xc3 | 0xc5..=0xcf => None,
            _ => Some(()),
        }
    }

    fn frame(&mut self, body: &[u8]) -> Option<()> {
        let (&[precision, h1, h0, w1, w0, count], components) = body.split_first_chunk::<6>()?;
        if self.size.is_some() {
            return None;
        }
        let side = |high, low| u32::from(u16::from_be_bytes([high, low]));
        self.size = Size::new(side(w1, w0), side(h1, h0));
        self.precision = precision;
        let (components, rest) = components.as_chunks::<3>();
        self.frame = components
            .iter()
            .map(|[id, sampling, quantizer]| Component {
                id: *id,
                across: u32::from(sampling >> 4),
                down: u32::from(sampling & 15),
                quantizer: usize::from(*quantizer),
            })
            .collect();
        (rest.is_empty() && self.frame.len() == usize::from(count) && self.size.is_some()).then_some(())
    }

    fn scan(&mut self, body: &[u8]) -> Option<()> {
        let (count, rest) = body.split_first()?;
        let (selectors, _spectrum) = rest.split_at_checked(2 * usize::from(*count))?;
        self.selectors = selectors
            .as_chunks::<2>()
            .0
            .iter()
            .map(|[id, tables]| Selector {
                id: *id,
                dc: usize::from(tables >> 4),
                ac: usize::from(tables & 15),
            })
            .collect();
        Some(())
    }

    fn quantizers(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((kind, rest)) = body.split_first() {
            let slot = self.quantizers.get_mut(usize::from(kind & 15))?;
            let mut steps = [0; 64];
            if kind >> 4 == 0 {
                let (values, rest) = rest.split_first_chunk::<64>()?;
                steps
                    .iter_mut()
                    .zip(values)
                    .for_each(|(step, value)| *step = i32::from(*value));
                body = rest;
            } else {
                let (values, rest) = rest.split_first_chunk::<128>()?;
                let pairs = values.as_chunks::<2>().0;
                steps
                    .iter_mut()
                    .zip(pairs)
                    .for_each(|(step, pair)| *step = i32::from(u16::from_be_bytes(*pair)));
                body = rest;
            }
            *slot = Some(steps);
        }
        Some(())
    }

    fn huffman_tables(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((kind, rest)) = body.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>()?;
            let total = counts.iter().map(|count| u32::from(*count)).sum();
            let (symbols, rest) = rest.split_at_checked(number::length(total))?;
            let (codes, slot) = (Table::new(counts, symbols)?, usize::from(kind & 15));
            if kind >> 4 == 0 {
                *self.dc.get_mut(slot)? = Some(Levels::new(codes));
            } else {
                *self.ac.get_mut(slot)? = Some(Strides::new(codes));
            }
            body = rest;
        }
        Some(())
    }
}
