//! Refuses what comes when there is no room for it, before anything is done. A body is read before: who sends one slowly, or
//! not at all, takes nobody's place.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpRequest, web};
use contracts::Code;

use crate::admission::Admitted;
use crate::endpoint::{Endpoint, Takes};
use crate::pace::Paced;
use crate::pieces::Pieces;
use crate::problem::Refused;
use crate::routes;
use crate::state::{self, State};

/// Lets a request pass if there is room for one of its kind. It has its place until the head of its answer is there. One with
/// a body gets it when that was read, by [`admit_read`]. A file has a place of its own until it was read. A file or a list of
/// lines has to be read at a certain pace. All answers are handed out in pieces.
pub(crate) async fn admit(
    state: web::Data<State>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // Nobody works for what is not there.
    let Some(endpoint) = routes::endpoint_of(&request) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    match enter(&state, &request, endpoint) {
        Ok((_place, file)) => {
            let answer = next.call(request).await?;
            let answer = answer.map_body(|_, body| Pieces::of(body.boxed()));
            if endpoint.gives.takes_long() {
                let pace = state.pace;
                Ok(answer.map_body(|_, body| Paced::new(body, pace, file).boxed()))
            } else {
                Ok(answer.map_into_boxed_body())
            }
        }
        Err(code) => Ok(request.error_response(Refused::from(code))),
    }
}

/// The places of a request and of the file that it gives.
fn enter(
    state: &State,
    request: &ServiceRequest,
    endpoint: &'static Endpoint,
) -> Result<(Option<Admitted>, Option<Admitted>), Code> {
    let place = if endpoint.takes == Takes::Json {
        request.extensions_mut().insert(Unread(endpoint));
        None
    } else {
        state.admission.admit(endpoint)?
    };
    Ok((place, state.admission.download(endpoint)?))
}

/// A request whose body was not read yet.
struct Unread(&'static Endpoint);

/// Lets a request pass whose body was read, or has none after all.
pub(crate) fn admit_read(request: &HttpRequest) -> Result<(), Refused> {
    let unread = request.extensions_mut().remove::<Unread>();
    if let Some(Unread(endpoint)) = unread
        && let Some(place) = state::of(request)?.admission.admit(endpoint)?
    {
        request.extensions_mut().insert(place);
    }
    Ok(())
}
