//! Drills of [docs/playbook.md](../../../docs/playbook.md): each of its faults is done to a private stack, and what it says is
//! done word for word.
//!
//! Everything is done to real servers and services: a process is ended, a volume is filled, a row is altered by somebody who
//! rules the database. Nothing here looks into a service; what it says of itself has to be enough, as for who reads the
//! playbook at night.

mod bench;
mod canary;
mod fault;
mod faults;
mod follow;
mod playbook;
mod report;
mod run;
mod scenario;
mod shell;
mod volume;
mod wait;
mod watch;

pub use report::Report;
pub use run::{Way, run};
pub use scenario::{SCENARIOS, Scenario};
pub use shell::PATH;
