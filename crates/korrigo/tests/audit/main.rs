//! The audit trail proves itself: what was written verifies, whatever was altered is found and named, and a program
//! that shares nothing with ours says the same of an export.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]
#![expect(
    clippy::tests_outside_test_module,
    reason = "integration tests are a test module of their own"
)]

mod exports;
mod people;
mod proofs;
mod restores;
mod tampering;
mod trail;
