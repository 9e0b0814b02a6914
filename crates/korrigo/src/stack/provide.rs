//! Brings the packages of servers that are not there yet.
//!
//! The work is done by `packages.sh`, which the build uses as well: with root or a sudo that asks nothing it
//! installs the system's packages without starting their services; else it unpacks the same packages below
//! a directory of ours, which needs no rights at all.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use crate::stack::{Error, Packages, Server};

const SCRIPT: &str = include_str!("../../../../.config/packages.sh");

/// Installs or unpacks those of `servers` that are missing, and says what it does, line by line.
pub fn provide(packages: &Packages, servers: &[Server], say: impl Fn(&str)) -> Result<(), Error> {
    for server in packages.missing(servers) {
        let directory = packages.unpacked();
        fs::create_dir_all(directory).map_err(Error::file(directory))?;
        let log = directory.join(format!("{}.log", server.package()));
        let failed = || Error::Install {
            servers: server.to_string(),
            log: log.clone(),
        };

        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "packages.sh"]);
        command
            .arg(directory.join(server.package()))
            .arg(server.package());
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
        let status = child.wait().map_err(|_lost| failed())?;
        if !status.success() || packages.find(server).is_err() {
            return Err(failed());
        }
    }
    Ok(())
}
