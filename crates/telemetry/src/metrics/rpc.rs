//! Calls between services, on both sides.
//!
//! How long a method takes, the serving side shows; what was answered, both sides count by service. A series
//! for each method and code would be more than a process may have.

use std::time::Duration;

use super::labels::texts;
use super::metric::{Kind, Label, Metric, REQUEST, Values};
use crate::grpc::{RpcMethod, RpcMethods, RpcStatus};
use crate::name::ServiceName::{Gateway, Grading, PdfWorker};

const SERVICE: Label = Label {
    name: "service",
    values: Values::Named("the services of the contract, and _OTHER"),
};
const CODE: Label = Label {
    name: "code",
    values: Values::Closed(|| texts(RpcStatus::ALL)),
};

const SERVER: Side = Side {
    duration: &Metric {
        name: "rpc_server_duration_seconds",
        kind: Kind::Histogram(REQUEST),
        help: "How long calls took, as the serving side sees it.",
        labels: &[Label {
            name: "method",
            values: Values::Named("the methods of the contract, and _OTHER"),
        }],
        services: &[Grading],
    },
    calls: &Metric {
        name: "rpc_server_calls_total",
        kind: Kind::Counter,
        help: "Calls that were served, by what was answered.",
        labels: &[SERVICE, CODE],
        services: &[Grading],
    },
    timed: RpcMethod::as_str,
};

const CLIENT: Side = Side {
    duration: &Metric {
        name: "rpc_client_duration_seconds",
        kind: Kind::Histogram(REQUEST),
        help: "How long calls took, as the calling side sees it.",
        labels: &[SERVICE],
        services: &[Gateway, PdfWorker],
    },
    calls: &Metric {
        name: "rpc_client_calls_total",
        kind: Kind::Counter,
        help: "Calls that were made, by what was answered.",
        labels: &[SERVICE, CODE],
        services: &[Gateway, PdfWorker],
    },
    timed: RpcMethod::service,
};

pub(super) const FAMILY: &[&Metric] = &[SERVER.duration, SERVER.calls, CLIENT.duration, CLIENT.calls];

/// The methods that this process serves: their series exist from here on.
pub fn begin_rpc_server(methods: RpcMethods) {
    SERVER.begin(methods.iter().chain([RpcMethod::UNKNOWN]));
}

/// The methods that this process calls: their series exist from here on.
pub fn begin_rpc_client(methods: impl IntoIterator<Item = RpcMethod>) {
    CLIENT.begin(methods.into_iter());
}

/// A call was served.
pub fn rpc_server_finished(method: RpcMethod, status: RpcStatus, duration: Duration) {
    SERVER.finished(method, status, duration);
}

/// A call was answered.
pub fn rpc_client_finished(method: RpcMethod, status: RpcStatus, duration: Duration) {
    CLIENT.finished(method, status, duration);
}

/// What one side of calls records.
struct Side {
    duration: &'static Metric,
    calls: &'static Metric,
    /// The label of a method's duration.
    timed: fn(RpcMethod) -> &'static str,
}

impl Side {
    fn begin(&self, methods: impl Iterator<Item = RpcMethod>) {
        for method in methods {
            self.duration.touch(&[(self.timed)(method)]);
            for code in RpcStatus::ALL {
                self.calls.touch(&[method.service(), code.as_str()]);
            }
        }
    }

    fn finished(&self, method: RpcMethod, status: RpcStatus, duration: Duration) {
        self.duration.observe(&[(self.timed)(method)], duration);
        self.calls.add(&[method.service(), status.as_str()], 1);
    }
}
