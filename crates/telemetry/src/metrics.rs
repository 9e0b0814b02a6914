//! Every metric of the system, and the typed functions that record them.
//!
//! A metric is declared once, in a file below `metrics/`, with its name, labels and meaning. Labels are
//! closed sets; ids never are labels. All series of a closed set exist at zero from the first scrape.
//! Nothing here waits, fails or asks a database: gauges that need one are set by a periodic task.

mod audit;
mod backups;
mod batches;
mod broker;
mod copies;
mod database;
mod http;
mod inventory;
mod jobs;
mod labels;
mod metric;
mod outbox;
mod pdf;
mod process;
mod recorder;
mod rpc;
mod sessions;
mod volumes;

pub use audit::{audit_mismatches, audit_sink_failed, audit_verified};
pub use backups::last_backup;
pub use batches::{batch_anomaly, split_finished};
pub use broker::{broker_connection, broker_connection_opened, message_settled};
pub use copies::{
    copies_by_status, document_refused_because, event_created, finalize_finished, import_finished,
    lock_conflict, locks, oldest_by_status, reading_finished,
};
pub use database::{PoolState, pool_connections, pool_pending, pool_wait, transaction_finished};
pub use http::{
    BodyBytes, Budget, UploadTurn, begin_routes, bodies_limit, budget, http_begun, http_finished,
    request_shed, upload_turn, upload_turns,
};
pub(crate) use inventory::{Scope, inventory};
pub use jobs::{
    InFlight, Lane, SlotTaken, job_claimed, job_ended, job_in_flight, job_reconciled, job_redelivered,
    job_slots, reports_kept, slot_taken,
};
pub use labels::{
    AuditCheck, AuditSink, Finish, JobEnd, LockConflict, LoginEnd, Settlement, TransactionResult,
};
pub(crate) use metric::{Kind, Metric, Values};
pub use outbox::{outbox_published, outbox_unsent};
pub(crate) use pdf::stage_finished;
pub use pdf::{ChildEnd, Enforcement, SandboxLayer, blobs_swept, child_ended, pages_made, sandbox_enforced};
pub(crate) use process::{
    Exported, critical, line_suppressed, lines_dropped, spans_exported, third_party_records,
};
pub use process::{Latched, certificate_shown, readiness};
pub use recorder::Metrics;
pub use rpc::{begin_rpc_client, begin_rpc_server, rpc_client_finished, rpc_server_finished};
pub use sessions::{guess_throttled, login_finished};
pub use volumes::{Volume, volume};
