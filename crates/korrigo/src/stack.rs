//! Private PostgreSQL and RabbitMQ servers for development and for tests.
//!
//! A server lives in one directory, listens on free ports of 127.0.0.1 only, belongs to the process that
//! started it and ends with it. What it stored survives: starting in the same directory goes on where it
//! stopped. Servers of the system, and those of other directories, are never touched.
//!
//! Everything here is synchronous and prints nothing. It does not know the services.

mod account;
mod broker_users;
mod durability;
mod error;
mod guarded;
mod nursery;
mod packages;
pub mod ports;
mod postgres;
mod postgres_settings;
mod process;
mod provide;
mod rabbitmq;
mod rabbitmq_files;
mod room;
mod volume;

pub use account::Account;
pub use broker_users::BrokerUser;
pub use durability::Durability;
pub use error::Error;
pub use guarded::{Environment, Guarded, Launch};
pub use packages::{Packages, Server, newest_postgres};
pub use postgres::Postgres;
pub use process::Process;
pub use provide::{provide, provide_reader};
pub use rabbitmq::RabbitMq;
pub use room::{Room, place_for_servers, write_private};
pub use volume::Volume;
