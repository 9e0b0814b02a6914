//! `POST /copies/{id}/merge`: making one copy of two.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::MergeCopiesRequest;
use domain::CopyId;
use serde::Deserialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, IfMatch, Json};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::{Copy, Versioned as _};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/copies/{id}/merge",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[
        Code::Forbidden,
        Code::NoPages,
        Code::NotFound,
        Code::StaleVersion,
        Code::WrongState,
    ],
    route: |method| web::method(method).to(handle),
};

/// The copy that is merged into this one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OtherCopy {
    /// Another copy of the same exam.
    #[serde(default)]
    #[schema(required = true, format = Uuid)]
    other_id: String,
}

/// Merge two copies of one pupil
///
/// The pages of the other copy come behind those of this one, and so does whose it is; the other is put aside without pages. Both
/// have their pages, nobody has begun to correct them, and not both are somebody's; if this one is READY, so is the other. Together they
/// have no more pages than a document may have. Only administrators may.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "mergeCopies",
    tag = "identification",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy that is kept."),
        ("If-Match" = Option<String>, Header, description = "Only if the copy still has this version."),
    ),
    request_body = OtherCopy,
    responses((status = 200, description = "The copy with the pages of both.", body = Copy, headers(
        ("ETag" = String, description = "Its version.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
    IfMatch(if_version): IfMatch,
    Json(other): Json<OtherCopy>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = MergeCopiesRequest {
        id: id.to_string(),
        other_id: other.other_id,
        if_version,
    };
    let merge = async |transport, request| grading::copies(transport).merge(request).await;
    let copy = state.grading.once(Some(&caller), message, merge).await?;
    Ok(Copy::from(copy).ok())
}
