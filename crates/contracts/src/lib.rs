//! Everything that crosses a process boundary: the generated gRPC types, the job messages, the one table
//! of error codes with its mapping to gRPC and HTTP, and the conversions between wire and domain.
//!
//! A wire value becomes a domain value here or not at all: services get parsed types or a [`Problem`]
//! that names the field. This crate decides nothing and stores nothing.

mod code;
mod language;
mod methods;
mod parse;
mod problem;
mod scheme;
mod service_token;
mod status;
mod wire;

pub mod annotation;
pub mod audit_export;
pub mod jobs;
pub mod marks;

pub use code::Code;
pub use language::Language;
pub use methods::METHODS;
pub use parse::Fields;
pub use problem::{FieldCode, FieldProblem, Problem};
pub use service_token::{PresentServiceToken, RequireServiceToken};
pub use wire::timestamp;

/// The largest message between our processes, in bytes. The largest there is says all that a copy may have: 500
/// annotations and 500 remarks of 4 000 characters of up to four bytes each, and 100 000 points of ink of 29 bytes.
pub const MAX_MESSAGE: usize = 32 * 1024 * 1024;

/// The generated gRPC types of `korrigo.grading.v1`.
#[expect(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::clone_on_ref_ptr,
    clippy::as_conversions,
    unused_qualifications,
    reason = "generated code"
)]
pub mod grading {
    tonic::include_proto!("korrigo.grading.v1");
}
