//! The bits of a scan.

use super::huffman::{Levels, Strides, Symbol, Table};

/// Zeros behind the data, so that whole words can be read to its end.
const PADDING: usize = 16;
/// So many strides find bits enough without filling up.
const STRIDES: usize = 4;

/// Takes out the zeros that follow every 0xFF of the data, up to the next marker. Returns the data, padded, and what
/// follows.
pub(super) fn unstuffed(coded: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut data = Vec::with_capacity(coded.len() + PADDING);
    let mut rest = coded;
    let after = loop {
        let Some(place) = memchr::memchr(0xff, rest) else {
            data.extend_from_slice(rest);
            break &[][..];
        };
        let (before, from) = rest.split_at(place);
        data.extend_from_slice(before);
        match from {
            [_, 0, further @ ..] => {
                data.push(0xff);
                rest = further;
            }
            _ => break from,
        }
    };
    data.extend_from_slice(&[0; PADDING]);
    (data, after)
}

/// Reads bits from the highest on. Past the end it goes on with zeros and knows it.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    /// The next byte to be taken into the buffer.
    next: usize,
    /// The next bits, left-aligned.
    buffer: u64,
    count: usize,
}

impl<'a> Bits<'a> {
    /// Of data that [`unstuffed`] has made.
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self {
            data,
            next: 0,
            buffer: 0,
            count: 0,
        }
    }

    /// Whether more bits were taken than there were.
    pub(super) fn overrun(&self) -> bool {
        let real = self.data.len().saturating_sub(PADDING);
        self.next.saturating_mul(8).saturating_sub(self.count) > real.saturating_mul(8)
    }

    /// Takes a code. Its number can follow at once: there are bits enough for both.
    #[inline]
    pub(super) fn symbol(&mut self, table: &Table) -> Option<Symbol> {
        self.fill();
        let symbol = table.find(self.peek())?;
        self.drop(symbol.length);
        Some(symbol)
    }

    /// Passes over what is left of a block, from a frequency on.
    #[inline]
    pub(super) fn skip_block(&mut self, table: &Strides, mut frequency: u8) -> Option<()> {
        while frequency < Symbol::END {
            self.fill();
            for _ in 0..STRIDES {
                let stride = table.find(self.peek());
                let next = frequency + stride.advance;
                if next >= Symbol::END {
                    // A code that is too long for a stride, or the block ends in the middle of one.
                    self.fill();
                    let symbol = table.codes.find(self.peek())?;
                    self.drop(symbol.bits);
                    frequency += symbol.advance;
                    break;
                }
                self.drop(stride.bits);
                frequency = next;
                if stride.ends {
                    return Some(());
                }
            }
        }
        Some(())
    }

    /// Takes a code with its number: by how much a block is lighter than the one before.
    #[inline]
    pub(super) fn level(&mut self, table: &Levels) -> Option<i32> {
        self.fill();
        let level = table.find(self.peek());
        if level.bits > 0 {
            self.drop(level.bits);
            return Some(i32::from(level.value));
        }
        let symbol = table.codes.find(self.peek())?;
        self.drop(symbol.length);
        Some(self.number(symbol.size))
    }

    /// A signed number of up to 15 bits, as JPEG writes it.
    #[inline]
    pub(super) fn number(&mut self, size: u8) -> i32 {
        let number = number(self.peek(), size);
        self.drop(size);
        number
    }

    /// Passes over bits.
    #[inline]
    pub(super) fn drop(&mut self, bits: u8) {
        self.buffer <<= bits;
        self.count = self.count.saturating_sub(usize::from(bits));
    }

    #[inline]
    fn peek(&self) -> u16 {
        u16::try_from(self.buffer >> 48).unwrap_or_default()
    }

    /// Makes sure of 56 bits: more than any code with its number. Whole bytes are counted as taken; the bits of the
    /// next one that were read as well will be read again.
    #[inline]
    fn fill(&mut self) {
        if let Some(word) = self
            .data
            .get(self.next..)
            .and_then(|ahead| ahead.first_chunk::<8>())
        {
            self.buffer |= u64::from_be_bytes(*word) >> self.count;
            self.next += (63 - self.count) / 8;
            self.count |= 0b11_1000;
        }
    }
}

/// The number of up to 15 bits at the beginning of these 16.
#[inline]
pub(super) fn number(bits: u16, size: u8) -> i32 {
    let raw = i32::from(bits).wrapping_shr(16 - u32::from(size));
    let half = (1 << size) >> 1;
    if raw < half { raw - 2 * half + 1 } else { raw }
}
