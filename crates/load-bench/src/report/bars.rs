//! What is asked of telemetry, and whether this run keeps it.

use std::fmt::Write as _;

use super::{has, middle, yes_or_no};
use crate::figures::Figures;
use crate::mode::Mode;

/// By how many milliseconds telemetry may move the time that all but one in a hundred requests keep.
pub(super) const SLOWER: f64 = 5.0;
/// By how many MiB a collector that does not listen may make a service larger than one that does.
const LARGER: f64 = 10.0;
/// How many log lines in a second, of all services, a collector that does not listen may cost.
const LOUDER: f64 = 1.0;

/// What is asked for, what was found, and whether that is kept: nothing of a way of telling whose peer was not measured.
pub(super) fn kept(modes: &[Mode], rounds: &[(Mode, Figures)]) -> String {
    let mut text = String::from("\n| asked for | found | kept |\n|---|---|---|\n");
    let mut row = |mode: Mode, asked: String, found: f64, unit: &str, bound: f64| {
        let (mode, kept) = (mode.name(), yes_or_no(found < bound));
        _ = writeln!(text, "| {mode}: {asked} | {found:.1} {unit} | {kept} |");
    };
    for mode in modes.iter().copied().filter(|mode| *mode != Mode::Off) {
        if has(rounds, Mode::Off) {
            let more = more(rounds, (mode, Mode::Off), |figures| figures.p99);
            let asked = format!("the p99 is less than {SLOWER} ms above that of off");
            row(mode, asked, more, "ms", SLOWER);
        }
        if mode != Mode::On && has(rounds, Mode::On) {
            let asked =
                format!("no service has {LARGER} MiB more at most than with a collector that answers");
            row(mode, asked, larger(rounds, mode), "MiB", LARGER);
            let asked =
                format!("less than {LOUDER} log line in a second more than with a collector that answers");
            let louder = more(rounds, (mode, Mode::On), |figures| figures.lines_in_a_second);
            row(mode, asked, louder, "lines", LOUDER);
        }
    }
    text
}

/// By how much a figure of one way of telling is above that of another.
fn more(rounds: &[(Mode, Figures)], (mode, peer): (Mode, Mode), figure: impl Fn(&Figures) -> f64) -> f64 {
    middle(rounds, mode, &figure) - middle(rounds, peer, &figure)
}

/// By how many MiB the service that has grown most is larger than with a collector that answers.
fn larger(rounds: &[(Mode, Figures)], mode: Mode) -> f64 {
    let services = rounds.iter().map(|(_, figures)| figures.services.len());
    let larger = (0..services.max().unwrap_or_default()).map(|place| {
        more(rounds, (mode, Mode::On), |figures| {
            figures.services.get(place).map_or(0.0, |(_, _, peak, _)| *peak)
        })
    });
    larger.fold(f64::NEG_INFINITY, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(p99: f64, peak: f64, lines: f64) -> Figures {
        Figures {
            p50: 1.0,
            p99,
            slowest: p99,
            tasks: Vec::new(),
            failed: 0,
            goodput: 100.0,
            services: vec![("grading".to_owned(), 1.0, peak, 0.0)],
            lines: 10.0 * lines,
            lines_in_a_second: lines,
        }
    }

    #[test]
    fn each_way_of_telling_is_held_against_its_peer_of_the_same_run() {
        let rounds = [
            (Mode::Off, figures(40.0, 60.0, 0.0)),
            (Mode::On, figures(44.9, 70.0, 140.0)),
            (Mode::BlackHole, figures(45.0, 81.0, 140.5)),
        ];
        let said = kept(&[Mode::Off, Mode::On, Mode::BlackHole], &rounds);
        let ends = |text: &str| said.lines().filter(|line| line.ends_with(text)).count();
        assert_eq!(said.lines().count(), 7, "{said}");
        assert_eq!(ends("| 4.9 ms | yes |"), 1, "{said}");
        assert_eq!(ends("| 5.0 ms | **no** |"), 1, "{said}");
        assert_eq!(ends("| 11.0 MiB | **no** |"), 1, "{said}");
        assert_eq!(ends("| 0.5 lines | yes |"), 1, "{said}");
        assert_eq!(kept(&[Mode::On], &rounds[1..2]).lines().count(), 3);
    }
}
