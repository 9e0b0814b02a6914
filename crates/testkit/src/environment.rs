//! The servers that tests run against, as the environment names them.
//!
//! `korrigo dev exec` starts private ones and sets these variables. A test whose server is missing fails; it never
//! passes in silence.

use std::path::Path;

use korrigo::stack::Packages;

/// The value of the variable `name`.
///
/// # Panics
/// If it is not set.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment of the tests"
)]
#[expect(clippy::panic, reason = "a test that cannot go on says so")]
pub(crate) fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run the tests with `make test`, or under `korrigo dev exec`")
    })
}

/// The programs of the servers: the system's, or those that `KORRIGO_TEST_PACKAGES` says where to find.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the other variable of the tests, and the system may do without"
)]
pub(crate) fn packages() -> Packages {
    Packages::new(Path::new(
        &std::env::var("KORRIGO_TEST_PACKAGES").unwrap_or_default(),
    ))
}
