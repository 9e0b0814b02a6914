//! `GET /openapi.json`: this API, described.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use telemetry::http::Method;

use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::openapi;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/openapi.json",
    who: Who::Anyone,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[],
    route: |method| web::method(method).to(handle),
};

/// Get the description of this API
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getOpenApi",
    tag = "system",
    responses((status = 200, description = "The OpenAPI 3.1 document.", body = Object))
)]
pub(crate) fn handle() -> std::future::Ready<HttpResponse> {
    std::future::ready(
        HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .content_type(header::ContentType::json())
            .body(openapi::document()),
    )
}
