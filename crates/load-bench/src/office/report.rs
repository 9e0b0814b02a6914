//! The report on an exam of a large school, in Markdown.

use std::fmt::Write as _;

use super::{COPIES_OF_SCAN, CORRECTORS, PAGES, QUESTIONS, Seen};
use crate::figures::at;
use crate::report::{Machine, UNOPTIMIZED};

/// What the services may have, in MB, by the name that theirs begins with.
const BOUNDS: [(&str, u64); 3] = [("gateway", 150), ("grading", 200), ("pdf-worker", 100)];

/// What was seen.
pub(crate) fn markdown(Machine(machine): &Machine, seen: &Seen) -> String {
    let mut text = format!(
        "# An exam of a large school\n\n\
         Written by `make bench-office`: {pupils} pupils, {copies} copies of {PAGES} pages in black and white at 200 dpi, {COPIES_OF_SCAN} copies a scan,\n\
         {QUESTIONS} questions, {CORRECTORS} correctors. The whole system, one process of each kind; every step is done over HTTP as people\n\
         would do it, without the time that people take. Whoever asks, PostgreSQL and RabbitMQ are on the same machine, and both\n\
         wait for the disk. Memory is the most that each service has had so far, without the processes in which documents are opened.\n\n\
         {machine}.{build}\n\n",
        pupils = seen.pupils,
        copies = seen.copies,
        build = if cfg!(debug_assertions) { UNOPTIMIZED } else { "" },
    );
    let services: Vec<&str> = seen.steps.first().map_or(Vec::new(), |step| {
        step.peaks.iter().map(|(name, _)| name.as_str()).collect()
    });
    text.push_str("| step | took, s | of these in a second | p50, ms | slowest, ms |");
    for service in &services {
        _ = write!(text, " {service}, MB |");
    }
    text.push_str("\n|---|---|---|---|---|");
    text.push_str(&"---|".repeat(services.len()));
    text.push('\n');
    for step in &seen.steps {
        let seconds = step.took.as_secs_f64();
        let rate = if step.count > 1 {
            format!("{:.0}", f64::from(step.count) / seconds)
        } else {
            String::new()
        };
        let times = if step.requests.is_empty() {
            " | ".to_owned()
        } else {
            format!("{:.0} | {:.0}", at(&step.requests, 50), at(&step.requests, 100))
        };
        _ = write!(text, "| {} | {seconds:.2} | {rate} | {times} |", step.name);
        for (_, peak) in &step.peaks {
            _ = write!(text, " {} |", peak / 1024);
        }
        text.push('\n');
    }
    text.push_str(&bounds(seen));
    text
}

fn bounds(seen: &Seen) -> String {
    let mut text = String::from("\nThe bounds of memory:");
    let last = seen
        .steps
        .last()
        .map(|step| step.peaks.as_slice())
        .unwrap_or_default();
    for (service, bound) in BOUNDS {
        let of = last.iter().filter(|(name, _)| name.starts_with(service));
        let most = of.map(|(_, peak)| peak / 1024).max().unwrap_or_default();
        let kept = if most < bound { "kept" } else { "not kept" };
        _ = write!(text, " {service} {bound} MB, {kept} ({most});");
    }
    text.truncate(text.len() - 1);
    text.push_str(".\n");
    text
}
