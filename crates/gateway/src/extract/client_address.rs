//! Where a request comes from, for the throttling of guesses.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use contracts::Code;

use crate::problem::Refused;
use crate::state;

/// The address of the client. It is personal data: it is passed on to be counted, never logged.
pub(crate) struct ClientAddress(IpAddr);

impl ClientAddress {
    /// As grading reads it.
    pub(crate) fn expose(&self) -> String {
        self.0.to_string()
    }
}

impl FromRequest for ClientAddress {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(of(request))
    }
}

fn of(request: &HttpRequest) -> Result<ClientAddress, Refused> {
    let peer = request.peer_addr().ok_or(Code::Internal)?;
    let proxies = &state::of(request)?.proxies;
    Ok(ClientAddress(proxies.client(peer.ip(), request.headers())))
}
