//! The documents that people work with, compared with what there is.

#![expect(
    clippy::string_slice,
    clippy::tests_outside_test_module,
    clippy::unwrap_used,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

mod said;
mod seats;
