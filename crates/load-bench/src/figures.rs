//! Times in order, and what is in the middle of figures.

use std::time::Duration;

use crate::load::Answered;
use crate::plan::Task;
use crate::round::Round;
use crate::usage::Usage;

/// The figures of a round.
#[derive(Debug, Clone)]
pub(crate) struct Figures {
    /// Milliseconds that half of the requests, and all but one in a hundred, did not exceed.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) slowest: f64,
    /// The same for all but one in a hundred of each task.
    pub(crate) tasks: Vec<f64>,
    pub(crate) failed: usize,
    /// Requests that were answered well, in a second.
    pub(crate) goodput: f64,
    /// For each service: seconds of a processor for a thousand requests, MiB at most, and MiB more than before.
    pub(crate) services: Vec<(String, f64, f64, f64)>,
    /// Log lines for a thousand requests.
    pub(crate) lines: f64,
    /// Log lines in a second.
    pub(crate) lines_in_a_second: f64,
}

impl Figures {
    pub(crate) fn of(round: &Round, seconds: u32) -> Self {
        let times = |wanted: &dyn Fn(&Answered) -> bool| {
            // A quick refusal is no quick answer.
            let chosen = round
                .answers
                .iter()
                .filter(|answered| answered.well && wanted(answered));
            let mut times: Vec<Duration> = chosen.map(|answered| answered.took).collect();
            times.sort();
            times
        };
        let all = times(&|_| true);
        let well = round.answers.iter().filter(|answered| answered.well).count();
        let thousands = count(round.answers.len()) / 1000.0;
        let service = |(name, before, after): &(String, Usage, Usage)| {
            let cpu = after.cpu.saturating_sub(before.cpu).as_secs_f64() / thousands;
            let grown = mib(after.resident_kib) - mib(before.resident_kib);
            (name.clone(), cpu, mib(after.peak_kib), grown)
        };
        Self {
            p50: at(&all, 50),
            p99: at(&all, 99),
            slowest: at(&all, 100),
            tasks: Task::ALL
                .iter()
                .map(|task| at(&times(&|answered| answered.task == *task), 99))
                .collect(),
            failed: round.answers.len() - well,
            goodput: count(well) / f64::from(seconds),
            services: round.services.iter().map(service).collect(),
            lines: count(round.lines) / thousands,
            lines_in_a_second: count(round.lines) / f64::from(seconds),
        }
    }

    /// Seconds of a processor for a thousand requests, of all services.
    pub(crate) fn cpu(&self) -> f64 {
        self.services.iter().map(|(_, cpu, _, _)| cpu).sum()
    }
}

/// The time in milliseconds that so many percent do not exceed.
pub(crate) fn at(sorted: &[Duration], percent: usize) -> f64 {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    let time = sorted.get(place).copied().unwrap_or_default();
    time.as_secs_f64() * 1000.0
}

/// The one in the middle, and the least and the most.
pub(crate) fn spread(values: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = |place: usize| values.get(place).copied().unwrap_or_default();
    (at(values.len() / 2), at(0), at(values.len().saturating_sub(1)))
}

fn mib(kib: u64) -> f64 {
    f64::from(u32::try_from(kib).unwrap_or(u32::MAX)) / 1024.0
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_time_that_was_seen() {
        let times: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        let written = |percent| format!("{:.0}", at(&times, percent));
        assert_eq!([50, 99, 100].map(written), ["100", "198", "200"]);
        assert_eq!(at(&[], 99).to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn the_middle_of_figures_lies_between_the_least_and_the_most() {
        assert_eq!(spread([3.0, 1.0, 2.0].into_iter()), (2.0, 1.0, 3.0));
    }
}
