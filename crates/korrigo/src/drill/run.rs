//! One drill after the other, on one stack as long as nothing is left of a fault.

use std::path::Path;

use tokio::runtime::Runtime;

use crate::Failure;
use crate::dev;
use crate::drill::bench::Bench;
use crate::drill::follow::follow;
use crate::drill::report::Report;
use crate::drill::scenario::Scenario;
use crate::drill::watch::Watcher;
use crate::stop::Stop;
use crate::terminal;

/// How to drill.
#[derive(Debug)]
pub struct Way<'a> {
    /// Where the local stacks are.
    pub directory: &'a Path,
    /// The configuration and the rules of a Prometheus that is to watch, if one is.
    pub alerts: Option<&'a Path>,
    /// Leaves the files of a stack on which something went wrong until the next one is made.
    pub keep: bool,
}

/// Drills all of these.
pub fn run(way: &Way<'_>, scenarios: &[&'static Scenario]) -> Result<Report, Failure> {
    let runtime =
        Runtime::new().map_err(|error| Failure::new(error, "check the limits of threads and files"))?;
    let outcome = runtime.block_on(async {
        let mut stop = Stop::listen()?;
        tokio::select! {
            report = drill(way, scenarios) => report,
            () = stop.asked() => Err(Failure::new("the drill was stopped", "run it again")),
        }
    });
    // A thread that still waits for a server that was killed need not keep us.
    runtime.shutdown_background();
    outcome
}

async fn drill(way: &Way<'_>, scenarios: &[&'static Scenario]) -> Result<Report, Failure> {
    let watcher = way
        .alerts
        .map(|alerts| Watcher::find(&dev::packages(way.directory)?, alerts));
    let watcher = watcher.transpose()?;
    let mut report = Report::default();
    let mut bench: Option<Bench> = None;
    for scenario in scenarios {
        let mut running = match bench.take() {
            Some(running) => running,
            None => Bench::start(way.directory, watcher.as_ref()).await?,
        };
        let outcome = follow(&mut running, scenario).await;
        match &outcome.problem {
            None => bench = Some(running),
            // Nobody knows what is left of it: the next one begins anew.
            Some(problem) => {
                terminal::problem(format_args!("{}: {}", scenario.name, problem.in_short()));
                terminal::problem(format_args!("  what to do: {}", problem.advice()));
                if !way.keep {
                    running.remove(way.directory)?;
                }
            }
        }
        report.add(outcome);
    }
    bench.map_or(Ok(()), |bench| bench.remove(way.directory))?;
    Ok(report)
}
