//! Refuses what asks for an answer in a form that does not exist, before anything is done.

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use contracts::Code;

use crate::problem::Refused;
use crate::routes;

/// Lets a request pass whose `Accept` names what its endpoint gives.
pub(crate) async fn negotiate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if is_acceptable(&request) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    Ok(request.error_response(Refused::from(Code::NotAcceptable)))
}

fn is_acceptable(request: &ServiceRequest) -> bool {
    let Some(accept) = request.headers().get(header::ACCEPT) else {
        return true;
    };
    let Ok(accept) = accept.to_str() else { return false };
    let given = routes::endpoint_of(request)
        .map(|endpoint| endpoint.gives.media_types())
        .unwrap_or_default();
    given.is_empty() || given.iter().any(|media_type| names(accept, media_type))
}

/// Whether an `Accept` header names `media_type`, and not with weight zero.
fn names(accept: &str, media_type: &str) -> bool {
    accept.split(',').any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused = parts.any(|part| {
            part.strip_prefix("q=")
                .is_some_and(|weight| weight.parse() == Ok(0.0))
        });
        !refused && covers(name, media_type)
    })
}

fn covers(range: &str, media_type: &str) -> bool {
    let family = |name: &str| {
        name.split_once('/')
            .map(|(family, _)| family.to_ascii_lowercase())
    };
    range == "*/*"
        || range.eq_ignore_ascii_case(media_type)
        || (range.ends_with("/*") && family(range) == family(media_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_covers_its_family_and_a_weight_of_zero_covers_nothing() {
        for (accept, expected) in [
            ("*/*", true),
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/*;q=0.1", true),
            ("text/html, application/json;q=0.9", true),
            ("text/html", false),
            ("application/json;q=0", false),
            ("application/problem+json", false),
            ("", false),
        ] {
            assert_eq!(names(accept, "application/json"), expected, "{accept}");
        }
    }
}
