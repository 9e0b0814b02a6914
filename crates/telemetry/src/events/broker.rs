//! The connections to the broker.

use std::time::Duration;

use crate::{Causes, Code};

closed! {
    /// What a connection is for.
    BrokerRole {
        /// It publishes.
        Publisher = "publisher",
        /// It consumes.
        Consumer = "consumer",
    }
}

events! {
    BROKER;

    BrokerConnected = Info "broker.connected" "the connection to the broker stands" { connection: BrokerRole }
    BrokerLost = Warning "broker.lost" "the connection to the broker was lost" { connection: BrokerRole }
    BrokerUnreachable = Warning "broker.unreachable" "the broker cannot be reached" {
        connection: BrokerRole,
        attempts: u32,
        retry_in: Duration,
        error: Causes,
    }
    BrokerBlocked = Warning "broker.blocked" "the broker takes no messages for now" { connection: BrokerRole }
    BrokerUnblocked = Info "broker.unblocked" "the broker takes messages again" { connection: BrokerRole }
    BrokerTopologyMismatch = Critical "broker.topology_mismatch" "a queue exists with other settings" {
        connection: BrokerRole,
        name: Code,
    }
    BrokerHandlerPanicked = Error "broker.handler_panicked" "the handler of a message panicked" {}
    BrokerConsumerCancelled = Warning "broker.consumer_cancelled" "the broker ended a consumer" {}
}
