//! The code of an answer that the HTTP library made by itself, of which only the status is known.

use actix_web::http::StatusCode;
use contracts::Code;

/// The code that says what `status` says.
pub(crate) fn of_status(status: StatusCode) -> Code {
    match status.as_u16() {
        401 => Code::Unauthenticated,
        403 => Code::Forbidden,
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        406 => Code::NotAcceptable,
        408 => Code::RequestTimeout,
        413 => Code::TooLarge,
        415 => Code::UnsupportedMediaType,
        416 => Code::RangeNotSatisfiable,
        422 => Code::Invalid,
        429 => Code::SlowDown,
        503 => Code::Unavailable,
        504 => Code::Timeout,
        400..=499 => Code::InvalidJson,
        _ => Code::Internal,
    }
}
