//! Tells the rest of the process how a connection is: the watched [`State`], the log and the metrics.

use std::time::Duration;

use telemetry::events::{
    BrokerBlocked, BrokerConnected, BrokerConsumerCancelled, BrokerHandlerPanicked, BrokerLost, BrokerRole,
    BrokerTopologyMismatch, BrokerUnblocked, BrokerUnreachable,
};
use telemetry::{Causes, Code, log, metrics};
use tokio::sync::watch;

use crate::{Error, State};

/// Where one connection is reported.
pub(crate) struct Report {
    connection: BrokerRole,
    state: watch::Sender<State>,
}

impl Report {
    pub(crate) fn new(connection: BrokerRole) -> (Self, watch::Receiver<State>) {
        let (state, receiver) = watch::channel(State::Connecting);
        (Self { connection, state }, receiver)
    }

    pub(crate) fn connected(&self) {
        metrics::broker_connection_opened(self.connection);
        self.change(State::Connected);
        log(BrokerConnected {
            connection: self.connection,
        });
    }

    pub(crate) fn blocked(&self) {
        self.change(State::Blocked);
        log(BrokerBlocked {
            connection: self.connection,
        });
    }

    pub(crate) fn unblocked(&self) {
        self.change(State::Connected);
        log(BrokerUnblocked {
            connection: self.connection,
        });
    }

    /// A connection in use has ended.
    pub(crate) fn lost(&self) {
        self.change(State::Lost);
        log(BrokerLost {
            connection: self.connection,
        });
    }

    /// An attempt to connect has failed, and there will be another.
    pub(crate) fn unreachable(&self, attempts: u32, retry_in: Duration, error: &Error) {
        self.change(State::Lost);
        log(BrokerUnreachable {
            connection: self.connection,
            attempts,
            retry_in,
            error: Causes::of(error),
        });
    }

    /// There will be no other attempt.
    pub(crate) fn mismatch(&self, name: &'static str) {
        self.change(State::Mismatch { name });
        log(BrokerTopologyMismatch {
            connection: self.connection,
            name: Code::of(name),
        });
    }

    fn change(&self, state: State) {
        metrics::broker_connection(self.connection, state == State::Connected);
        self.state.send_replace(state);
    }
}

/// The broker has ended a consumer, and the connection with it.
pub(crate) fn consumer_cancelled() {
    log(BrokerConsumerCancelled {});
}

/// A handler has panicked. Where, the panic hook has told.
pub(crate) fn handler_panicked() {
    log(BrokerHandlerPanicked {});
}
