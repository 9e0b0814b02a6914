//! Brings the packages of servers, and of Tesseract, that are not there yet.
//!
//! The work is done by `packages.sh`, which the build uses as well: with root or a sudo that asks nothing it
//! installs the system's packages without starting their services; else it unpacks the same packages below
//! a directory of ours, which needs no rights at all.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::stack::packages::READER;
use crate::stack::{Error, Packages, Server};

const SCRIPT: &str = include_str!("../../../../.config/packages.sh");

/// Installs or unpacks those of `servers` that are missing, and says what it does, line by line.
pub fn provide(packages: &Packages, servers: &[Server], say: impl Fn(&str)) -> Result<(), Error> {
    for server in packages.missing(servers) {
        if !bring(packages, &[server.package()], &say)? || packages.find(server).is_err() {
            return Err(Error::Install {
                servers: server.to_string(),
                log: log(packages, server.package()),
            });
        }
    }
    Ok(())
}

/// Does the same for the program that reads who wrote a copy. Without it all else works.
pub fn provide_reader(packages: &Packages, say: impl Fn(&str)) {
    if packages.reader().is_some() {
        return;
    }
    let brought = bring(packages, &READER, &say).unwrap_or(false);
    if !brought || packages.reader().is_none() {
        say("Tesseract is not there: copies are identified without suggestions");
    }
}

/// Whether the script brought these packages; the first gives the directory its name.
fn bring(packages: &Packages, names: &[&str], say: &impl Fn(&str)) -> Result<bool, Error> {
    let directory = packages.unpacked();
    fs::create_dir_all(directory).map_err(Error::file(directory))?;
    let first = names.first().copied().unwrap_or_default();
    let log = log(packages, first);

    let mut command = Command::new("sh");
    command.args(["-c", SCRIPT, "packages.sh"]);
    command.arg(directory.join(first)).args(names);
    let output = File::create(&log).map_err(Error::file(&log))?;
    let errors = output.try_clone().map_err(Error::file(&log))?;
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors);
    let mut child = command.spawn().map_err(|source| Error::Run {
        program: "sh".to_owned(),
        source,
    })?;
    if let Some(lines) = child.stdout.take() {
        for line in BufReader::new(lines).lines().map_while(Result::ok) {
            say(&line);
            // The log is a convenience; the line was shown.
            drop(writeln!(&output, "{line}"));
        }
    }
    Ok(child.wait().is_ok_and(|status| status.success()))
}

fn log(packages: &Packages, package: &str) -> PathBuf {
    packages.unpacked().join(format!("{package}.log"))
}
