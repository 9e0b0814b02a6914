//! The settings that a private PostgreSQL server is started with.

use std::ffi::OsString;
use std::path::Path;

use crate::stack::Durability;

/// What keeps values of rows out of the server's log: no statements, no parameters, no details of errors.
const DISCREET: [&str; 6] = [
    "log_error_verbosity=terse",
    "log_min_error_statement=panic",
    "log_statement=none",
    "log_min_duration_statement=-1",
    "log_parameter_max_length=0",
    "log_parameter_max_length_on_error=0",
];

/// What makes tests quick and would cost data in a crash of the machine.
const FAST: [&str; 8] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "shared_buffers=64MB",
    "jit=off",
];

/// The server's command line.
pub(crate) fn arguments(data: &Path, port: u16, durability: Durability) -> Vec<OsString> {
    let mut settings = vec![
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        // No socket files: their paths may be too long, and the port is enough.
        "unix_socket_directories=".to_owned(),
        "max_connections=200".to_owned(),
        "logging_collector=off".to_owned(),
        "log_timezone=UTC".to_owned(),
        "timezone=UTC".to_owned(),
    ];
    settings.extend(DISCREET.map(str::to_owned));
    if durability == Durability::Fast {
        settings.extend(FAST.map(str::to_owned));
    }
    let mut arguments: Vec<OsString> = vec!["-D".into(), data.into()];
    for setting in settings {
        arguments.extend(["-c".into(), setting.into()]);
    }
    arguments
}
