//! The command line: one module per command.

mod audit;
mod blobs;
mod cli;
mod database;
mod dev;
mod migrate;
mod users;

pub use cli::{Cli, main};
