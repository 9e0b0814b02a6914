//! Numbers of points, as text: a JSON number is binary on its way through half of the world's programs, and a mark
//! must not be rounded by any of them.

use serde::Deserialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// A number of points as the caller wrote it. Whether it is one is decided by grading.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Points(String);

impl TryFrom<String> for Points {
    type Error = &'static str;

    /// On the wire empty text takes points away; here only null does.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() {
            Err("empty")
        } else {
            Ok(Self(text))
        }
    }
}

impl From<Points> for String {
    fn from(Points(text): Points) -> Self {
        text
    }
}

impl PartialSchema for Points {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A decimal number of points, in quarters."))
            .pattern(Some("^-?[0-9]{1,4}(\\.[0-9]{1,4})?$"))
            .examples(["2.25"])
            .into()
    }
}

impl ToSchema for Points {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_is_points() {
        let read = |json: &str| serde_json::from_str::<Points>(json).map(String::from);
        assert_eq!(read("\"2.25\"").unwrap(), "2.25");
        for other in ["2.25", "2", "-1", "true", "[]", "null", "\"\""] {
            assert!(read(other).is_err(), "{other}");
        }
    }
}
