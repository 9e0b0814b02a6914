//! The servers that tests run against, as the environment names them.
//!
//! `korrigo dev exec` starts private ones and sets these variables. A test whose server is missing fails; it never
//! passes in silence.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use korrigo::stack::Packages;

/// The value of the variable `name`.
///
/// # Panics
/// If it is not set.
#[expect(clippy::panic, reason = "a test that cannot go on says so")]
pub(crate) fn variable(name: &str) -> String {
    said(name).unwrap_or_else(|| {
        panic!("{name} is not set: run the tests with `make test`, or under `korrigo dev exec`")
    })
}

/// The value of the variable `name`, if it is set.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment of the tests"
)]
pub(crate) fn said(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The programs of the servers: the system's, or those that `KORRIGO_TEST_PACKAGES` says where to find.
#[must_use]
pub fn packages() -> Packages {
    Packages::new(Path::new(&said("KORRIGO_TEST_PACKAGES").unwrap_or_default()))
}

/// A binary of ours. Each service may be from a directory of its own, such as one of another version.
///
/// # Panics
/// If it was not built.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let kind = name
        .trim_start_matches("korrigo-")
        .to_uppercase()
        .replace('-', "_");
    let directory = said(&format!("KORRIGO_TEST_BIN_DIR_{kind}"));
    let directory = directory.unwrap_or_else(|| variable("KORRIGO_TEST_BIN_DIR"));
    program_in(Path::new(&directory), name)
}

/// The binary of ours in a directory.
pub(crate) fn program_in(directory: &Path, name: &str) -> PathBuf {
    let program = directory.join(name);
    assert!(
        program.exists(),
        "build the binaries first: {} is missing",
        program.display()
    );
    program
}

/// A program that is no server: the system's, or that of `package` where it was unpacked.
///
/// # Panics
/// If it is not installed.
#[must_use]
#[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
pub fn tool(package: &str, program: &str) -> Command {
    packages()
        .tool(package, program)
        .expect("the programs of others are installed: run the tests with `make test`")
}

/// Tesseract.
///
/// # Panics
/// If it is not installed.
#[must_use]
#[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
pub fn tesseract() -> PathBuf {
    packages()
        .reader()
        .expect("Tesseract is installed: run the tests with `make test`")
}

/// The library that gives the programs that are started with it a clock of their own.
///
/// # Panics
/// If it is not installed.
#[must_use]
#[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
pub fn faketime() -> PathBuf {
    packages()
        .library("faketime", "faketime/libfaketimeMT.so.1")
        .expect("Debian's libfaketime is installed, or unpacked by `make test`")
}

/// How an operator's command is told where the programs of PostgreSQL are that the tests use, as variables.
///
/// # Panics
/// If they are not installed.
#[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
#[must_use]
pub fn postgres_tools() -> Vec<(String, OsString)> {
    let tool = packages().postgres_tool("pg_dump").expect("pg_dump is installed");
    let directory = Path::new(tool.get_program()).parent();
    let directory = directory.expect("it is in a directory").into();
    let own = tool
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_string_lossy().into_owned(), value?.to_owned())));
    own.chain([("KORRIGO_POSTGRES_BIN".to_owned(), directory)])
        .collect()
}
