//! What handlers take out of a request: parsed, or refused with a code and a place.

mod client_address;
mod id;
mod idempotency_key;
mod if_match;
mod json;
mod page_request;
mod query;

pub(crate) use client_address::ClientAddress;
pub(crate) use id::{Id, Index};
pub(crate) use idempotency_key::IdempotencyKey;
pub(crate) use if_match::IfMatch;
pub(crate) use json::Json;
pub(crate) use page_request::PageRequest;
pub(crate) use query::{Query, checked};
