//! Which request is due when. Everything is known before the first one is sent.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    /// Reads a copy.
    Read,
    /// Sets the points of a question.
    Score,
    /// Writes an annotation.
    Annotate,
}

impl Task {
    pub(crate) const ALL: [Self; 3] = [Self::Read, Self::Score, Self::Annotate];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Read => "GET a copy",
            Self::Score => "PUT points",
            Self::Annotate => "POST an annotation",
        }
    }
}

/// How many of a hundred requests do what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mix {
    read: u32,
    score: u32,
    annotate: u32,
}

impl Mix {
    /// What the request of this number of a hundred does.
    fn task(self, number: u32) -> Task {
        if number < self.read {
            Task::Read
        } else if number < self.read + self.score {
            Task::Score
        } else {
            Task::Annotate
        }
    }
}

impl std::fmt::Display for Mix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            read,
            score,
            annotate,
        } = self;
        write!(
            f,
            "{read} % read a copy, {score} % set points, {annotate} % write an annotation"
        )
    }
}

impl FromStr for Mix {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let shares: Result<Vec<u32>, _> = text.split(',').map(str::parse).collect();
        let shares = shares.context("expected three numbers: 60,20,20")?;
        let &[read, score, annotate] = shares.as_slice() else {
            anyhow::bail!("expected three numbers: 60,20,20");
        };
        let sum = [read, score, annotate]
            .iter()
            .try_fold(0_u32, |sum, share| sum.checked_add(*share));
        ensure!(sum == Some(100), "the three numbers are not 100 together");
        Ok(Self {
            read,
            score,
            annotate,
        })
    }
}

/// A request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) at: Duration,
    pub(crate) task: Task,
    /// Which copy it is about.
    pub(crate) copy: usize,
}

/// The requests of so many seconds, independent of each other as those of people are.
pub(crate) fn plan(rate: u32, seconds: u32, mix: Mix, copies: usize, seed: u64) -> Vec<Due> {
    let mut random = StdRng::seed_from_u64(seed);
    let length = Duration::from_secs(seconds.into());
    let count = u64::from(rate) * u64::from(seconds);
    let due = (0..count).map(|_| Due {
        at: length.mul_f64(random.random_range(0.0..1.0)),
        task: mix.task(random.random_range(0..100)),
        copy: random.random_range(0..copies.max(1)),
    });
    let mut plan: Vec<Due> = due.collect();
    plan.sort_by_key(|due| due.at);
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_the_same_every_time_and_has_what_was_asked_for() {
        let mix: Mix = "60,20,20".parse().unwrap();
        let first = plan(50, 20, mix, 4, 1);
        assert_eq!(first, plan(50, 20, mix, 4, 1));
        assert_ne!(first, plan(50, 20, mix, 4, 2));
        assert_eq!(first.len(), 1000);
        assert!(first.is_sorted_by_key(|due| due.at));
        assert!(
            first
                .iter()
                .all(|due| due.at < Duration::from_secs(20) && due.copy < 4)
        );
        let reads = first.iter().filter(|due| due.task == Task::Read).count();
        assert!((540..660).contains(&reads), "{reads}");
    }

    #[test]
    fn a_mix_is_three_parts_of_a_hundred() {
        assert!("0,0,100".parse::<Mix>().is_ok());
        for refused in [
            "",
            "100",
            "60,20",
            "60,20,10",
            "60,20,20,0",
            "a,b,c",
            "4294967295,1,0",
        ] {
            assert!(refused.parse::<Mix>().is_err(), "{refused}");
        }
    }
}
