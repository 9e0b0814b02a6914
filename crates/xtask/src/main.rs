//! `cargo xtask tidy`: the rules of the code base that the compiler does not know.

mod tidy;

use std::io::{self, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments != ["tidy"] {
        return end("usage: cargo xtask tidy", ExitCode::from(2));
    }
    match tidy::findings() {
        Ok(findings) if findings.is_empty() => ExitCode::SUCCESS,
        Ok(findings) => end(&findings.join("\n"), ExitCode::FAILURE),
        Err(error) => end(&format!("error: {error:#}"), ExitCode::FAILURE),
    }
}

fn end(text: &str, code: ExitCode) -> ExitCode {
    // Nobody is left to tell that nobody listens.
    drop(writeln!(io::stderr().lock(), "{text}"));
    code
}
