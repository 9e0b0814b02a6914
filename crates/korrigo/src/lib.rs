//! The operators' commands, and the local stack behind `korrigo dev`.
//!
//! [`stack`] starts private PostgreSQL and RabbitMQ servers; the test kit uses it as well. Everything else
//! is the command line: [`commands`] has one module per command, and none of them knows a rule of grading.

pub mod answer;
pub mod audit;
pub mod backup;
pub mod commands;
pub mod demo;
pub mod dev;
pub mod diagnosis;
pub mod drill;
pub mod fences;
pub mod operator;
pub mod stack;
pub mod table;
pub mod terminal;
pub mod users;

mod failure;
mod stop;

pub use answer::Answer;
pub use failure::Failure;
