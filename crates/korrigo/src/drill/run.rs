//! One drill after the other, on one stack as long as nothing is left of a fault.

use std::path::Path;

use tokio::runtime::Runtime;

use crate::Failure;
use crate::drill::bench::Bench;
use crate::drill::follow::follow;
use crate::drill::report::Report;
use crate::drill::scenario::Scenario;
use crate::stop::Stop;
use crate::terminal;

/// Drills all of these. `keep` leaves the files of a stack on which something went wrong until the next one is made.
pub fn run(directory: &Path, scenarios: &[&'static Scenario], keep: bool) -> Result<Report, Failure> {
    let runtime =
        Runtime::new().map_err(|error| Failure::new(error, "check the limits of threads and files"))?;
    let outcome = runtime.block_on(async {
        let mut stop = Stop::listen()?;
        tokio::select! {
            report = drill(directory, scenarios, keep) => report,
            () = stop.asked() => Err(Failure::new("the drill was stopped", "run it again")),
        }
    });
    // A thread that still waits for a server that was killed need not keep us.
    runtime.shutdown_background();
    outcome
}

async fn drill(directory: &Path, scenarios: &[&'static Scenario], keep: bool) -> Result<Report, Failure> {
    let mut report = Report::default();
    let mut bench: Option<Bench> = None;
    for scenario in scenarios {
        let mut running = match bench.take() {
            Some(running) => running,
            None => Bench::start(directory).await?,
        };
        let outcome = follow(&mut running, scenario).await;
        match &outcome.problem {
            None => bench = Some(running),
            // Nobody knows what is left of it: the next one begins anew.
            Some(problem) => {
                terminal::problem(format_args!("{}: {problem}", scenario.name));
                if !keep {
                    running.remove(directory)?;
                }
            }
        }
        report.add(outcome);
    }
    bench.map_or(Ok(()), |bench| bench.remove(directory))?;
    Ok(report)
}
