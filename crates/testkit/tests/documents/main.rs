//! What docs/operations.md and docs/playbook.md say is typed as it stands, in an operator's seat: real servers, real files, the
//! real `korrigo`, and stand-ins for what only machines of operators have.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::tests_outside_test_module,
    clippy::unwrap_used,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

mod bringing_back;
mod calls;
mod in_passing;
mod installing;
mod keeping;
mod seat;
mod standing_still;
mod typed;
mod upgrading;
