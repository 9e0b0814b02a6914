//! The local stack as a whole: servers, services, demo.
//!
//! It only starts, watches and stops. What the demo needs it gets like everybody else: people through
//! `store`, exams and copies through the HTTP API.

mod account;
mod announcement;
mod client;
mod exec;
mod home;
mod prepare;
mod sample;
mod servers;
mod service;
mod services;
mod stop;
mod up;

pub use exec::exec;
pub use home::{Home, clean};
pub use servers::Servers;
pub use up::up;
