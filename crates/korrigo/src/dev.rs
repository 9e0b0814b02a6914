//! The local stack as a whole: servers, services, demo.
//!
//! It only starts, watches and stops. What the demo needs it gets like everybody else: people through
//! `store`, exams and copies through the HTTP API.

mod account;
mod announcement;
mod client;
mod exec;
mod home;
mod office;
pub(crate) mod prepare;
mod sample;
mod servers;
mod service;
mod services;
mod up;

pub(crate) use client::Client;
pub use exec::exec;
pub(crate) use home::packages;
pub use home::{Home, clean};
pub(crate) use prepare::People;
pub use servers::Servers;
pub(crate) use services::{Addresses, BrokerUrls, Services, Settings};
pub use up::up;
