//! Pupils and whose copy is whose, over all three services: lists of schools, access by invitation, the desk where copies
//! get their names.

#![expect(
    clippy::indexing_slicing,
    clippy::tests_outside_test_module,
    clippy::unwrap_used,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

mod access;
mod desk;
mod lists;
mod merging;
mod office;
mod suggestions;
