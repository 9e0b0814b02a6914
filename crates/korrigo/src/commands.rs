//! The command line: one module per command.

mod audit;
mod blobs;
mod blockers;
mod cli;
mod copies;
mod database;
mod dev;
mod diagnose;
mod drill;
mod jobs;
mod locks;
mod migrate;
mod operator;
mod queues;
mod show;
mod status;
mod users;

pub use cli::{Cli, main};
