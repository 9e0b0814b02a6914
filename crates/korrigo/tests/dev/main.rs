//! `korrigo dev up`, and the README with it.
//!
//! The services' binaries have to lie beside `korrigo`: `make test` sees to that.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::tests_outside_test_module,
    clippy::unwrap_used,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

mod stack;
mod tour;
