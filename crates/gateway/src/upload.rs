//! Takes an uploaded PDF in, in constant memory: from the form into the blob store, hashed on the way.
//!
//! Only the beginning is looked at, to refuse what is no PDF at all. Whether it is a good one is the
//! worker's business. What the client called the file is never read: it often is a pupil's name.

mod magic;
mod pdf_part;
mod receive;
mod reserve;

use std::sync::Arc;
use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::HttpRequest;
use actix_web::http::header;
use blobs::Stored;
use contracts::{Code, Problem};
use failpoint::Point;
use telemetry::metrics::{self, UploadTurn};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use utoipa::ToSchema;

use self::receive::{OVERHEAD, receive};
pub(crate) use self::reserve::Reserve;
use crate::state::State;

/// How long an upload may wait for its turn. Its bytes wait with the client.
const TURN: Duration = Duration::from_secs(10);

/// What uploads may take.
#[derive(Debug, Clone)]
pub(crate) struct Uploads {
    max_bytes: u64,
    turns: Arc<Semaphore>,
    /// What stays free where they go.
    reserve: Reserve,
}

impl Uploads {
    /// Files of at most `max_bytes`, at most `at_once` at a time.
    pub(crate) fn new(max_bytes: u64, at_once: usize, reserve: Reserve) -> Self {
        metrics::upload_turns(at_once);
        Self {
            max_bytes,
            turns: Arc::new(Semaphore::new(at_once)),
            reserve,
        }
    }

    /// Waits until one of the uploads under way has ended, if there are too many.
    pub(crate) async fn turn(&self) -> Result<Turn, Code> {
        let turn = timeout(TURN, Arc::clone(&self.turns).acquire_owned()).await;
        let permit = turn.ok().and_then(Result::ok).ok_or(Code::Unavailable)?;
        Ok(Turn {
            _permit: permit,
            _counted: metrics::upload_turn(),
        })
    }
}

/// An upload's turn, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _permit: OwnedSemaphorePermit,
    _counted: UploadTurn,
}

/// The form of an upload.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used: the form is read as a stream")]
pub(crate) struct UploadForm {
    /// The PDF. Its file name is not kept.
    #[schema(format = Binary, content_media_type = "application/pdf")]
    file: String,
}

/// The file of an upload, in the blob store. Whether the caller may was asked before.
pub(crate) async fn take(request: &HttpRequest, form: Multipart, state: &State) -> Result<Stored, Problem> {
    let max_bytes = state.uploads.max_bytes;
    check_length(request, max_bytes)?;
    state.uploads.reserve.check(&state.blobs).await?;
    let _turn = state.uploads.turn().await?;
    let stored = receive(form, &state.blobs, max_bytes, state.timeouts).await?;
    failpoint::reach(Point::UploadStored);
    Ok(stored)
}

/// Refuses at once what announces itself as too large. What it really is, is counted as it comes.
fn check_length(request: &HttpRequest, max_bytes: u64) -> Result<(), Code> {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length: Option<u64> = length.and_then(|value| value.to_str().ok()?.parse().ok());
    match length {
        Some(length) if length > max_bytes.saturating_add(OVERHEAD) => Err(Code::TooLarge),
        Some(_) | None => Ok(()),
    }
}
