//! Chance that is the same every time (the `SplitMix64` generator).

use super::number;

/// A sequence that follows from its seed.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bf0_3635)
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to but not including 1.
    pub(super) fn unit(&mut self) -> f32 {
        f32::from(u16::try_from(self.bits() >> 48).unwrap_or_default()) / 65_536.0
    }

    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    pub(super) fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// One of several; the empty string stands for nothing.
    pub(super) fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        let place = number::pixel(self.unit() * number::coordinate(choices.len()));
        choices.get(place).copied().unwrap_or_default()
    }
}
