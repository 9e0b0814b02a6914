//! Calls between services, on both sides.

use std::time::Duration;

use super::labels::texts;
use super::metric::{Kind, Label, Metric, REQUEST, Values};
use crate::grpc::{RpcMethod, RpcStatus};
use crate::name::ServiceName::{Gateway, Grading, PdfWorker};

const METHOD: Label = Label {
    name: "method",
    values: Values::Named("the methods of the contract, and _OTHER"),
};
const CODE: Label = Label {
    name: "code",
    values: Values::Closed(|| texts(RpcStatus::ALL)),
};

pub(super) const SERVER: Metric = Metric {
    name: "rpc_server_duration_seconds",
    kind: Kind::Histogram(REQUEST),
    help: "How long calls took, as the serving side sees it.",
    labels: &[METHOD, CODE],
    services: &[Grading],
};

pub(super) const CLIENT: Metric = Metric {
    name: "rpc_client_duration_seconds",
    kind: Kind::Histogram(REQUEST),
    help: "How long calls took, as the calling side sees it.",
    labels: &[METHOD, CODE],
    services: &[Gateway, PdfWorker],
};

pub(super) const FAMILY: &[&Metric] = &[&SERVER, &CLIENT];

/// Codes whose series exist from the start for every method.
pub(super) const FROM_THE_START: &[RpcStatus] = &[RpcStatus::Ok, RpcStatus::Internal, RpcStatus::Unavailable];

/// A call was served.
pub fn rpc_server_finished(method: RpcMethod, status: RpcStatus, duration: Duration) {
    SERVER.observe(&[method.as_str(), status.as_str()], duration);
}

/// A call was answered.
pub fn rpc_client_finished(method: RpcMethod, status: RpcStatus, duration: Duration) {
    CLIENT.observe(&[method.as_str(), status.as_str()], duration);
}
