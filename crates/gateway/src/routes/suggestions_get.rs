//! `GET /copies/{id}/identity/suggestions`: whose copy it may be.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::SuggestRequest;
use domain::CopyId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Suggestions;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/copies/{id}/identity/suggestions",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Suggest whose copy it is
///
/// What was read on all copies of the exam is compared with the pupils of its classes who have no copy yet. First comes whom the
/// copy would be given to if all were given to pupils at once; then others, the likeliest before. What was read is never shown.
/// A person looks at the image and decides. Only administrators may.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getSuggestions",
    tag = "identification",
    params(("id" = String, Path, format = Uuid, description = "The copy.")),
    responses((status = 200, description = "Pupils whose copy it may be.", body = Suggestions))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = SuggestRequest {
        copy_id: id.to_string(),
    };
    let suggest = async |transport, request| grading::identities(transport).suggest(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, suggest).await?;
    Ok(HttpResponse::Ok().json(Suggestions::from(reply)))
}
