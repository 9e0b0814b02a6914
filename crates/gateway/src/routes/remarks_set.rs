//! `PUT /copies/{id}/remarks/{question_id}`: the words about a question.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::SetRemarkRequest;
use domain::CopyId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::body::Text;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, Json, LockToken, Question};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Remark;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Put,
    path: "/api/v1/copies/{id}/remarks/{question_id}",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[
        Code::AlreadyLocked,
        Code::Expired,
        Code::Forbidden,
        Code::LockRequired,
        Code::NotFound,
        Code::TokenMismatch,
        Code::UnknownQuestion,
        Code::WrongState,
    ],
    route: |method| web::method(method).to(handle),
};

/// Remark on a question
#[utoipa::path(
    put,
    path = ENDPOINT.path,
    operation_id = "setRemark",
    tag = "correcting",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
        ("question_id" = String, Path, min_length = 1, max_length = 32, pattern = "^[A-Za-z0-9._-]+$", description = "The question."),
        ("X-Lock-Token" = String, Header, description = "The token of the caller's lock of the copy."),
    ),
    request_body = Text,
    responses((status = 200, description = "The remark as it is now.", body = Remark))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    place: (Id<CopyId>, Question),
    LockToken(lock_token): LockToken,
    Json(text): Json<Text>,
) -> Result<HttpResponse, Refused> {
    let (Id(id), Question(question)) = place;
    telemetry::context::set_copy(id);
    let message = SetRemarkRequest {
        copy_id: id.to_string(),
        lock_token,
        question_id: question.to_string(),
        text: text.into_words()?,
    };
    let set = async |transport, request| grading::marks(transport).set_remark(request).await;
    let remark = state.grading.once(Some(&caller), message, set).await?;
    Ok(HttpResponse::Ok().json(Remark::from(remark)))
}
