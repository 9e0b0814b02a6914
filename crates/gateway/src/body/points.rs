//! Numbers of points, as text: a JSON number is binary on its way through half of the world's programs, and a mark
//! must not be rounded by any of them.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// What the parser says was expected where points are not text.
pub(crate) const POINTS_AS_TEXT: &str = "points as decimal text";

/// A number of points as the caller wrote it. Whether it is one is decided by grading.
pub(crate) struct Points(String);

impl From<Points> for String {
    fn from(Points(text): Points) -> Self {
        text
    }
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_string(Text)
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Points;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(POINTS_AS_TEXT)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Points, E> {
        // On the wire empty text takes points away; here only null does.
        if text.is_empty() {
            return Err(E::custom("empty"));
        }
        Ok(Points(text.to_owned()))
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
        for number in ["2.25", "2", "-1", "true", "[]"] {
            let told = read(number).unwrap_err().to_string();
            assert!(told.contains(POINTS_AS_TEXT), "{told}");
        }
        assert!(!read("\"\"").unwrap_err().to_string().contains(POINTS_AS_TEXT));
    }
}
