//! How long tests go on that can go on for longer.

use std::str::FromStr;

use crate::environment::said;

/// How often and how deep: 1 for `make test`; `make prove` sets more. Only then may a test say how soon something has to be done:
/// only then it has the machine for itself.
#[must_use]
pub fn rounds() -> u32 {
    wanted("KORRIGO_SURVIVAL_ROUNDS", 1)
}

/// How much of something: it is for the person to say who runs a test, and this without them.
///
/// # Panics
/// If what they say is no such number.
#[must_use]
#[expect(clippy::panic, reason = "a test that cannot go on says so")]
pub fn wanted<T: FromStr>(name: &str, otherwise: T) -> T {
    said(name).map_or(otherwise, |text| {
        text.parse().unwrap_or_else(|_no_number| panic!("{name}: {text}"))
    })
}
