//! Pages of lists.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::PageRequest;

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct List<T> {
    items: Vec<T>,
    /// Where the next page begins; null on the last.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

impl<T: Serialize> List<T> {
    /// A page whose next begins at `next_cursor`, which is empty on the last.
    pub(crate) fn new(items: Vec<T>, next_cursor: String) -> Self {
        Self {
            items,
            next_cursor: super::job::some(next_cursor),
        }
    }

    /// The answer, with the next page in `Link`. `filters` are the other parameters of the query.
    pub(crate) fn answer(
        &self,
        request: &HttpRequest,
        page: &PageRequest,
        filters: &[(&str, &str)],
    ) -> HttpResponse {
        let mut answer = HttpResponse::Ok();
        if let Some(cursor) = &self.next_cursor {
            let mut query = format!("limit={}&cursor={}", page.limit, escape(cursor));
            for (name, value) in filters.iter().filter(|(_, value)| !value.is_empty()) {
                query = format!("{query}&{name}={}", escape(value));
            }
            answer.insert_header((
                header::LINK,
                format!("<{}?{query}>; rel=\"next\"", request.path()),
            ));
        }
        answer.json(self)
    }
}

/// `text` as part of a query, whatever it holds.
fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let letters = text.bytes().map(|byte| {
        if plain(byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_cursor_holds_stays_within_its_parameter() {
        assert_eq!(escape("a-b_1~.é&x=\">"), "a-b_1~.%C3%A9%26x%3D%22%3E");
    }
}
