//! What happens to every request before its handler, and to every answer after it. From the outside in:
//! it is observed, shared with the origins that may have it, completed, checked for
//! what it accepts, and let in if there is room.

mod admit;
mod complete;
mod cors;
mod headers;
mod negotiate;
mod observe;

pub(crate) use admit::{admit, admit_read};
pub(crate) use complete::complete;
pub(crate) use cors::cors;
pub(crate) use negotiate::negotiate;
pub(crate) use observe::observe;
