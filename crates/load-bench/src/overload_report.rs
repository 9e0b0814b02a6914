//! The report on overload, in Markdown.

use std::fmt::Write as _;
use std::time::Duration;

use crate::arguments::Arguments;
use crate::figures::at;
use crate::load::Answered;
use crate::overload::{Phase, Seen};
use crate::report::{Machine, UNOPTIMIZED, yes_or_no};

/// So long everybody but one in a hundred waits at most who corrects while scans come, in milliseconds.
const LONGEST_WAIT: f64 = 200.0;

/// What was seen, and how much of what is asked for was not kept.
pub(crate) fn markdown(arguments: &Arguments, Machine(machine): &Machine, seen: &Seen) -> (String, usize) {
    let mut text = format!(
        "# Overload\n\n\
         Written by `make bench-overload`: how much the whole system carries, what becomes of twice that, and of what is usual right\n\
         after it. {mix}, of {copies} copies; each part takes {seconds} seconds. First everybody waits for an answer\n\
         before the next question: that is what the system carries. Then requests are due at times fixed beforehand, whatever\n\
         becomes of earlier ones, and times are counted from when a request was due to the last byte of its answer. In the last part\n\
         {uploaded} scans of two pages are uploaded meanwhile, and {imported} of them imported by its end. Whoever asks,\n\
         PostgreSQL and RabbitMQ are on the same machine{disk}.\n\n\
         {machine}.{build}\n\n\
         It carries **{capacity} requests in a second**.\n\n\
         | asked for | due in a second | answered well in a second | of what it carries | p50, ms | p99, ms | refused with `Retry-After` | p50 of refusals, ms | p99 of refusals, ms | failed otherwise |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
        mix = arguments.mix,
        copies = arguments.copies,
        seconds = arguments.seconds,
        uploaded = seen.scans.0,
        imported = seen.scans.1,
        disk = if arguments.durable {
            ", which wait for the disk"
        } else {
            ""
        },
        build = if cfg!(debug_assertions) { UNOPTIMIZED } else { "" },
        capacity = seen.capacity,
    );
    for phase in seen.phases.iter().chain([&seen.beside]) {
        text.push_str(&row(phase, arguments.seconds, seen.capacity));
    }
    text.push_str("\n| asked for | kept |\n|---|---|\n");
    let bars = bars(arguments.seconds, seen);
    for (asked, kept) in &bars {
        _ = writeln!(text, "| {asked} | {} |", yes_or_no(*kept));
    }
    (text, bars.iter().filter(|(_, kept)| !kept).count())
}

/// What is asked for, and whether this run keeps it.
fn bars(seconds: u32, seen: &Seen) -> [(&'static str, bool); 5] {
    let [before, twice, after] = &seen.phases;
    let carried = goodput(twice, seconds) / f64::from(seen.capacity.max(1));
    let refusals = at(&times(twice, |answer| answer.refused), 99);
    let answered = |phase: &Phase| goodput(phase, seconds) / f64::from(phase.rate.max(1));
    let beside = at(&times(&seen.beside, |answer| answer.well), 99);
    let (uploaded, imported) = seen.scans;
    [
        (
            "at twice of what it carries, at least 80 % of it is answered well",
            carried >= 0.8,
        ),
        (
            "all but one in a hundred refusals take less than 100 ms",
            refusals < 100.0,
        ),
        (
            "what is usual is answered as before, at once",
            answered(after) >= 0.99 * answered(before),
        ),
        (
            "while scans come, 99 % of what correctors ask for is answered well, all but one in a hundred within 200 ms",
            answered(&seen.beside) >= 0.99 && beside < LONGEST_WAIT,
        ),
        (
            "scans are taken and imported meanwhile",
            uploaded > 0 && imported > 0,
        ),
    ]
}

/// How long those requests took, the shortest first.
fn times(phase: &Phase, chosen: impl Fn(&Answered) -> bool) -> Vec<Duration> {
    let chosen = phase.answers.iter().filter(|answer| chosen(answer));
    let mut times: Vec<Duration> = chosen.map(|answer| answer.took).collect();
    times.sort();
    times
}

/// How many requests were answered well in a second.
fn goodput(phase: &Phase, seconds: u32) -> f64 {
    number(phase.answers.iter().filter(|answer| answer.well).count()) / f64::from(seconds.max(1))
}

fn row(phase: &Phase, seconds: u32, capacity: u32) -> String {
    let well = times(phase, |answer| answer.well);
    let refused = times(phase, |answer| answer.refused);
    let failed = phase.answers.len() - well.len() - refused.len();
    let goodput = goodput(phase, seconds);
    let mut row = String::new();
    _ = writeln!(
        row,
        "| {} | {} | {goodput:.0} | {:.0} % | {:.1} | {:.1} | {} | {:.1} | {:.1} | {failed} |",
        phase.name,
        phase.rate,
        100.0 * goodput / f64::from(capacity.max(1)),
        at(&well, 50),
        at(&well, 99),
        refused.len(),
        at(&refused, 50),
        at(&refused, 99),
    );
    row
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Task;

    fn phase(rate: u32, answers: impl IntoIterator<Item = (bool, bool, u64)>) -> Phase {
        let answered = |(well, refused, took)| Answered {
            task: Task::Read,
            took: Duration::from_millis(took),
            well,
            refused,
        };
        Phase {
            name: "a phase",
            rate,
            answers: answers.into_iter().map(answered).collect(),
        }
    }

    fn seen(slowest_beside: u64, imported: i64) -> Seen {
        let usual = || phase(70, vec![(true, false, 10); 70]);
        let twice = [vec![(true, false, 90); 85], vec![(false, true, 5); 115]].concat();
        Seen {
            capacity: 100,
            phases: [usual(), phase(200, twice), usual()],
            beside: phase(40, vec![(true, false, slowest_beside); 40]),
            scans: (6, imported),
        }
    }

    #[test]
    fn what_is_not_kept_is_counted() {
        let missed = |seen: &Seen| bars(1, seen).iter().filter(|(_, kept)| !kept).count();
        assert_eq!(missed(&seen(199, 6)), 0);
        assert_eq!(missed(&seen(200, 6)), 1);
        assert_eq!(missed(&seen(200, 0)), 2);
    }
}
