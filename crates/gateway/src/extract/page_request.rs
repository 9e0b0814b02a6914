//! Which page of a list is asked for: `cursor` and `limit`.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use contracts::{FieldCode, Fields};
use utoipa::IntoParams;

use super::{Query, checked};
use crate::problem::Refused;

/// How many items a page has if the caller does not say.
const DEFAULT: u32 = 50;

/// The largest page.
const MAX: u32 = 100;

/// A page of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageRequest {
    /// The `next_cursor` of the page before; the first page without it.
    #[param(required = false)]
    pub(crate) cursor: String,
    /// How many items at most.
    #[param(required = false, minimum = 1, maximum = 100, default = 50)]
    pub(crate) limit: u32,
}

impl PageRequest {
    /// The page that a query asks for; what is wrong with it is noted in `fields`.
    pub(crate) fn of(query: &Query, fields: &mut Fields) -> Self {
        let limit = query.parse(fields, "/limit", i64::from(DEFAULT));
        let within = limit
            .and_then(|limit| u32::try_from(limit).ok())
            .filter(|limit| (1..=MAX).contains(limit));
        if limit.is_some() {
            fields.check("/limit", within, FieldCode::OutOfRange);
        }
        Self {
            cursor: query.text(fields, "/cursor"),
            limit: within.unwrap_or(DEFAULT),
        }
    }
}

/// Where nothing but the page is asked for.
impl FromRequest for PageRequest {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let mut fields = Fields::default();
        let page = Self::of(&Query::of(request), &mut fields);
        ready(checked(fields).map(|()| page))
    }
}
