//! Without failpoints: nothing can be planned, and nothing happens.

use std::str::FromStr;

use crate::{Point, Unknown};

/// Where a process dies. There is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {}

impl FromStr for Plan {
    type Err = Unknown;

    fn from_str(_text: &str) -> Result<Self, Unknown> {
        Err(Unknown)
    }
}

/// Cannot be called: there is no plan.
pub fn arm(plan: Plan) {
    match plan {}
}

/// Nothing.
#[inline]
pub const fn reach(_point: Point) {}

/// Nothing.
#[inline]
pub const fn reach_in(_point: Point, _scope: &str) {}
