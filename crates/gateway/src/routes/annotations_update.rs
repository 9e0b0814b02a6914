//! `PATCH /copies/{id}/annotations/{aid}`: what an annotation says, and where.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::{Ink, UpdateAnnotationRequest};
use domain::CopyId;
use serde::Deserialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use super::annotations_create::NewAnnotation;
use crate::auth::Credentials;
use crate::body::{Change, Points, given};
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Aid, Id, Json, LockToken, Version};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::names::AnnotationKind;
use crate::view::{Annotation, Rectangle, Stroke, Versioned as _};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Patch,
    path: "/api/v1/copies/{id}/annotations/{aid}",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[
        Code::AlreadyLocked,
        Code::Expired,
        Code::Forbidden,
        Code::LockRequired,
        Code::NotFound,
        Code::PageOutOfRange,
        Code::StaleVersion,
        Code::TokenMismatch,
        Code::UnknownQuestion,
        Code::VersionRequired,
        Code::WrongState,
    ],
    route: |method| web::method(method).to(handle),
};

/// What becomes of an annotation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnnotationChange {
    /// The page, counted from 0.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    page_index: Option<u32>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    rectangle: Option<Rectangle>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = AnnotationKind, required = false)]
    kind: Option<String>,
    /// Null for none any more.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 4000)]
    text: Change<String>,
    /// For the kind `INK`, and no other: at most 200 lines of 10000 points together.
    #[serde(default, deserialize_with = "given")]
    #[schema(max_items = 200, nullable = false)]
    ink: Option<Vec<Stroke>>,
    /// What it adds to the score, or takes away; null for nothing any more.
    #[serde(default)]
    #[schema(value_type = Option<Points>)]
    score_delta: Change<Points>,
    /// The question it is about; null for none any more.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    question_id: Change<String>,
}

impl From<AnnotationChange> for UpdateAnnotationRequest {
    /// Without what says which annotation, and who may change it.
    fn from(change: AnnotationChange) -> Self {
        let ink = |strokes: Vec<Stroke>| Ink {
            strokes: strokes.into_iter().map(Into::into).collect(),
        };
        Self {
            page_index: change.page_index,
            rectangle: change.rectangle.map(Into::into),
            kind: change.kind,
            text: change.text.into_text(),
            ink: change.ink.map(ink),
            score_delta: change.score_delta.into_text(),
            question_id: change.question_id.into_text(),
            ..Self::default()
        }
    }
}

/// Change an annotation
///
/// What is absent stays as it is.
#[utoipa::path(
    patch,
    path = ENDPOINT.path,
    operation_id = "updateAnnotation",
    tag = "correcting",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
        ("aid" = String, Path, format = Uuid, description = "The annotation."),
        ("If-Match" = String, Header, description = "The version of the annotation that the caller has read."),
        ("X-Lock-Token" = String, Header, description = "The token of the caller's lock of the copy."),
    ),
    request_body = AnnotationChange,
    responses((status = 200, description = "The annotation as it is now.", body = Annotation, headers(
        ("ETag" = String, description = "Its version.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    place: (Id<CopyId>, Aid),
    guard: (LockToken, Version),
    Json(change): Json<AnnotationChange, { NewAnnotation::LARGEST }>,
) -> Result<HttpResponse, Refused> {
    let (Id(id), Aid(annotation)) = place;
    let (LockToken(token), Version(version)) = guard;
    telemetry::context::set_copy(id);
    let message = UpdateAnnotationRequest {
        copy_id: id.to_string(),
        id: annotation.to_string(),
        lock_token: token,
        if_version: version,
        ..change.into()
    };
    let update = async |transport, request| grading::annotations(transport).update(request).await;
    let annotation = state.grading.once(Some(&caller), message, update).await?;
    Ok(Annotation::from(annotation).ok())
}
