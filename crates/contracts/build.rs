//! Generates the gRPC and message types from `proto/`, without a system protoc.

use std::error::Error;

const PROTOS: &[&str] = &[
    "korrigo/grading/v1/annotations.proto",
    "korrigo/grading/v1/audit.proto",
    "korrigo/grading/v1/batches.proto",
    "korrigo/grading/v1/copies.proto",
    "korrigo/grading/v1/drafts.proto",
    "korrigo/grading/v1/exams.proto",
    "korrigo/grading/v1/identities.proto",
    "korrigo/grading/v1/jobs.proto",
    "korrigo/grading/v1/locks.proto",
    "korrigo/grading/v1/marks.proto",
    "korrigo/grading/v1/problem.proto",
    "korrigo/grading/v1/retention.proto",
    "korrigo/grading/v1/results.proto",
    "korrigo/grading/v1/session.proto",
    "korrigo/grading/v1/students.proto",
    "korrigo/grading/v1/users.proto",
    "korrigo/grading/v1/work.proto",
    "korrigo/jobs/v1/job_message.proto",
];

#[expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "this is how a build script talks to cargo"
)]
fn main() -> Result<(), Box<dyn Error>> {
    // Asked now and not when this was compiled: two checkouts may share a target directory.
    let root = format!("{}/../../proto", std::env::var("CARGO_MANIFEST_DIR")?);
    println!("cargo:rerun-if-changed={root}");
    let descriptors = protox::compile(PROTOS, [root])?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    Ok(())
}
