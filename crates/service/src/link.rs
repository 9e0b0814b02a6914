//! The link between grading and who calls it: plain, or with a certificate on both sides.
//!
//! [`Callee`] and [`Certificates`] are the settings. A caller makes a [`Link`] of them and that its channel, and grading a
//! [`Door`]; there is no other way to either. With certificates TLS is version 1.3, sessions are not resumed, and each side
//! shows one that an authority of the other's file has signed. The caller's connection counts as made when grading has said its
//! first word on it, so that a certificate that grading does not accept is a connection that never was, and no call is lost on it.
//!
//! Architecture invariant: who has no certificate gets no call through, and no code of ours decides whether one is good.

mod caller;
mod door;
mod failure;
mod material;
mod settings;

pub use caller::Link;
pub use door::{Admitted, Door};
pub use settings::{Callee, Certificates};
