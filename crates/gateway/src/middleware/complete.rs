//! Completes every answer: a refusal gets its problem body, a panic becomes one, and all get the headers
//! that protect their readers.

use std::panic::AssertUnwindSafe;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpResponse, ResponseError, web};
use contracts::{Code, Problem};
use futures::FutureExt as _;

use super::headers::Protection;
use super::observe::Told;
use crate::problem::{Asked, Refused, of_status};
use crate::state::State;

/// Runs the rest and completes what comes out.
pub(crate) async fn complete(
    state: web::Data<State>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let asked = request.extensions().get::<Asked>().cloned();
    let asked = asked.ok_or_else(|| Refused::from(Code::Internal))?;
    let outcome = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    // Asked when the answer goes: the process may have been told to end while it was made.
    let protection = Protection {
        insecure: state.cookies.insecure,
        leaving: state.lifecycle.is_leaving(),
    };
    match outcome {
        Ok(Ok(response)) => Ok(completed(response.map_into_boxed_body(), &asked, protection)),
        Ok(Err(error)) => Err(Unanswered {
            problem: of_error(&error),
            asked,
            protection,
        }
        .into()),
        // The panic hook has reported where it was.
        Err(_panic) => Err(Unanswered {
            problem: Code::Internal.into(),
            asked,
            protection,
        }
        .into()),
    }
}

fn completed(response: ServiceResponse, asked: &Asked, protection: Protection) -> ServiceResponse {
    let status = response.status();
    let mut response = if status.is_client_error() || status.is_server_error() {
        refused(response, asked)
    } else {
        response
    };
    protection.apply(response.response_mut().head_mut());
    response
}

/// The refusal with its body. Of what the router had to say, only the allowed methods are kept.
fn refused(response: ServiceResponse, asked: &Asked) -> ServiceResponse {
    let problem = response
        .response()
        .error()
        .map_or_else(|| of_status(response.status()).into(), of_error);
    let allowed = response.headers().get(header::ALLOW).cloned();
    let mut answer = asked.answer(&problem);
    if let Some(allowed) = allowed {
        answer.headers_mut().insert(header::ALLOW, allowed);
    }
    answer.extensions_mut().insert(Told(problem.code));
    response.into_response(answer)
}

fn of_error(error: &Error) -> Problem {
    match error.as_error::<Refused>() {
        Some(refused) => refused.problem().clone(),
        None => of_status(error.as_response_error().status_code()).into(),
    }
}

/// A request that was lost on the way to its answer, which the server then asks for here.
#[derive(Debug, thiserror::Error)]
#[error("the request was lost on the way to its answer")]
pub(super) struct Unanswered {
    problem: Problem,
    asked: Asked,
    protection: Protection,
}

impl Unanswered {
    /// What the caller is told.
    pub(super) fn code(&self) -> Code {
        self.problem.code
    }
}

impl ResponseError for Unanswered {
    fn status_code(&self) -> StatusCode {
        Refused::from(self.problem.code).status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = self.asked.answer(&self.problem);
        self.protection.apply(answer.head_mut());
        answer
    }
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::{App, test};
    use serde_json::Value;

    use super::*;
    use crate::middleware::observe;

    async fn panics() -> HttpResponse {
        panic!("DUPONT")
    }

    #[actix_web::test]
    async fn a_panic_is_an_internal_problem_with_everything_that_an_answer_has() {
        let directory = tempfile::tempdir().unwrap();
        let app = App::new()
            .app_data(web::Data::new(State::for_test(directory.path())))
            .route("/", web::get().to(panics))
            .wrap(from_fn(complete))
            .wrap(from_fn(observe));
        let app = test::init_service(app).await;
        let request = test::TestRequest::get()
            .insert_header(("x-request-id", "request-0001"))
            .to_request();
        let error = test::try_call_service(&app, request).await.err().unwrap();
        let answer = error.error_response();
        assert_eq!(answer.status(), 500);
        let header = |name: &str| answer.headers().get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(
            (header("x-request-id"), header("x-content-type-options")),
            ("request-0001".into(), "nosniff".into())
        );
        let body = actix_web::body::to_bytes(answer.into_body()).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            (&body["code"], &body["request_id"]),
            (&"internal".into(), &"request-0001".into())
        );
    }
}
