//! The example service, as a program that tests run.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// The example `idle`, which cargo builds together with the tests.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().unwrap().parent().unwrap().join("examples/idle");
    assert!(
        program.exists(),
        "{} is not built: run all targets of the package",
        program.display()
    );
    program
}

/// A run of it with these arguments and no variables.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command
        .args(arguments)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What comes of a run that ends.
pub(crate) fn output(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}
