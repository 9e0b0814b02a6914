//! `docs/states.md` is what the rules say when they are asked.
//!
//! `make docs` runs this with `UPDATE_DOCS=1`, which writes it instead of comparing. Nothing of the document is known
//! here: states are found by commanding a copy, and each command is tried on each of them.

#![expect(
    clippy::tests_outside_test_module,
    clippy::unwrap_used,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

mod commands;
mod document;
mod people;
mod places;

use std::path::Path;
use std::{env, fs};

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whether to write is for the person who runs it to say"
)]
fn the_states_of_a_copy_are_documented() {
    let generated = document::write();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/states.md");
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "docs/states.md is out of date: run `make docs` and look at the difference"
    );
}
