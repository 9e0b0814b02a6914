//! Calls between services: a layer for each side that opens the span, carries request id and trace, and
//! measures. No tonic type is needed for that; gRPC is HTTP with a status in the trailers.

mod answering;
mod body;
mod call;
mod client;
mod method;
mod server;
mod status;

pub use answering::Answering;
pub use body::Observed;
pub use client::{ClientLayer, ClientService};
pub use method::{RpcMethod, RpcMethods};
pub use server::{ServerLayer, ServerService};
pub use status::RpcStatus;
