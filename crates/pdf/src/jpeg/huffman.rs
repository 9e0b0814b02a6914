//! Huffman tables, looked up by the next bits.

use super::bits::number;

/// Codes up to this length are found in one step.
const QUICK: u32 = 12;
const QUICK_CODES: usize = 1 << QUICK;
/// So many bits are looked at to pass over several codes, or to find a code with its number.
const WIDE: u32 = 12;
const WIDE_CODES: usize = 1 << WIDE;

/// What a code stands for. Small and aligned: it is loaded once for every code of a picture.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(4))]
pub(super) struct Symbol {
    /// Bits of the code; 0 in the quick part of the table for a code that is longer.
    pub(super) length: u8,
    /// Bits of the number that follows the code.
    pub(super) size: u8,
    /// Bits of both.
    pub(super) bits: u8,
    /// By how many frequencies it goes on, the number's own included; [`Symbol::END`] for the end of the block.
    pub(super) advance: u8,
}

impl Symbol {
    /// Further than any frequency.
    pub(super) const END: u8 = 64;

    fn new(length: u8, value: u8) -> Self {
        let (zeros, size) = (value >> 4, value & 15);
        let advance = if size == 0 && zeros < 15 {
            Self::END
        } else {
            zeros + 1
        };
        Self {
            length,
            size,
            bits: length + size,
            advance,
        }
    }
}

/// Several codes at once, passed over together.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(4))]
pub(super) struct Stride {
    /// Bits of the codes and their numbers.
    pub(super) bits: u8,
    /// By how many frequencies they go on, the end of the block not counted; [`Symbol::END`] if not even one fits.
    pub(super) advance: u8,
    /// The last of them ends the block.
    pub(super) ends: bool,
}

/// A code and its number.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Level {
    /// Bits of both; 0 if they do not fit.
    pub(super) bits: u8,
    pub(super) value: i16,
}

/// A table of codes.
#[derive(Debug)]
pub(super) struct Table {
    /// For the next [`QUICK`] bits.
    quick: Box<[Symbol; QUICK_CODES]>,
    /// For every length: the first code that is longer, left-aligned in 16 bits, and what to add to a code of this
    /// length to find its symbol.
    limits: [(u32, i64); 17],
    symbols: Vec<u8>,
}

impl Table {
    /// `None` if there are more codes than bits for them.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let quick = Box::new([Symbol::default(); QUICK_CODES]);
        let mut table = Self {
            quick,
            limits: [(0, 0); 17],
            symbols: symbols.to_vec(),
        };
        let mut code = 0_u32;
        let mut first = 0_u32;
        for (length, count) in (1_u8..).zip(counts) {
            let bits = u32::from(length);
            let offset = i64::from(first) - i64::from(code);
            for _ in 0..*count {
                if code >= 1 << bits {
                    return None;
                }
                if bits <= QUICK {
                    table.fill(code, length, first)?;
                }
                code += 1;
                first += 1;
            }
            *table.limits.get_mut(usize::from(length))? = (code << (16 - bits), offset);
            code <<= 1;
        }
        Some(table)
    }

    fn fill(&mut self, code: u32, length: u8, place: u32) -> Option<()> {
        let symbol = Symbol::new(length, *self.symbols.get(usize::try_from(place).ok()?)?);
        let spread = QUICK - u32::from(length);
        let start = usize::try_from(code << spread).ok()?;
        self.quick.get_mut(start..start + (1 << spread))?.fill(symbol);
        Some(())
    }

    /// The symbol at the beginning of these 16 bits.
    #[inline]
    pub(super) fn find(&self, bits: u16) -> Option<Symbol> {
        let symbol = *self.quick.get(usize::from(bits >> (16 - QUICK)))?;
        if symbol.length > 0 {
            Some(symbol)
        } else {
            self.find_long(bits)
        }
    }

    #[cold]
    fn find_long(&self, bits: u16) -> Option<Symbol> {
        let mut lengths = (0_u8..).zip(&self.limits).skip(1);
        let (length, (_, offset)) = lengths.find(|(_, (limit, _))| u32::from(bits) < *limit)?;
        let code = i64::from(bits >> (16 - u32::from(length)));
        self.symbols
            .get(usize::try_from(code + offset).ok()?)
            .map(|value| Symbol::new(length, *value))
    }
}

/// The codes of the higher frequencies of blocks.
#[derive(Debug)]
pub(super) struct Strides {
    pub(super) codes: Table,
    /// For the next [`WIDE`] bits.
    wide: Box<[Stride; WIDE_CODES]>,
}

impl Strides {
    /// Works out for every beginning how far its codes lead.
    pub(super) fn new(codes: Table) -> Self {
        let mut wide = Box::new([Stride::default(); WIDE_CODES]);
        for (start, stride) in (0_u16..).zip(wide.iter_mut()) {
            *stride = stride_of(&codes, start << (16 - WIDE));
        }
        Self { codes, wide }
    }

    /// How far the codes at the beginning of these 16 bits lead.
    #[inline]
    pub(super) fn find(&self, bits: u16) -> Stride {
        let stride = self.wide.get(usize::from(bits >> (16 - WIDE)));
        stride.copied().unwrap_or_default()
    }
}

fn stride_of(codes: &Table, bits: u16) -> Stride {
    let mut stride = Stride::default();
    while u32::from(stride.bits) < WIDE {
        let Some(symbol) = codes.find(bits << stride.bits) else {
            break;
        };
        let enough = u32::from(stride.bits + symbol.bits) <= WIDE;
        if !enough || (symbol.advance != Symbol::END && stride.advance + symbol.advance >= Symbol::END) {
            break;
        }
        stride.bits += symbol.bits;
        if symbol.advance == Symbol::END {
            stride.ends = true;
            break;
        }
        stride.advance += symbol.advance;
    }
    if stride.bits == 0 {
        stride.advance = Symbol::END;
    }
    stride
}

/// The codes of the means of blocks.
#[derive(Debug)]
pub(super) struct Levels {
    pub(super) codes: Table,
    /// For the next [`WIDE`] bits.
    wide: Box<[Level; WIDE_CODES]>,
}

impl Levels {
    /// Works out for every beginning what number it is.
    pub(super) fn new(codes: Table) -> Self {
        let mut wide = Box::new([Level::default(); WIDE_CODES]);
        for (start, level) in (0_u16..).zip(wide.iter_mut()) {
            *level = level_of(&codes, start << (16 - WIDE)).unwrap_or_default();
        }
        Self { codes, wide }
    }

    /// The code and the number at the beginning of these 16 bits.
    #[inline]
    pub(super) fn find(&self, bits: u16) -> Level {
        let level = self.wide.get(usize::from(bits >> (16 - WIDE)));
        level.copied().unwrap_or_default()
    }
}

fn level_of(codes: &Table, bits: u16) -> Option<Level> {
    let symbol = codes.find(bits).filter(|symbol| u32::from(symbol.bits) <= WIDE)?;
    let value = number(bits << symbol.length, symbol.size);
    Some(Level {
        bits: symbol.bits,
        value: i16::try_from(value).ok()?,
    })
}
