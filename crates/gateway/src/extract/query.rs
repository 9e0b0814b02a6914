//! The query of a request, as names and values. Names that no handler asks for are ignored.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use contracts::{FieldCode, Fields};

use crate::problem::Refused;

/// The parameters of a query, in their order.
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// The query of a request. Every query parses: what is not `name=value` is a name without a value.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
        Self(pairs.map(web::Query::into_inner).unwrap_or_default())
    }

    /// The text of a parameter, empty if it is not there. A parameter that is there twice is malformed.
    pub(crate) fn text(&self, fields: &mut Fields, pointer: &'static str) -> String {
        let name = pointer.trim_start_matches('/');
        let mut values = self
            .0
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value);
        let first = values.next().cloned().unwrap_or_default();
        let single = values.next().is_none().then_some(first);
        fields
            .check(pointer, single, FieldCode::Malformed)
            .unwrap_or_default()
    }

    /// The parsed form of a parameter, or `default` if it is not there.
    pub(crate) fn parse<T: FromStr>(
        &self,
        fields: &mut Fields,
        pointer: &'static str,
        default: T,
    ) -> Option<T> {
        match self.text(fields, pointer).as_str() {
            "" => Some(default),
            text => fields.parse(pointer, text),
        }
    }
}

impl FromRequest for Query {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

/// Goes on if nothing wrong was noted.
pub(crate) fn checked(fields: Fields) -> Result<(), Refused> {
    let problem = fields.problem();
    if problem.errors.is_empty() {
        Ok(())
    } else {
        Err(problem.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query(
            web::Query::<Vec<(String, String)>>::from_query(text)
                .unwrap()
                .into_inner(),
        )
    }

    #[test]
    fn values_are_decoded_and_absent_ones_have_their_default() {
        let mut fields = Fields::default();
        let query = query("status=A%20B&limit=7&limit_=9&%ff=1&=&&");
        assert_eq!(query.text(&mut fields, "/status"), "A B");
        assert_eq!(query.parse(&mut fields, "/limit", 50), Some(7));
        assert_eq!(query.parse(&mut fields, "/other", 50), Some(50));
        assert!(fields.problem().errors.is_empty());
    }

    #[test]
    fn doubled_and_malformed_values_are_named() {
        let mut fields = Fields::default();
        let query = query("limit=1&limit=2&index=x");
        query.parse(&mut fields, "/limit", 50);
        query.parse(&mut fields, "/index", 0);
        let named: Vec<_> = fields
            .problem()
            .errors
            .into_iter()
            .map(|error| error.pointer)
            .collect();
        assert_eq!(named, ["/limit", "/index"]);
    }
}
