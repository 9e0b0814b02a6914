//! The calling side.

use std::task::{Context, Poll};

use http::header::{HeaderName, HeaderValue};
use http::{Request, Response};
use tower::{Layer, Service};

use super::answering::Answering;
use super::call::{Call, Side};
use super::{Observed, RpcMethods};
use crate::span;

/// Gives every call its client span, sends request id and trace along, and measures it.
#[derive(Debug, Clone, Copy)]
pub struct ClientLayer {
    methods: RpcMethods,
}

impl ClientLayer {
    /// For calls of these methods.
    #[must_use]
    pub const fn new(methods: RpcMethods) -> Self {
        Self { methods }
    }
}

impl<S> Layer<S> for ClientLayer {
    type Service = ClientService<S>;

    fn layer(&self, inner: S) -> ClientService<S> {
        ClientService {
            inner,
            methods: self.methods,
        }
    }
}

/// A channel with [`ClientLayer`] around it.
#[derive(Debug, Clone)]
pub struct ClientService<S> {
    inner: S,
    methods: RpcMethods,
}

impl<S, B, R> Service<Request<B>> for ClientService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<Observed<R>>;
    type Error = S::Error;
    type Future = Answering<S::Future>;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(task)
    }

    fn call(&mut self, mut request: Request<B>) -> Answering<S::Future> {
        let method = self.methods.find(request.uri().path());
        let span = span::rpc_client(method);
        let origin = span.origin();
        for (name, value) in origin.entries() {
            if let Ok(value) = HeaderValue::from_str(value) {
                request.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        let call = Call::begin(Side::Client, method, span.clone());
        Answering::new(self.inner.call(request), Some(call), span)
    }
}
