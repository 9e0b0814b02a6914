//! What several routes take as JSON. What only one takes stands beside its handler.

mod change;
mod points;
mod reasoned;
mod text;

pub(crate) use change::{Change, given};
pub(crate) use points::Points;
pub(crate) use reasoned::Reasoned;
pub(crate) use text::Text;
