//! Messages on their way from the outbox to the broker.

use domain::OutboxId;

use crate::causes::Causes;

closed! {
    /// How a publish ended.
    PublishOutcome {
        /// The broker has the message on disk.
        Confirmed = "confirmed",
        /// No queue takes the message: a fault of the configuration.
        Returned = "returned",
        /// The broker refused the message.
        Nacked = "nacked",
        /// No answer in time.
        TimedOut = "timed_out",
        /// There is no connection.
        Disconnected = "disconnected",
    }
}

events! {
    OUTBOX;

    OutboxPublished = Info "outbox.published" "a message was published" { outbox_id: OutboxId, attempts: u32 }
    OutboxPublishFailed = Warning "outbox.publish_failed" "a message could not be published and will be tried again" {
        outbox_id: OutboxId,
        attempts: u32,
        outcome: PublishOutcome,
    }
    OutboxReturned = Error "outbox.returned" "no queue takes a message" { outbox_id: OutboxId }
    OutboxRelayFailed = Error "outbox.relay_failed" "the relay could not read or mark the outbox" { error: Causes }
}
