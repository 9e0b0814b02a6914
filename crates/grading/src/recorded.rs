//! What follows a recorded event: its copies in the audit log and in the metrics. The record itself is
//! in the database; nothing here can fail an operation.

use store::Entry;
use telemetry::AuditLine;

/// Tells the audit log and the metrics of an event that is committed. What changed nothing has none.
pub(crate) fn publish(event: impl Into<Option<Entry>>) {
    let Some(Entry {
        action,
        subject,
        seq,
        actor,
    }) = event.into()
    else {
        return;
    };
    telemetry::audit(AuditLine {
        action,
        subject,
        seq,
        actor,
    });
    telemetry::metrics::event_created(action);
}
