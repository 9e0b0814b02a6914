//! The gateway: HTTP in front, gRPC behind.
//!
//! - [`build`] starts it: the client of the grading service, the blob store, the HTTP server.
//! - A request passes the `middleware` (request id, span, problem bodies, protecting headers), then the
//!   handler of its route in `routes`: it takes the request apart with `extract`, asks `grading`, and shapes
//!   the answer with `view`.
//! - [`openapi`] is the description of all of it, generated from the same declarations as the router.
//!
//! Architecture invariant: there is no rule and no SQL here. The gateway forwards the caller's session and
//! decides nothing; whatever the answer depends on is decided in the same call as the operation.

mod admission;
mod app;
mod auth;
mod blob_failure;
mod bodies;
mod body;
mod config;
mod cookie;
mod csrf;
mod download;
mod endpoint;
mod etag;
mod extract;
mod follow;
mod grading;
mod health;
mod middleware;
mod openapi;
mod pace;
mod pieces;
mod problem;
mod proxies;
mod roster;
mod routes;
mod server;
mod sse;
mod state;
mod upload;
mod view;

pub use app::build;
pub use config::Config;
pub use openapi::openapi;
