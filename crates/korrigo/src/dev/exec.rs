//! Runs a command beside private, empty servers.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};

use crate::Failure;
use crate::dev::Servers;
use crate::dev::home::{packages, remove_left_behind, server_directory};
use crate::stack::{Durability, Error, Packages, Process, Room, Server};

/// Starts `servers`, runs `command` with their addresses in its environment, and ends with its exit code.
///
/// Every run has a directory of its own, so that several can go on at the same time; it is removed at the
/// end, and so are those that killed runs have left.
pub fn exec(directory: &Path, servers: &[Server], command: &[OsString]) -> Result<ExitCode, Failure> {
    let packages = packages(directory)?;
    let tests = directory.join("test");
    let place = server_directory(&tests)?;
    remove_left_behind(&place);
    let room = Room::enter(&place.join(format!("run-{}", std::process::id())))?;
    let servers = Servers::start(&packages, room.directory(), servers, Durability::Fast)?;

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|source| Failure::new(source, "check the limits of open files"))?;
    let status = runtime.block_on(run(command, &environment(&packages, &servers)?));

    drop(servers);
    // What cannot be removed now is removed by the next run.
    drop(fs::remove_dir_all(room.directory()));
    status
}

fn environment(packages: &Packages, servers: &Servers) -> Result<Vec<(&'static str, OsString)>, Error> {
    let mut environment = vec![("KORRIGO_TEST_PACKAGES", packages.unpacked().into())];
    let program = std::env::current_exe().map_err(Error::file("/proc/self/exe"))?;
    if let Some(directory) = program.parent() {
        environment.push(("KORRIGO_TEST_BIN_DIR", directory.into()));
    }
    if let Some(postgres) = &servers.postgres {
        environment.push((
            "KORRIGO_TEST_POSTGRES_URL",
            postgres.superuser_url("postgres").into(),
        ));
    }
    if let Some(rabbitmq) = &servers.rabbitmq {
        environment.push(("KORRIGO_TEST_AMQP_URL", rabbitmq.administrator_url().into()));
        environment.push(("KORRIGO_TEST_RABBITMQ_API", rabbitmq.api_url().into()));
    }
    Ok(environment)
}

/// Ctrl-C reaches the command by itself, since it shares our terminal; we wait until it has ended.
async fn run(command: &[OsString], environment: &[(&'static str, OsString)]) -> Result<ExitCode, Failure> {
    let failed = |source| Failure::new(source, "check the command after `--`");
    // If we are killed, the command is asked to end.
    let mut child = tokio::process::Command::new("setpriv");
    child.args(["--pdeathsig", "TERM", "--"]).args(command);
    child.envs(environment.iter().map(|(key, value)| (key, value)));
    let mut child = child.spawn().map_err(failed)?;
    let process = child.id().and_then(Process::with_id);
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    loop {
        tokio::select! {
            status = child.wait() => {
                let code = status.map_err(failed)?.code().and_then(|code| u8::try_from(code).ok());
                return Ok(code.map_or(ExitCode::FAILURE, ExitCode::from));
            }
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {
                if let Some(process) = process {
                    process.signal(Signal::TERM);
                }
            }
        }
    }
}
