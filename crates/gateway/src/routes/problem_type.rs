//! `GET /problems/{code}`: what the `type` of a problem leads to.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use contracts::{Code, Language};
use serde::Serialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::problem::{Refused, title};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/problems/{code}",
    who: Who::Anyone,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Where `code` is explained.
pub(crate) fn path_of(code: Code) -> String {
    format!("/api/v1/problems/{}", code.as_str())
}

/// A kind of problem.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProblemType {
    code: &'static str,
    title: String,
    /// The HTTP status that comes with it.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    detail: Sentences,
    /// Whether the same request may succeed later.
    transient: bool,
}

/// A sentence in each language.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sentences {
    en: &'static str,
    fr: &'static str,
}

/// Explain a problem code
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getProblemType",
    tag = "system",
    params(("code" = String, Path, description = "The `code` of a problem.")),
    responses((status = 200, description = "What the code means.", body = ProblemType))
)]
pub(crate) async fn handle(request: HttpRequest) -> Result<HttpResponse, Refused> {
    let code = request
        .match_info()
        .get("code")
        .and_then(Code::parse)
        .ok_or(Code::NotFound)?;
    let kind = ProblemType {
        code: code.as_str(),
        title: title(code),
        status: code.http(),
        detail: Sentences {
            en: code.detail(Language::English),
            fr: code.detail(Language::French),
        },
        transient: code.is_transient(),
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .json(kind))
}
