//! `cargo xtask tidy`: the rules of the code base that the compiler does not know. `cargo xtask sbom`: what the programs are made of.
//! `cargo xtask image-files`: what the image is built from.

mod image;
mod metadata;
mod sbom;
mod tidy;

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Result;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["tidy"] => tidied(),
        ["sbom"] => sbom::write(&mut io::stdout().lock()).map(|()| ExitCode::SUCCESS),
        ["image-files"] => image::write(&mut io::stdout().lock()).map(|()| ExitCode::SUCCESS),
        _ => Ok(end("usage: cargo xtask tidy|sbom|image-files", ExitCode::from(2))),
    };
    done.unwrap_or_else(|error| end(&format!("error: {error:#}"), ExitCode::FAILURE))
}

fn tidied() -> Result<ExitCode> {
    let findings = tidy::findings()?;
    Ok(if findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        end(&findings.join("\n"), ExitCode::FAILURE)
    })
}

fn end(text: &str, code: ExitCode) -> ExitCode {
    // Nobody is left to tell that nobody listens.
    drop(writeln!(io::stderr().lock(), "{text}"));
    code
}
