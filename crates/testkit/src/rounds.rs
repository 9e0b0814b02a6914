//! How long tests go on that can go on for longer.

/// How often and how deep: 1 for `make test`; `make prove` sets more. Only then may a test say how soon something has to be done:
/// only then it has the machine for itself.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "how long to go on is for the person who runs it to say"
)]
pub fn rounds() -> u32 {
    let said = std::env::var("KORRIGO_SURVIVAL_ROUNDS").ok();
    said.and_then(|text| text.parse().ok()).unwrap_or(1)
}
