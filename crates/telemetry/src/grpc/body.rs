//! The body of an answer, watched for the status in its trailers.

use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};

use super::RpcStatus;
use super::call::Call;
use crate::span::Span;

pin_project_lite::pin_project! {
    /// A body that ends the call it belongs to.
    #[derive(Debug)]
    pub struct Observed<B> {
        #[pin]
        body: B,
        call: Option<Call>,
        span: Span,
    }
}

impl<B> Observed<B> {
    /// A body of a call that may have ended with its headers.
    pub(super) fn new(body: B, call: Option<Call>, span: Span) -> Self {
        Self { body, call, span }
    }
}

impl<B: Body> Body for Observed<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let polled = this.span.hold(|| this.body.poll_frame(task));
        let status = match &polled {
            Poll::Pending => None,
            Poll::Ready(Some(Ok(frame))) => frame.trailers_ref().and_then(Call::status_in),
            Poll::Ready(Some(Err(_broken))) => Some(RpcStatus::Unavailable),
            Poll::Ready(None) => Some(RpcStatus::Unknown),
        };
        if let Some(status) = status
            && let Some(call) = this.call.take()
        {
            call.end(status);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
