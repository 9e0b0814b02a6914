//! The files and variables with which a RabbitMQ node keeps to its own directory.

use std::ffi::OsString;
use std::fs;

use serde_json::Value;

use crate::stack::guarded::variables;
use crate::stack::packages::Programs;
use crate::stack::room::write_private;
use crate::stack::{Error, Room};

/// The ports of one node, all on 127.0.0.1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    /// AMQP.
    pub(crate) amqp: u16,
    /// The management API.
    pub(crate) api: u16,
    /// Metrics for Prometheus.
    pub(crate) metrics: u16,
    /// Erlang's distribution, which the node's own tools use.
    pub(crate) distribution: u16,
    /// The node's own port mapper.
    pub(crate) mapper: u16,
}

impl Ports {
    /// All of them.
    pub(crate) fn all(self) -> [u16; 5] {
        [self.amqp, self.api, self.metrics, self.distribution, self.mapper]
    }
}

/// Keeps Erlang's distribution on the loopback interface.
const LOOPBACK: &str = "-kernel inet_dist_use_interface {127,0,0,1}";

/// Writes the node's configuration, and whom it knows.
pub(crate) fn write(room: &Room, ports: Ports, definitions: &Value) -> Result<(), Error> {
    for directory in ["log", "mnesia"] {
        let directory = room.path(directory);
        fs::create_dir_all(&directory).map_err(Error::file(&directory))?;
    }
    // The name of the cookie is fixed, and the node insists that nobody else can read it.
    room.secret(".erlang.cookie")?;
    write_private(
        &room.path("enabled_plugins"),
        "[rabbitmq_management,rabbitmq_prometheus].\n",
    )?;
    write_private(&room.path("rabbitmq-env.conf"), "")?;
    let Ports {
        amqp, api, metrics, ..
    } = ports;
    let (log, known) = (room.path("log/rabbitmq.log"), room.path("definitions.json"));
    write_private(&known, &definitions.to_string())?;
    let text = format!(
        "listeners.tcp.1 = 127.0.0.1:{amqp}\n\
         management.tcp.ip = 127.0.0.1\n\
         management.tcp.port = {api}\n\
         prometheus.tcp.ip = 127.0.0.1\n\
         prometheus.tcp.port = {metrics}\n\
         load_definitions = {}\n\
         heartbeat = 20\n\
         vm_memory_high_watermark.absolute = 512MiB\n\
         disk_free_limit.absolute = 100MB\n\
         raft.wal_max_size_bytes = 16777216\n\
         log.console = false\n\
         log.file = {}\n\
         log.file.level = info\n\
         log.file.rotation.size = 10485760\n\
         log.file.rotation.count = 5\n",
        known.display(),
        log.display()
    );
    write_private(&room.path("rabbitmq.conf"), &text)
}

/// The node's whole environment: nothing of the system's RabbitMQ leaks in.
pub(crate) fn environment(room: &Room, programs: &Programs, ports: Ports) -> Vec<(OsString, OsString)> {
    let mut environment = programs.environment();
    environment.extend(variables([
        ("HOME", room.directory().to_owned()),
        ("RABBITMQ_CONF_ENV_FILE", room.path("rabbitmq-env.conf")),
        ("RABBITMQ_CONFIG_FILE", room.path("rabbitmq.conf")),
        ("RABBITMQ_ADVANCED_CONFIG_FILE", room.path("advanced.config")),
        ("RABBITMQ_GENERATED_CONFIG_DIR", room.path("generated")),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", room.path("enabled_plugins")),
        ("RABBITMQ_PLUGINS_EXPAND_DIR", room.path("plugins-expand")),
        ("RABBITMQ_MNESIA_BASE", room.path("mnesia")),
        ("RABBITMQ_LOG_BASE", room.path("log")),
        ("RABBITMQ_FEATURE_FLAGS_FILE", room.path("feature_flags")),
    ]));
    environment.extend(variables([
        ("RABBITMQ_DIST_PORT", ports.distribution.to_string()),
        ("ERL_EPMD_PORT", ports.mapper.to_string()),
        ("ERL_EPMD_ADDRESS", "127.0.0.1".to_owned()),
        ("RABBITMQ_NODENAME", "korrigo@localhost".to_owned()),
        // The script then becomes the server instead of watching over it: one process, one number.
        ("RUNNING_UNDER_SYSTEMD", "1".to_owned()),
        (
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
            format!("{LOOPBACK} +S 2:2 +A 16"),
        ),
        ("RABBITMQ_CTL_ERL_ARGS", LOOPBACK.to_owned()),
        ("ERL_CRASH_DUMP", "/dev/null".to_owned()),
    ]));
    environment
}
