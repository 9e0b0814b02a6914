//! Correcting, over all three services: from the lock to the corrected document, and everything that gets in between.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::tests_outside_test_module,
    clippy::unwrap_used,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

mod archiving;
mod audit;
mod bucket;
mod changing;
mod cycle;
mod deeds;
mod desk;
mod dispatch;
mod erasing;
mod finalize;
mod forgetting;
mod interventions;
mod locks;
mod matrix;
mod office;
mod operators;
mod people;
mod races;
mod redaction;
mod release;
mod reports;
mod stages;
mod statistics;
mod storm;
mod trail;
mod troubles;
mod unwritable;
mod verdicts;
mod visibility;
