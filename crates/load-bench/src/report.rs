//! The report, in Markdown.

mod bars;

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use crate::arguments::Arguments;
use crate::figures::{Figures, spread};
use crate::mode::Mode;
use crate::plan::Task;
use crate::round::{Round, SCRAPES, SIP, SIPS};
use bars::SLOWER;

/// So that nobody takes these figures for those of what is shipped.
pub(crate) const UNOPTIMIZED: &str = " Built without optimization, which says little of what is shipped.";

/// Whether what is asked for was kept, as a report says it.
pub(crate) fn yes_or_no(kept: bool) -> &'static str {
    if kept { "yes" } else { "**no**" }
}

/// Where it was measured.
#[derive(Debug)]
pub(crate) struct Machine(pub(crate) String);

impl Machine {
    pub(crate) fn read() -> Self {
        let file = |path| fs::read_to_string(path).unwrap_or_default();
        let processors = file("/proc/cpuinfo");
        let names = || processors.lines().filter(|line| line.starts_with("model name"));
        let name = names().next().and_then(|line| line.split(": ").nth(1));
        let load = file("/proc/loadavg");
        let compiler = Command::new("rustc").arg("--version").output();
        let compiler = compiler.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned());
        Self(format!(
            "{}, {} cores, load {} before; Linux {}; {}; Korrigo {}",
            name.unwrap_or("unknown processor"),
            names().count(),
            load.split(' ').next().unwrap_or_default(),
            file("/proc/sys/kernel/osrelease").trim(),
            compiler.unwrap_or_default(),
            env!("CARGO_PKG_VERSION"),
        ))
    }
}

/// A round in one line, for whoever waits.
pub(crate) fn line(round: &Round) -> String {
    let figures = Figures::of(round, 1);
    format!(
        "round {}, {}: p50 {:.1} ms, p99 {:.1} ms, {} of {} failed",
        round.number,
        round.mode.name(),
        figures.p50,
        figures.p99,
        figures.failed,
        round.answers.len()
    )
}

/// All rounds.
pub(crate) fn markdown(arguments: &Arguments, machine: &Machine, rounds: &[Round]) -> String {
    let rounds: Vec<(Mode, Figures)> = rounds
        .iter()
        .map(|round| (round.mode, Figures::of(round, arguments.seconds)))
        .collect();
    let mut text = introduction(arguments, machine);
    text.push_str(&times(arguments, &rounds));
    text.push_str(&costs(arguments, &rounds));
    text.push_str(&bars::kept(&arguments.modes, &rounds));
    text.push_str(&every_round(&rounds));
    text
}

fn introduction(arguments: &Arguments, Machine(machine): &Machine) -> String {
    let disk = if arguments.durable {
        "wait for the disk"
    } else {
        "do not wait for the disk, whose whims would hide what is asked"
    };
    format!(
        "# What telemetry costs\n\n\
         Written by `make bench-telemetry`: the whole system with and without logs, metrics and traces. {rate} requests are due in a\n\
         second, at times fixed beforehand and the same in every round, for {seconds} seconds after {warm_up} that do not count;\n\
         {mix}, of {copies} copies. Times are counted from when a request was due to the last byte of its answer. Every\n\
         round has a system of its own, one after the other by turns; figures are the medians of {rounds} rounds, with the least and the most.\n\
         Everything is sampled, `/metrics` is scraped every {scrapes} seconds{slowly}. Whoever asks, the collector, PostgreSQL and RabbitMQ are on the same\n\
         machine; database and broker {disk}.\n\n\
         {machine}.\n",
        rate = arguments.rate,
        seconds = arguments.seconds,
        warm_up = arguments.warm_up,
        mix = arguments.mix,
        copies = arguments.copies,
        rounds = arguments.rounds,
        scrapes = SCRAPES.as_secs(),
        slowly = if arguments.modes.contains(&Mode::BlackHole) {
            slowly()
        } else {
            String::new()
        },
    )
}

/// What is done to a system besides, where its collector is silent.
fn slowly() -> String {
    let millis = SIPS.as_millis();
    format!(
        "; where the collector is silent, it takes connections\n\
         and answers nothing, and a second scraper takes its page {SIP} bytes at a time, every {millis} ms"
    )
}

fn times(arguments: &Arguments, rounds: &[(Mode, Figures)]) -> String {
    let mut text = "\n## Times, in ms\n\n| telemetry | p50 | p99 | p99 more than off | slowest |".to_owned();
    for task in Task::ALL {
        _ = write!(text, " {}, p99 |", task.name());
    }
    text.push_str(" failed | answered well in a second |\n|---|---|---|---|---|---|---|---|---|---|\n");
    let off = has(rounds, Mode::Off).then(|| middle(rounds, Mode::Off, |figures| figures.p99));
    for mode in &arguments.modes {
        let p99 = middle(rounds, *mode, |figures| figures.p99);
        let more = match off {
            Some(off) if *mode != Mode::Off => format!("{:.1} of {SLOWER} allowed", p99 - off),
            Some(_) | None => String::new(),
        };
        _ = write!(
            text,
            "| {} | {} | {} | {more} | {} |",
            mode.name(),
            cell(rounds, *mode, 1, |figures| figures.p50),
            cell(rounds, *mode, 1, |figures| figures.p99),
            cell(rounds, *mode, 1, |figures| figures.slowest),
        );
        for place in 0..Task::ALL.len() {
            let of_task = |figures: &Figures| figures.tasks.get(place).copied().unwrap_or_default();
            _ = write!(text, " {} |", cell(rounds, *mode, 1, of_task));
        }
        let failed: usize = of(rounds, *mode).map(|figures| figures.failed).sum();
        let goodput = cell(rounds, *mode, 1, |figures| figures.goodput);
        _ = writeln!(text, " {failed} | {goodput} |");
    }
    text
}

fn costs(arguments: &Arguments, rounds: &[(Mode, Figures)]) -> String {
    let mut text = "\n## Processor, memory, log\n\n\
        | telemetry | service | CPU seconds for 1,000 requests | MiB at most | MiB more at the end than at the beginning | log lines for 1,000 requests | log lines in a second |\n\
        |---|---|---|---|---|---|---|\n"
        .to_owned();
    for mode in &arguments.modes {
        let names: Vec<String> = of(rounds, *mode)
            .take(1)
            .flat_map(|figures| figures.services.iter().map(|(name, ..)| name.clone()))
            .collect();
        for (place, name) in names.iter().enumerate() {
            let service = |figures: &Figures| figures.services.get(place).cloned().unwrap_or_default();
            _ = writeln!(
                text,
                "| {} | {name} | {} | {} | {} | | |",
                mode.name(),
                cell(rounds, *mode, 2, |figures| service(figures).1),
                cell(rounds, *mode, 0, |figures| service(figures).2),
                cell(rounds, *mode, 0, |figures| service(figures).3),
            );
        }
        _ = writeln!(
            text,
            "| {} | all | {} | | | {} | {} |",
            mode.name(),
            cell(rounds, *mode, 2, Figures::cpu),
            cell(rounds, *mode, 0, |figures| figures.lines),
            cell(rounds, *mode, 1, |figures| figures.lines_in_a_second),
        );
    }
    text
}

fn every_round(rounds: &[(Mode, Figures)]) -> String {
    let mut text = "\n## Every round, in the order of the clock\n\n\
        | telemetry | p50 | p99 | slowest | CPU seconds for 1,000 requests | failed |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for (mode, figures) in rounds {
        _ = writeln!(
            text,
            "| {} | {:.1} | {:.1} | {:.1} | {:.2} | {} |",
            mode.name(),
            figures.p50,
            figures.p99,
            figures.slowest,
            figures.cpu(),
            figures.failed
        );
    }
    text
}

fn of(rounds: &[(Mode, Figures)], mode: Mode) -> impl Iterator<Item = &Figures> {
    rounds
        .iter()
        .filter(move |(of, _)| *of == mode)
        .map(|(_, figures)| figures)
}

fn has(rounds: &[(Mode, Figures)], mode: Mode) -> bool {
    of(rounds, mode).next().is_some()
}

fn middle(rounds: &[(Mode, Figures)], mode: Mode, figure: impl Fn(&Figures) -> f64) -> f64 {
    spread(of(rounds, mode).map(figure)).0
}

/// The middle with the least and the most.
fn cell(rounds: &[(Mode, Figures)], mode: Mode, digits: usize, figure: impl Fn(&Figures) -> f64) -> String {
    let (middle, least, most) = spread(of(rounds, mode).map(figure));
    format!("{middle:.digits$} ({least:.digits$} to {most:.digits$})")
}
