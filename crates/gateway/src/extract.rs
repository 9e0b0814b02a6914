//! What handlers take out of a request: parsed, or refused with a code and a place.

mod client_address;
mod id;
mod idempotency_key;
mod if_match;
mod json;
mod lock_token;
mod maybe_json;
mod page_request;
mod query;

pub(crate) use client_address::ClientAddress;
pub(crate) use id::{Aid, Id, Index, Number, Question};
pub(crate) use idempotency_key::{IdempotencyKey, MaybeIdempotencyKey};
pub(crate) use if_match::{IfMatch, Version};
pub(crate) use json::Json;
pub(crate) use lock_token::LockToken;
pub(crate) use maybe_json::MaybeJson;
pub(crate) use page_request::PageRequest;
pub(crate) use query::{Query, checked};
