//! The operations of an OpenAPI document, and paths that name things that are there.

use serde_json::Value;

/// The keys of a path that are operations.
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Every operation in the order of the document: its method and the template of its path.
///
/// # Panics
/// If it is no such document.
#[must_use]
#[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
pub fn operations(document: &Value) -> Vec<(String, String)> {
    let paths = document.get("paths").and_then(Value::as_object);
    let operations = paths.expect("it has paths").iter().flat_map(|(template, item)| {
        let methods = item.as_object().expect("a path has operations").keys();
        let methods = methods.filter(|method| METHODS.contains(&method.as_str()));
        methods.map(move |method| (method.to_uppercase(), template.clone()))
    });
    operations.collect()
}

/// The path with its parameters replaced, each by the thing of the kind that the segment before it says.
pub fn fill<'a>(template: &'a str, thing: impl Fn(&str) -> &'a str) -> String {
    let mut filled: Vec<&str> = Vec::new();
    for segment in template.split('/') {
        let kind = filled.last().copied().unwrap_or_default();
        let is_parameter = segment.starts_with('{');
        filled.push(if is_parameter { thing(kind) } else { segment });
    }
    filled.join("/")
}
