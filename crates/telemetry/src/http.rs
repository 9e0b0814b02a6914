//! HTTP at the edge: methods, routes, and one exchange of request and answer with its span, metrics and
//! log line. The web framework stays with the gateway; here are only its facts.

mod exchange;
mod method;
mod route;

pub use exchange::{Answer, Exchange, Incoming};
pub use method::Method;
pub use route::{Route, Routes};
