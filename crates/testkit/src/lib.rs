//! What the tests of Korrigo share: servers, documents, and the whole system in one test.
//!
//! For tests only: what cannot go on panics, and says why.

mod black_hole;
mod environment;
mod eventually;
mod evidence;
mod logged;
mod printed;
mod processes;
mod rounds;

pub mod api;
pub mod broker;
pub mod certificates;
pub mod commands;
pub mod corpus;
pub mod database;
pub mod proxy;
pub mod reader;
pub mod s3;
pub mod scrape;
pub mod shell;
pub mod system;
pub mod told;

pub use black_hole::BlackHole;
pub use broker::TestBroker;
pub use certificates::Certificates;
pub use database::TestDatabase;
pub use environment::{faketime, packages, postgres_tools, program, tesseract, tool};
pub use eventually::eventually;
pub use evidence::evidence;
pub use korrigo::stack::BrokerUser;
pub use logged::Logged;
pub use printed::text;
pub use processes::children;
pub use proxy::Proxy;
pub use reader::{Reading, first_page};
pub use rounds::{rounds, wanted};
pub use s3::S3;
pub use scrape::Scrape;
pub use shell::{Shell, stand_in};
pub use system::{Answer, Client, Newcomer, Service, Span, System, Upload, Version};
