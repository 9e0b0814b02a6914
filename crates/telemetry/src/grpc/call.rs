//! One call while it runs, on either side.

use std::time::Instant;

use http::HeaderMap;
use opentelemetry::KeyValue;

use super::{RpcMethod, RpcStatus};
use crate::code::Code;
use crate::events::{RpcCompleted, RpcFailed, RpcRefused};
use crate::span::Span;
use crate::{log, metrics};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Server,
    Client,
}

/// A call that has begun. Dropped without an end, it was given up by the caller.
#[derive(Debug)]
pub(super) struct Call {
    side: Side,
    method: RpcMethod,
    span: Span,
    begun: Instant,
    ended: bool,
}

impl Call {
    pub(super) fn begin(side: Side, method: RpcMethod, span: Span) -> Self {
        Self {
            side,
            method,
            span,
            begun: Instant::now(),
            ended: false,
        }
    }

    /// The status that headers or trailers tell, if they do.
    pub(super) fn status_in(headers: &HeaderMap) -> Option<RpcStatus> {
        let value = headers.get("grpc-status")?;
        Some(value.to_str().map_or(RpcStatus::Unknown, RpcStatus::of_header))
    }

    pub(super) fn end(mut self, status: RpcStatus) {
        self.record(status);
    }

    fn record(&mut self, status: RpcStatus) {
        self.ended = true;
        let duration = self.begun.elapsed();
        self.span.set(KeyValue::new("rpc.status_code", status.as_str()));
        let failed = match self.side {
            Side::Server => status.is_server_fault(),
            Side::Client => status != RpcStatus::Ok,
        };
        if failed {
            self.span.failed(Code::of(status));
        }
        match self.side {
            Side::Client => metrics::rpc_client_finished(self.method, status, duration),
            Side::Server => {
                metrics::rpc_server_finished(self.method, status, duration);
                let rpc = self.method;
                self.span.in_scope(|| {
                    if status == RpcStatus::Ok {
                        log(RpcCompleted { rpc, duration });
                    } else if failed {
                        log(RpcFailed {
                            rpc,
                            code: status,
                            duration,
                        });
                    } else {
                        log(RpcRefused {
                            rpc,
                            code: status,
                            duration,
                        });
                    }
                });
            }
        }
        self.span.end();
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !self.ended {
            self.record(RpcStatus::Cancelled);
        }
    }
}
