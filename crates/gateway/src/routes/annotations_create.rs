//! `POST /copies/{id}/annotations`: drawing or writing on a page.

use actix_web::{HttpResponse, web};
use contracts::grading::CreateAnnotationRequest;
use contracts::{Code, FieldCode, Problem};
use domain::CopyId;
use serde::Deserialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::auth::Credentials;
use crate::body::Points;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, IdempotencyKey, Json, LockToken};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::names::AnnotationKind;
use crate::view::{Annotation, Rectangle, Stroke, Versioned as _};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/copies/{id}/annotations",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[
        Code::AlreadyLocked,
        Code::Expired,
        Code::Forbidden,
        Code::IdempotencyMismatch,
        Code::InProgress,
        Code::LockRequired,
        Code::MissingIdempotencyKey,
        Code::NotFound,
        Code::PageOutOfRange,
        Code::TokenMismatch,
        Code::UnknownQuestion,
        Code::WrongState,
    ],
    route: |method| web::method(method).to(handle),
};

/// An annotation to be made. What is missing is refused by name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAnnotation {
    /// The page, counted from 0.
    #[schema(required = true, nullable = false)]
    page_index: Option<u32>,
    #[schema(required = true, nullable = false)]
    rectangle: Option<Rectangle>,
    #[serde(default)]
    #[schema(value_type = AnnotationKind, required = true)]
    kind: String,
    #[schema(max_length = 4000)]
    text: Option<String>,
    /// For the kind `INK`, and no other: at most 200 lines of 10000 points together.
    #[serde(default)]
    #[schema(max_items = 200)]
    ink: Vec<Stroke>,
    /// What it adds to the score, or takes away.
    score_delta: Option<Points>,
    /// The question it is about.
    question_id: Option<String>,
}

impl NewAnnotation {
    /// As many points as there may be, each written with all the digits of a binary fraction, have less.
    pub(super) const LARGEST: usize = 1024 * 1024;

    fn into_request(
        self,
        copy: CopyId,
        lock_token: String,
        idempotency_key: String,
    ) -> Result<CreateAnnotationRequest, Problem> {
        // On the wire a page that is not given would be the first.
        let missing = || Problem::field("/page_index", FieldCode::Required);
        Ok(CreateAnnotationRequest {
            copy_id: copy.to_string(),
            lock_token,
            idempotency_key,
            page_index: self.page_index.ok_or_else(missing)?,
            rectangle: self.rectangle.map(Into::into),
            kind: self.kind,
            text: self.text.unwrap_or_default(),
            ink: self.ink.into_iter().map(Into::into).collect(),
            score_delta: self.score_delta.map(Into::into).unwrap_or_default(),
            question_id: self.question_id.unwrap_or_default(),
        })
    }
}

/// Make an annotation
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "createAnnotation",
    tag = "correcting",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
        ("Idempotency-Key" = String, Header, min_length = 1, max_length = 128, pattern = "^[!-~]+$",
            description = "The caller's own name of this annotation. Repeated with the same body, it gets the same answer."),
        ("X-Lock-Token" = String, Header, description = "The token of the caller's lock of the copy."),
    ),
    request_body = NewAnnotation,
    responses((status = 201, description = "The new annotation.", body = Annotation, headers(
        ("ETag" = String, description = "Its version.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
    guard: (IdempotencyKey, LockToken),
    Json(annotation): Json<NewAnnotation, { NewAnnotation::LARGEST }>,
) -> Result<HttpResponse, Refused> {
    let (IdempotencyKey(key), LockToken(token)) = guard;
    telemetry::context::set_copy(id);
    let message = annotation.into_request(id, token, key)?;
    // The key makes it safe to repeat.
    let create = async |transport, request| grading::annotations(transport).create(request).await;
    let created = state.grading.repeatable(Some(&caller), message, create).await?;
    Ok(Annotation::from(created).in_answer(HttpResponse::Created()))
}
