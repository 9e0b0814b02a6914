//! What the scores of an exam look like together. All arithmetic is exact: whole quarters in, decimal numbers with two
//! places out, half of the last place rounded up.
//!
//! Only the frozen scores of graded copies count, and nothing says who wrote or who corrected what, or when.

use std::fmt;

use crate::points::Points;

/// A decimal number with two places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(i128);

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let number = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", number / 100, number % 100)
    }
}

/// One of the three numbers that cut a lot into four parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quartile {
    /// A quarter of the copies has less.
    Lower,
    /// Half of the copies has less: the median.
    Middle,
    /// A quarter of the copies has more.
    Upper,
}

/// The scores of a lot of graded copies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scores {
    sorted: Vec<i128>,
    sum: i128,
    squares: i128,
}

/// What the copies of a lot were given for one question, in quarters. A copy without points for it has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Given {
    /// Together.
    pub sum: i64,
    /// The squares, together.
    pub squares: i64,
    /// Each multiplied by the score of its copy, together.
    pub products: i64,
}

impl Scores {
    /// Of these copies.
    #[must_use]
    pub fn of(scores: impl IntoIterator<Item = Points>) -> Self {
        let quarters = scores.into_iter().map(|score| i128::from(score.quarters()));
        let mut sorted: Vec<i128> = quarters.collect();
        sorted.sort_unstable();
        Self {
            sum: sorted.iter().sum(),
            squares: sorted.iter().map(|score| score * score).sum(),
            sorted,
        }
    }

    /// How many copies there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.sorted.len()
    }

    /// The mean; `None` without copies, as everything here.
    #[must_use]
    pub fn mean(&self) -> Option<Decimal> {
        rounded(self.sum * 25, self.number())
    }

    /// How far scores are from the mean: the standard deviation of these copies, not an estimate for others.
    #[must_use]
    pub fn deviation(&self) -> Option<Decimal> {
        let (number, spread) = (self.number(), self.spread());
        // The largest h with (2h - 1) * number <= 50 * sqrt(spread).
        let steps = (2500 * spread).isqrt().checked_div(number)?;
        Some(Decimal((steps + 1) / 2))
    }

    /// A quartile, between two copies where it does not fall on one.
    #[must_use]
    pub fn quartile(&self, quartile: Quartile) -> Option<Decimal> {
        let parts = match quartile {
            Quartile::Lower => 1,
            Quartile::Middle => 2,
            Quartile::Upper => 3,
        };
        let place = self.count().checked_sub(1)? * parts;
        let below = self.sorted.get(place / 4)?;
        let above = self.sorted.get(place.div_ceil(4))?;
        let beyond = i128::try_from(place % 4).ok()?;
        rounded((below * (4 - beyond) + above * beyond) * 25, 4)
    }

    /// The lowest and the highest score.
    #[must_use]
    pub fn range(&self) -> Option<(Decimal, Decimal)> {
        let decimal = |score: &i128| Decimal(score * 25);
        Some((decimal(self.sorted.first()?), decimal(self.sorted.last()?)))
    }

    /// How many copies have from zero to less than one point, from one to less than two, and so on; the last number is
    /// of those that have from there to the maximum.
    #[must_use]
    pub fn histogram(&self, max: Points) -> Vec<u32> {
        let bins = usize::try_from(max.quarters())
            .unwrap_or_default()
            .div_ceil(4)
            .max(1);
        let mut histogram = vec![0; bins];
        for score in &self.sorted {
            let bin = usize::try_from(score / 4).unwrap_or_default().min(bins - 1);
            if let Some(count) = histogram.get_mut(bin) {
                *count += 1;
            }
        }
        histogram
    }

    /// The mean of a question.
    #[must_use]
    pub fn mean_of(&self, given: Given) -> Option<Decimal> {
        rounded(i128::from(given.sum) * 25, self.number())
    }

    /// Which part of its points a question brought: 1.00 is as easy as can be.
    #[must_use]
    pub fn difficulty_of(&self, given: Given, max: Points) -> Option<Decimal> {
        let most = i128::from(max.quarters()) * self.number();
        rounded(i128::from(given.sum) * 100, most)
    }

    /// Whether those who did well elsewhere did well in the question: the correlation of its points with the rest of the
    /// score (the point-biserial one, where a question is right or wrong). Not defined where all have the same.
    #[must_use]
    pub fn discrimination_of(&self, given: Given) -> Option<Decimal> {
        let [sum, squares, products] = [given.sum, given.squares, given.products].map(i128::from);
        let number = self.number();
        let rest = self.sum - sum;
        let rest_squares = self.squares - 2 * products + squares;
        let together = number * (products - squares) - sum * rest;
        let spreads = (number * squares - sum * sum).checked_mul(number * rest_squares - rest * rest)?;
        // The largest h with (2h - 1)^2 <= (200 * together)^2 / spreads.
        let square = together.checked_mul(together)?.checked_mul(40_000)?;
        // Sums that were read while a copy was graded do not fit together, and then there is nothing to be told.
        let ratio = square.checked_div(spreads).filter(|ratio| *ratio >= 0)?;
        let hundredths = (ratio.isqrt() + 1) / 2;
        Some(Decimal(hundredths * together.signum()))
    }

    fn number(&self) -> i128 {
        i128::try_from(self.count()).unwrap_or(i128::MAX)
    }

    /// The number of copies squared times the variance.
    fn spread(&self) -> i128 {
        self.number() * self.squares - self.sum * self.sum
    }
}

/// So many hundredths, half rounded up. What is counted here is never below zero.
fn rounded(numerator: i128, denominator: i128) -> Option<Decimal> {
    (2 * numerator + denominator)
        .checked_div(2 * denominator)
        .map(Decimal)
}

#[cfg(test)]
#[path = "statistics/tests.rs"]
mod tests;
