//! The answer to a call while it is awaited.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::call::Call;
use super::{Observed, RpcStatus};
use crate::span::{Inside, Span};
use http::Response;

pin_project_lite::pin_project! {
    /// An answer in the making.
    #[derive(Debug)]
    pub struct Answering<F> {
        #[pin]
        inner: Inside<F>,
        call: Option<Call>,
        span: Span,
    }
}

impl<F: Future> Answering<F> {
    /// The answer of `inner`, inside `span`.
    pub(super) fn new(inner: F, call: Option<Call>, span: Span) -> Self {
        Self {
            inner: span.clone().keep(inner),
            call,
            span,
        }
    }
}

impl<F, R, E> Future for Answering<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<Observed<R>>, E>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = ready!(this.inner.poll(task));
        let call = this.call.take();
        Poll::Ready(match answer {
            Ok(response) => Ok(observe(response, call, this.span.clone())),
            Err(error) => {
                if let Some(call) = call {
                    call.end(RpcStatus::Unavailable);
                }
                Err(error)
            }
        })
    }
}

/// Ends the call here if the headers tell its status, else with the body.
fn observe<R>(response: Response<R>, call: Option<Call>, span: Span) -> Response<Observed<R>> {
    let (head, body) = response.into_parts();
    let told = Call::status_in(&head.headers);
    let call = match (call, told) {
        (Some(call), Some(status)) => {
            call.end(status);
            None
        }
        (call, _) => call,
    };
    Response::from_parts(head, Observed::new(body, call, span))
}
