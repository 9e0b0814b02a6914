//! Gives every request its id, span, metrics and log line.
//!
//! The raw path goes nowhere: only the template of the route does. Neither do the query, the client's
//! address or its agent.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};
use contracts::Language;
use telemetry::http::{Answer, Exchange, Incoming, Method, Route};
use telemetry::span::Trust;

use super::complete::Unanswered;
use crate::problem::{Asked, X_REQUEST_ID};
use crate::routes;
use crate::state::State;

/// What the answer says of itself to the log line, where it is a problem.
#[derive(Clone, Copy)]
pub(super) struct Told(pub(super) contracts::Code);

/// Observes a request from its arrival to its answer.
pub(crate) async fn observe(
    state: web::Data<State>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let incoming = Incoming::read(&state.ids, |name| text(request.headers(), name));
    let trust = if state.trust_traceparent {
        Trust::Parent
    } else {
        Trust::Link
    };
    let exchange = Exchange::begin(Method::of(request.method().as_str()), &incoming, trust);
    let route = routes::routes().find(request.match_pattern().as_deref());
    let accepted = text(request.headers(), ACCEPT_LANGUAGE.as_str()).unwrap_or_default();
    let asked = Asked {
        request_id: exchange.request_id().clone(),
        language: Language::of_accept_language(accepted),
    };
    let id = asked.header();
    request.extensions_mut().insert(asked);
    let mut answered = exchange.run(next.call(request)).await;
    finish(exchange, route, &answered);
    if let (Ok(response), Some(id)) = (&mut answered, id) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    answered
}

fn finish<B>(exchange: Exchange, route: Route, answered: &Result<ServiceResponse<B>, Error>) {
    let (status, told) = match answered {
        Ok(response) => (
            response.status(),
            response.response().extensions().get::<Told>().copied(),
        ),
        Err(error) => {
            let told = error
                .as_error::<Unanswered>()
                .map(|unanswered| Told(unanswered.code()));
            (error.as_response_error().status_code(), told)
        }
    };
    let code = told.map(|Told(code)| telemetry::Code::of(code));
    exchange.finish(Answer {
        route,
        status: status.as_u16(),
        code,
    });
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
