//! `PUT /copies/{id}/booklets`: putting the booklets of a copy into another order.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::ReorderBookletsRequest;
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
    method: Method::Put,
    path: "/api/v1/copies/{id}/booklets",
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

/// An order of the booklets of a copy.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BookletOrder {
    /// All of them, each once.
    #[serde(default)]
    #[schema(required = true)]
    booklets: Vec<String>,
}

/// Put the booklets of a copy into another order
///
/// Its pages come into that order too. Not once anybody has begun to correct it. Only administrators may.
#[utoipa::path(
    put,
    path = ENDPOINT.path,
    operation_id = "reorderBooklets",
    tag = "identification",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
        ("If-Match" = Option<String>, Header, description = "Only if the copy still has this version."),
    ),
    request_body = BookletOrder,
    responses((status = 200, description = "The copy with its pages in order.", body = Copy, headers(
        ("ETag" = String, description = "Its version.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
    IfMatch(if_version): IfMatch,
    Json(order): Json<BookletOrder>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = ReorderBookletsRequest {
        id: id.to_string(),
        booklets: order.booklets,
        if_version,
    };
    // A copy that is in this order already is left alone.
    let reorder = async |transport, request| grading::copies(transport).reorder(request).await;
    let copy = state.grading.repeatable(Some(&caller), message, reorder).await?;
    Ok(Copy::from(copy).ok())
}
