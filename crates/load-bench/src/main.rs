//! Load on the whole system at a fixed rate: `korrigo-load-bench --rate 100 --seconds 30 --modes off,on`.
//!
//! `make bench-telemetry` compares what logs, metrics and traces cost, `make bench-overload` asks for twice of what the system
//! carries. A request is sent when it is due, whether or not earlier ones were answered, and its time is counted from then: a
//! system that stands still for a second has made everybody wait who would have come in that second.
//!
//! It needs the servers of `korrigo dev exec`, and the programs that lie beside it.

mod arguments;
mod compare;
mod copies;
mod figures;
mod load;
mod mode;
mod office;
mod overload;
mod overload_report;
mod plan;
mod report;
mod round;
mod usage;

use std::io::Write as _;

use anyhow::Context as _;
use clap::Parser as _;
use tokio::runtime::Runtime;

use crate::arguments::Arguments;
use crate::report::Machine;

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    // What the machine does besides, before this adds to it.
    let machine = Machine::read();
    let runtime = Runtime::new().context("starting a runtime")?;
    let (text, missed) = if arguments.office {
        (
            office::markdown(&machine, &runtime.block_on(office::run(&arguments))?),
            0,
        )
    } else if arguments.overload {
        let seen = runtime.block_on(overload::run(&arguments))?;
        overload_report::markdown(&arguments, &machine, &seen)
    } else {
        let rounds = runtime.block_on(compare::run(&arguments))?;
        (report::markdown(&arguments, &machine, &rounds), 0)
    };
    match &arguments.report {
        Some(file) => std::fs::write(file, text).context("writing the report"),
        None => std::io::stdout()
            .write_all(text.as_bytes())
            .context("writing the report"),
    }?;
    anyhow::ensure!(
        missed == 0,
        "{missed} of what is asked for was not kept: see the report"
    );
    Ok(())
}
