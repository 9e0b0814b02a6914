//! `PUT /copies/{id}/draft`: what the caller has not saved yet.

use actix_web::{HttpResponse, web};
use contracts::grading::PutDraftRequest;
use contracts::{Code, FieldCode, Problem};
use domain::CopyId;
use domain::draft::DraftPayload;
use serde::Deserialize;
use serde_json::value::RawValue;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::auth::Credentials;
use crate::body::given;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, Json};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Draft;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Put,
    path: "/api/v1/copies/{id}/draft",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NewerDraft, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// What a draft may have around the payload.
const OVERHEAD: usize = 4 * 1024;

const LARGEST: usize = DraftPayload::MAX_BYTES + OVERHEAD;

/// A draft to be saved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDraft {
    /// What the window calls itself.
    #[serde(default)]
    #[schema(required = true, min_length = 1, max_length = 64)]
    client_id: String,
    /// The version that the window has seen last; 0 for none. The window that wrote the last one need not know.
    #[serde(default)]
    #[schema(minimum = 0)]
    version: i64,
    /// Any JSON of at most 256 KiB. Nobody else looks into it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Value, required = true)]
    payload: Option<Box<RawValue>>,
}

impl NewDraft {
    fn into_request(self, copy: CopyId) -> Result<PutDraftRequest, Problem> {
        let missing = || Problem::field("/payload", FieldCode::Required);
        let payload = self.payload.ok_or_else(missing)?;
        if DraftPayload::new(payload.get()).is_none() {
            return Err(Code::TooLarge.into());
        }
        Ok(PutDraftRequest {
            copy_id: copy.to_string(),
            client_id: self.client_id,
            version: self.version,
            payload: Box::<str>::from(payload).into_string(),
        })
    }
}

/// Save the draft
///
/// It needs no lock, and survives one that is lost. What another window has saved since is not overwritten.
#[utoipa::path(
    put,
    path = ENDPOINT.path,
    operation_id = "putDraft",
    tag = "correcting",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
    ),
    request_body = NewDraft,
    responses((status = 200, description = "The draft as it is now.", body = Draft))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
    Json(draft): Json<NewDraft, LARGEST>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = draft.into_request(id)?;
    let put = async |transport, request| grading::drafts(transport).put(request).await;
    let saved = state.grading.once(Some(&caller), message, put).await?;
    Ok(HttpResponse::Ok().json(Draft::try_from(saved)?))
}
