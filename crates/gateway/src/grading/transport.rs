//! The connection to grading: made when it is first needed, kept alive, made anew when it is lost.

use std::time::Duration;

use contracts::PresentServiceToken;
use service::link::Link;
use telemetry::grpc::{ClientLayer, ClientService};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tower::Layer as _;

use super::METHODS;

/// A channel that presents the service token.
pub(crate) type Bare = InterceptedService<Channel, PresentServiceToken>;

/// The same, with a span per call, and the request id and the trace on every call.
pub(crate) type Transport = ClientService<Bare>;

/// A channel over this link. Nothing is sent yet.
pub(crate) fn connect(link: &Link, token: PresentServiceToken) -> Bare {
    let channel = link.channel(Duration::from_secs(2), |endpoint| {
        endpoint
            .http2_keep_alive_interval(Duration::from_secs(10))
            .keep_alive_timeout(Duration::from_secs(5))
            .keep_alive_while_idle(true)
    });
    InterceptedService::new(channel, token)
}

/// The same channel, observed.
pub(crate) fn observed(channel: Bare) -> Transport {
    ClientLayer::new(METHODS).layer(channel)
}
