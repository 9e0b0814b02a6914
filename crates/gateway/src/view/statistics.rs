//! What the graded copies of an exam were given, all together.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::job::some;

/// The figures of an exam.
#[derive(Serialize, ToSchema)]
pub(crate) struct Statistics {
    /// The most that can be scored.
    max: String,
    /// Of all graded copies.
    all: Lot,
    /// Of the caller's own; null if they were given none.
    #[schema(required = true)]
    own: Option<Lot>,
}

/// The figures of a lot of graded copies: decimal numbers with two places, null while there is no copy.
#[derive(Serialize, ToSchema)]
pub(crate) struct Lot {
    /// How many copies count.
    graded: u32,
    #[schema(required = true)]
    mean: Option<String>,
    #[schema(required = true)]
    median: Option<String>,
    /// The standard deviation of these copies.
    #[schema(required = true)]
    deviation: Option<String>,
    /// Between two copies where it does not fall on one.
    #[schema(required = true)]
    lower_quartile: Option<String>,
    /// Between two copies where it does not fall on one.
    #[schema(required = true)]
    upper_quartile: Option<String>,
    #[schema(required = true)]
    lowest: Option<String>,
    #[schema(required = true)]
    highest: Option<String>,
    /// How many copies have from 0 to less than 1 point, from 1 to less than 2, and so on; the last number includes the maximum.
    histogram: Vec<u32>,
    /// In the order of the marking scheme.
    questions: Vec<QuestionFigures>,
}

/// The figures of a question, of what correctors gave: change sets are in scores only. A copy without points for it counts
/// as zero.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuestionFigures {
    question_id: String,
    max_points: String,
    #[schema(required = true)]
    mean: Option<String>,
    /// Which part of its points it brought: from 0.00 to 1.00, which is easy.
    #[schema(required = true)]
    difficulty: Option<String>,
    /// From -1.00 to 1.00: the correlation of its points with the rest of the score (point-biserial, where it is right or
    /// wrong). Null where all copies have the same.
    #[schema(required = true)]
    discrimination: Option<String>,
}

impl From<pb::Statistics> for Statistics {
    fn from(statistics: pb::Statistics) -> Self {
        Self {
            max: statistics.max,
            all: statistics.all.unwrap_or_default().into(),
            own: statistics.own.map(Into::into),
        }
    }
}

impl From<pb::LotStatistics> for Lot {
    fn from(lot: pb::LotStatistics) -> Self {
        Self {
            graded: lot.graded,
            mean: some(lot.mean),
            median: some(lot.median),
            deviation: some(lot.deviation),
            lower_quartile: some(lot.lower_quartile),
            upper_quartile: some(lot.upper_quartile),
            lowest: some(lot.lowest),
            highest: some(lot.highest),
            histogram: lot.histogram,
            questions: lot.questions.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<pb::QuestionStatistics> for QuestionFigures {
    fn from(question: pb::QuestionStatistics) -> Self {
        Self {
            question_id: question.question_id,
            max_points: question.max_points,
            mean: some(question.mean),
            difficulty: some(question.difficulty),
            discrimination: some(question.discrimination),
        }
    }
}
