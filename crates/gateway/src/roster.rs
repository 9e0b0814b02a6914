//! Passes a list of pupils on to grading as it comes, in pieces: nothing of it is kept here, nor looked at.

use std::pin::pin;

use actix_web::http::header;
use actix_web::web::Payload;
use actix_web::{HttpMessage as _, HttpRequest};
use contracts::grading::{ImportStudentsReply, ImportStudentsRequest};
use contracts::{Code, Problem};
use futures::StreamExt as _;
use futures::future::{Either, select};
use tokio::sync::mpsc::{self, Sender};
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;

use crate::auth::Credentials;
use crate::grading::{self, Grading};
use crate::state::{State, Timeouts};

/// How many pieces may wait for grading.
const WAITING: usize = 2;

/// What grading made of the list. It may answer before it has the whole: then the rest is not read.
pub(crate) async fn forward(
    caller: &Credentials,
    request: &HttpRequest,
    state: &State,
    list: Payload,
) -> Result<ImportStudentsReply, Problem> {
    check_type(request)?;
    let _turn = state.uploads.turn().await?;
    let (sender, pieces) = mpsc::channel(WAITING);
    let message = Grading::request(Some(caller), ReceiverStream::new(pieces));
    let mut students = grading::students(state.grading.transport());
    let answering = pin!(students.import(message));
    let sending = pin!(timeout(state.timeouts.upload, send(list, sender, state.timeouts)));
    let answered = match select(answering, sending).await {
        Either::Left((answered, _rest)) => answered,
        Either::Right((sent, answering)) => {
            sent.map_err(|_elapsed| Code::RequestTimeout)??;
            let deadline = state.grading.in_bulk().deadline();
            timeout(deadline, answering)
                .await
                .map_err(|_elapsed| Code::Timeout)?
        }
    };
    let reply = answered.map_err(|status| grading::unrepeated(&status))?;
    Ok(reply.into_inner())
}

fn check_type(request: &HttpRequest) -> Result<(), Code> {
    let plain = request
        .headers()
        .get(header::CONTENT_ENCODING)
        .is_none_or(|encoding| encoding == "identity");
    let media_type = request.mime_type().ok().flatten();
    if plain && media_type.is_some_and(|media_type| media_type.essence_str() == "text/csv") {
        Ok(())
    } else {
        Err(Code::UnsupportedMediaType)
    }
}

/// Sends the pieces. Only the last says that the list is whole: one that breaks off must not be taken for it.
async fn send(
    mut list: Payload,
    pieces: Sender<ImportStudentsRequest>,
    timeouts: Timeouts,
) -> Result<(), Problem> {
    loop {
        let piece = timeout(timeouts.stall, list.next()).await;
        let piece = piece.map_err(|_elapsed| Code::RequestTimeout)?;
        let piece = piece.transpose().map_err(|_broken| Code::RequestTimeout)?;
        let ended = piece.is_none();
        let message = ImportStudentsRequest {
            piece: piece.map(Vec::from).unwrap_or_default(),
            last: ended,
        };
        // Grading has answered already, if it wants no more.
        let unwanted = pieces.send(message).await.is_err();
        if ended || unwanted {
            return Ok(());
        }
    }
}
