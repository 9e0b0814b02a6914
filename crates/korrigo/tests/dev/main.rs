//! `korrigo dev up`, and the README with it.
//!
//! The services' binaries have to lie beside `korrigo`: `make test` sees to that.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]
#![expect(
    clippy::tests_outside_test_module,
    reason = "integration tests are a test module of their own"
)]

mod stack;
mod tour;
