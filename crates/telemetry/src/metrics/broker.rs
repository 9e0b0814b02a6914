//! The broker as its clients see it.

use super::labels::{Settlement, texts};
use super::metric::{Kind, Label, Metric, Values};
use crate::events::BrokerRole;
use crate::name::ServiceName::{Grading, PdfWorker};

const CONNECTED: Metric = Metric {
    name: "broker_connected",
    kind: Kind::Gauge,
    help: "1 while the connection to the broker stands and takes messages, else 0.",
    labels: &[Label {
        name: "connection",
        values: Values::Closed(|| texts(BrokerRole::ALL)),
    }],
    services: &[Grading, PdfWorker],
};

const OPENED: Metric = Metric {
    name: "broker_connections_opened_total",
    kind: Kind::Counter,
    help: "Connections to the broker that were opened.",
    labels: &[Label {
        name: "connection",
        values: Values::Closed(|| texts(BrokerRole::ALL)),
    }],
    services: &[Grading, PdfWorker],
};

const SETTLED: Metric = Metric {
    name: "broker_messages_settled_total",
    kind: Kind::Counter,
    help: "Messages that were settled, by how.",
    labels: &[Label {
        name: "settlement",
        values: Values::Closed(|| texts(Settlement::ALL)),
    }],
    services: &[PdfWorker],
};

pub(super) const FAMILY: &[&Metric] = &[&CONNECTED, &OPENED, &SETTLED];

/// Whether a connection stands and takes messages.
pub fn broker_connection(connection: BrokerRole, connected: bool) {
    CONNECTED.set(&[connection.as_str()], if connected { 1.0 } else { 0.0 });
}

/// A connection was opened.
pub fn broker_connection_opened(connection: BrokerRole) {
    OPENED.add(&[connection.as_str()], 1);
}

/// A message was settled.
pub fn message_settled(settlement: Settlement) {
    SETTLED.add(&[settlement.as_str()], 1);
}
