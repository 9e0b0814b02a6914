//! Refuses what comes when there is no room for it, before anything is done. A body is read before: who sends one slowly, or
//! not at all, takes nobody's place.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpRequest, web};

use crate::endpoint::{Endpoint, Takes};
use crate::problem::Refused;
use crate::routes;
use crate::state::{self, State};

/// Lets a request pass if there is room for one of its kind. It has its place until the head of its answer is there. One with
/// a body gets it when that was read, by [`admit_read`].
pub(crate) async fn admit(
    state: web::Data<State>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let admitted = match routes::endpoint_of(&request) {
        Some(endpoint) if endpoint.takes == Takes::Json => {
            request.extensions_mut().insert(Unread(endpoint));
            Ok(None)
        }
        Some(endpoint) => state.admission.admit(endpoint),
        // Nobody works for what is not there.
        None => Ok(None),
    };
    match admitted {
        Ok(_place) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(code) => Ok(request.error_response(Refused::from(code))),
    }
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
