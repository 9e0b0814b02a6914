//! How a process of this system lives: configuration, start, readiness, drain, end.
//!
//! A binary is three lines: `service::run(Name::Grading, grading::build)`. Its `Config` flattens [`Common`];
//! its `build` starts everything, gives long-lived tasks to the [`Lifecycle`] and returns. From then on the
//! process lives until a signal, or until one of its tasks ends on its own.
//!
//! 1. **configure**: flags, `KORRIGO_…` variables, secrets from files. A mistake ends the process with exit
//!    code 2 and one line that names the setting, never its value. So does what [`Settings::check`] finds.
//! 2. **build**: telemetry and the admin listener first, so that a slow start can be watched.
//! 3. **run**: readiness is what all [`Latch`]es say.
//! 4. **drain**: on SIGTERM or SIGINT not ready, a pause for load balancers, then
//!    [`Lifecycle::draining`]; when the tasks have ended, telemetry is flushed and the exit code is 0.
//!    [`Lifecycle::stopping`] follows at the end of the time to drain, or at a second signal.
//!
//! Architecture invariant: nothing else in the workspace spawns detached tasks, handles signals, reads
//! environment variables or builds a runtime.

mod admin;
mod announce;
pub mod config;
mod drain;
mod expiry;
mod health;
mod latch;
mod lifecycle;
pub mod link;
mod live;
mod notify;
mod probe;
mod run;
mod signals;
mod volumes;

pub use announce::announce;
pub use config::{Common, Secret, Settings};
pub use latch::Latch;
pub use lifecycle::{Lifecycle, TestHandle};
pub use run::{VERSION, run};
pub use telemetry::ServiceName as Name;
/// The token that [`Lifecycle::draining`] and [`Lifecycle::stopping`] give.
pub use tokio_util::sync::CancellationToken;
