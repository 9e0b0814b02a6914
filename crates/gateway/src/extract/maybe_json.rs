//! JSON bodies of requests that mostly have nothing to say.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use futures::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use super::Json;
use crate::middleware::admit_read;
use crate::problem::Refused;

/// The parsed body; its usual form if none was sent.
pub(crate) struct MaybeJson<T>(pub(crate) T);

impl<T: DeserializeOwned + Default + 'static> FromRequest for MaybeJson<T> {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if has_no_body(request) {
            let admitted = admit_read(request).map(|()| Self(T::default()));
            return Box::pin(std::future::ready(admitted));
        }
        let body = Json::<T>::from_request(request, payload);
        Box::pin(async { body.await.map(|Json(body)| Self(body)) })
    }
}

fn has_no_body(request: &HttpRequest) -> bool {
    let length = request.headers().get(header::CONTENT_LENGTH);
    !request.headers().contains_key(header::TRANSFER_ENCODING) && length.is_none_or(|length| length == "0")
}
