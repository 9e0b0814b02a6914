//! Refuses what comes when there is no room for it, before anything is done.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use crate::problem::Refused;
use crate::routes;
use crate::state::State;

/// Lets a request pass if there is room for one of its kind. It has its place until the head of its answer is there.
pub(crate) async fn admit(
    state: web::Data<State>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let admitted = match routes::endpoint_of(&request) {
        Some(endpoint) => state.admission.admit(endpoint),
        // Nobody works for what is not there.
        None => Ok(None),
    };
    match admitted {
        Ok(_place) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(code) => Ok(request.error_response(Refused::from(code))),
    }
}
