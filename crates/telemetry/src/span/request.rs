//! Spans of HTTP requests and of calls between services.

use domain::TraceParent;
use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;

use super::{New, Parent, Span, remote};
use crate::grpc::RpcMethod;
use crate::http::Method;
use crate::propagation::Origin;

closed! {
    /// Whether the `traceparent` of a caller is believed.
    Trust {
        /// The caller's span becomes the parent: callers are our own.
        Parent = "parent",
        /// A new trace begins and links to the caller's span: callers are strangers, who may neither choose
        /// our trace id nor force sampling.
        Link = "link",
    }
}

/// The server span of an HTTP request. Its route is set when it is known.
#[must_use]
pub fn http_server(method: Method, caller: Option<&TraceParent>, trust: Trust) -> Span {
    let caller = caller.and_then(remote::span_context);
    let (parent, links) = match (trust, caller) {
        (_, None) => (Parent::Nobody, Vec::new()),
        (Trust::Parent, Some(caller)) => (Parent::Remote(caller), Vec::new()),
        (Trust::Link, Some(caller)) => (Parent::Nobody, vec![caller]),
    };
    let attributes = vec![
        KeyValue::new("http.request.method", method.as_str()),
        KeyValue::new("url.scheme", "http"),
    ];
    Span::start(New {
        parent,
        links,
        ..New::child(method.as_str(), SpanKind::Server, attributes)
    })
}

/// The server span of a call from another service. Work in it belongs to the request that the caller names.
#[must_use]
pub fn rpc_server(method: RpcMethod, caller: &Origin) -> Span {
    let parent = caller
        .traceparent
        .as_ref()
        .and_then(remote::span_context)
        .map_or(Parent::Nobody, Parent::Remote);
    Span::start(New {
        parent,
        request: caller.request_context(),
        ..New::child(method.as_str(), SpanKind::Server, rpc_attributes(method))
    })
}

/// The client span of a call to another service.
#[must_use]
pub fn rpc_client(method: RpcMethod) -> Span {
    Span::start(New::child(
        method.as_str(),
        SpanKind::Client,
        rpc_attributes(method),
    ))
}

fn rpc_attributes(method: RpcMethod) -> Vec<KeyValue> {
    vec![
        KeyValue::new("rpc.system.name", "grpc"),
        KeyValue::new("rpc.method", method.as_str()),
    ]
}
