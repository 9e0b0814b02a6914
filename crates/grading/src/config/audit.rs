//! Settings about the audit trail: its checkpoints, and how often it is verified.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use service::config::period;

/// Everything about the audit trail.
#[derive(Args)]
pub(crate) struct Audit {
    /// The file that signed checkpoints of the audit trail are added to. It belongs where whoever rules the database does not.
    #[arg(long = "audit-checkpoints", env = "KORRIGO_AUDIT_CHECKPOINTS")]
    pub(crate) checkpoints: Option<PathBuf>,

    /// The file with the key that signs them, readable by its owner only. `korrigo audit key new` makes one.
    #[arg(long = "audit-key", env = "KORRIGO_AUDIT_KEY")]
    pub(crate) key: Option<PathBuf>,

    /// How long an event may wait for a checkpoint. 1000 new events do not wait.
    #[arg(long = "audit-checkpoint-interval", env = "KORRIGO_AUDIT_CHECKPOINT_INTERVAL", default_value = "60s", value_parser = period)]
    pub(crate) checkpoint_interval: Duration,

    /// How often the whole audit trail is verified and compared with the tables.
    #[arg(long = "audit-verify-interval", env = "KORRIGO_AUDIT_VERIFY_INTERVAL", default_value = "1h", value_parser = period)]
    pub(crate) verify_interval: Duration,
}
