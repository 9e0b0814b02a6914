//! One HTTP request and its answer, seen: server span, request context, metrics and one log line.

use std::future::Future;
use std::time::Instant;

use domain::{Ids, RequestId, TraceParent};
use opentelemetry::KeyValue;
use uuid::Uuid;

use super::{Method, Route};
use crate::code::Code;
use crate::context::RequestContext;
use crate::events::{HttpCompleted, HttpFailed, HttpRefused};
use crate::propagation::Origin;
use crate::span::{self, Span, Trust};
use crate::{log, metrics};

/// What a client sent that identifies the request.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The client's request id, or a new one.
    pub request_id: RequestId,
    /// The client's span.
    pub traceparent: Option<TraceParent>,
}

impl Incoming {
    /// Reads the headers with the given look-up. A malformed request id is replaced, not refused.
    pub fn read<'h>(ids: &Ids, header: impl Fn(&'static str) -> Option<&'h str>) -> Self {
        let Origin {
            request_id,
            traceparent,
        } = Origin::read(header);
        Self {
            request_id: request_id.unwrap_or_else(|| new_request_id(ids)),
            traceparent,
        }
    }
}

/// A UUID is within the alphabet of request ids; the fallback is never reached and would still be valid.
fn new_request_id(ids: &Ids) -> RequestId {
    loop {
        if let Ok(id) = ids.next::<Uuid>().to_string().parse() {
            return id;
        }
    }
}

/// What was answered.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    /// The route that answered.
    pub route: Route,
    /// The status.
    pub status: u16,
    /// The code of the problem, if it is one.
    pub code: Option<Code>,
}

/// One request and its answer. Dropped without [`Exchange::finish`], it counts as closed by the client.
#[derive(Debug)]
#[must_use = "an exchange that is not finished counts as closed by the client"]
pub struct Exchange {
    method: Method,
    request: RequestContext,
    span: Span,
    begun: Instant,
    finished: bool,
}

impl Exchange {
    /// What an exchange counts as when the client went away before the answer.
    pub const CLOSED_BY_CLIENT: u16 = 499;

    /// A request has arrived.
    pub fn begin(method: Method, incoming: &Incoming, trust: Trust) -> Self {
        let request = RequestContext::new(incoming.request_id.clone());
        let span = span::http_server(method, incoming.traceparent.as_ref(), trust);
        metrics::http_begun();
        Self {
            method,
            request,
            span,
            begun: Instant::now(),
            finished: false,
        }
    }

    /// The support handle, for the answer's `X-Request-ID`.
    #[must_use]
    pub fn request_id(&self) -> &RequestId {
        self.request.request_id()
    }

    /// Runs `future` as the work of this request.
    pub fn run<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        self.seen().keep(future)
    }

    /// The answer is on its way.
    pub fn finish(mut self, answer: Answer) {
        self.record(answer);
    }

    fn record(&mut self, answer: Answer) {
        self.finished = true;
        let Answer { route, status, code } = answer;
        let duration = self.begun.elapsed();
        metrics::http_finished(self.method, route, status, duration);
        if route != Route::UNMATCHED {
            self.span.rename(format!("{} {}", self.method, route.as_str()));
            self.span.set(KeyValue::new("http.route", route.as_str()));
        }
        self.span
            .set(KeyValue::new("http.response.status_code", i64::from(status)));
        if status >= 500 {
            self.span.failed(code.unwrap_or(Code::of("server_error")));
        }
        let (method, path, status_code) = (self.method, route, status);
        self.seen().hold(|| match status {
            0..400 => log(HttpCompleted {
                method,
                path,
                status_code,
                duration,
            }),
            400..500 => log(HttpRefused {
                method,
                path,
                status_code,
                duration,
                code,
            }),
            500.. => log(HttpFailed {
                method,
                path,
                status_code,
                duration,
                code,
            }),
        });
        self.span.end();
    }

    fn seen(&self) -> Span {
        self.span.of(self.request.clone())
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if !self.finished {
            self.record(Answer {
                route: Route::UNMATCHED,
                status: Self::CLOSED_BY_CLIENT,
                code: None,
            });
        }
    }
}
