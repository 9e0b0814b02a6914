//! What several people edit: each answer that shows it has its version as `ETag`.

use actix_web::{HttpResponse, HttpResponseBuilder};
use serde::Serialize;

use crate::etag;

/// A thing with a version.
pub(crate) trait Versioned: Serialize + Sized {
    /// Counts its changes.
    fn version(&self) -> i64;

    /// The answer that shows it.
    fn ok(self) -> HttpResponse {
        self.in_answer(HttpResponse::Ok())
    }

    /// The same with another status or more headers.
    fn in_answer(self, mut answer: HttpResponseBuilder) -> HttpResponse {
        answer.insert_header(etag::of_version(self.version())).json(self)
    }
}
