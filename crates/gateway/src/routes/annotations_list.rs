//! `GET /copies/{id}/annotations`: what is drawn and written on a copy.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::ListAnnotationsRequest;
use domain::CopyId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::{Annotation, List};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/copies/{id}/annotations",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// List the annotations of a copy
///
/// All of them come at once.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "listAnnotations",
    tag = "correcting",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
    ),
    responses((status = 200, description = "The annotations.", body = List<Annotation>))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = ListAnnotationsRequest {
        copy_id: id.to_string(),
    };
    let list = async |transport, request| grading::annotations(transport).list(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, list).await?;
    let annotations: Vec<Annotation> = reply.annotations.into_iter().map(Into::into).collect();
    Ok(HttpResponse::Ok().json(List::new(annotations, String::new())))
}
