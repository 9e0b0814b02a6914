//! The command line: one module per command.

mod audit;
mod backup;
mod batches;
mod blobs;
mod blockers;
mod cli;
mod completions;
mod copies;
mod database;
mod dead_letters;
mod dev;
mod diagnose;
mod drill;
mod jobs;
mod locks;
mod migrate;
mod operator;
mod queues;
mod restore;
mod retention;
mod show;
mod sight;
mod status;
mod users;

pub use cli::{Cli, main};
