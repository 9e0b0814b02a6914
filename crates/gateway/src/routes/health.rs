//! `GET /api/health`: whether the system can be used.

use actix_web::{HttpResponse, web};
use contracts::{Code, Problem};
use serde::Serialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::problem::Refused;
use crate::state::State;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/health",
    who: Who::Anyone,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Unavailable],
    route: |method| web::method(method).to(handle),
};

/// How the system is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `degraded`: uploads and images do not work, the rest does.
    #[schema(pattern = "^(healthy|degraded)$")]
    status: &'static str,
    checks: Checks,
}

/// Its parts: `ok` or `failed`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Checks {
    grading: &'static str,
    blobs: &'static str,
}

/// Ask for the health
///
/// The picture is at most a few seconds old. Without the grading service nothing can be done: 503.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getHealth",
    tag = "system",
    responses((status = 200, description = "The system can be used.", body = Health))
)]
pub(crate) async fn handle(state: web::Data<State>) -> Result<HttpResponse, Refused> {
    let (grading, blobs) = (state.health.grading(), state.health.blobs());
    let checks = Checks {
        grading: word(grading),
        blobs: word(blobs),
    };
    if !grading {
        let problem = Problem::of(Code::Unavailable);
        let problem = problem
            .with("grading", checks.grading.to_owned())
            .with("blobs", checks.blobs.to_owned());
        return Err(problem.into());
    }
    let status = if blobs { "healthy" } else { "degraded" };
    Ok(HttpResponse::Ok().json(Health { status, checks }))
}

fn word(fine: bool) -> &'static str {
    if fine { "ok" } else { "failed" }
}
