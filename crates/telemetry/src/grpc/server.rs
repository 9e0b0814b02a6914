//! The serving side.

use std::task::{Context, Poll};

use http::{Request, Response};
use tower::{Layer, Service};

use super::answering::Answering;
use super::call::{Call, Side};
use super::{Observed, RpcMethod, RpcMethods};
use crate::propagation::Origin;
use crate::span::{self, Span};

/// Gives every call its span and request context, and measures it. Health checks pass unseen.
#[derive(Debug, Clone, Copy)]
pub struct ServerLayer {
    methods: RpcMethods,
}

impl ServerLayer {
    /// For a server of these methods.
    #[must_use]
    pub const fn new(methods: RpcMethods) -> Self {
        Self { methods }
    }
}

impl<S> Layer<S> for ServerLayer {
    type Service = ServerService<S>;

    fn layer(&self, inner: S) -> ServerService<S> {
        ServerService {
            inner,
            methods: self.methods,
        }
    }
}

/// A service with [`ServerLayer`] around it.
#[derive(Debug, Clone)]
pub struct ServerService<S> {
    inner: S,
    methods: RpcMethods,
}

impl<S, B, R> Service<Request<B>> for ServerService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<Observed<R>>;
    type Error = S::Error;
    type Future = Answering<S::Future>;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(task)
    }

    fn call(&mut self, request: Request<B>) -> Answering<S::Future> {
        let method = self.methods.find(request.uri().path());
        if method == RpcMethod::UNKNOWN && request.uri().path().starts_with("/grpc.") {
            return Answering::new(self.inner.call(request), None, Span::none());
        }
        let headers = request.headers();
        let origin = Origin::read(|name| headers.get(name).and_then(|value| value.to_str().ok()));
        let span = span::rpc_server(method, &origin);
        let call = Call::begin(Side::Server, method, span.clone());
        Answering::new(self.inner.call(request), Some(call), span)
    }
}
