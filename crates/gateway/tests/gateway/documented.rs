//! Checks answers against the OpenAPI document: no status may be missing from it, and no header that it promises.

use std::sync::LazyLock;

use reqwest::header::HeaderMap;
use serde_json::Value;

/// The document.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(&gateway::openapi()).unwrap());

/// The template of `path`, if it is one of the document's.
fn template(path: &str) -> Option<&'static str> {
    let path = path.split('?').next().unwrap();
    let fits = |template: &str| {
        let (given, wanted): (Vec<_>, Vec<_>) = (path.split('/').collect(), template.split('/').collect());
        given.len() == wanted.len()
            && given
                .iter()
                .zip(&wanted)
                .all(|(g, w)| g == w || w.starts_with('{'))
    };
    let paths = DOCUMENT["paths"].as_object().unwrap();
    paths.keys().map(String::as_str).find(|path| fits(path))
}

/// Checks that the document knows this answer. For paths and methods that it does not list, the
/// description speaks of 404 and 405.
#[track_caller]
pub fn check(method: &str, path: &str, status: u16, headers: &HeaderMap) {
    let Some(template) = template(path) else {
        return assert_eq!(status, 404, "{method} {path}");
    };
    let method = if method == "HEAD" {
        "get".to_owned()
    } else {
        method.to_lowercase()
    };
    if method == "options" {
        return;
    }
    let operation = &DOCUMENT["paths"][template][&method];
    if operation.is_null() || status == 405 {
        return assert_eq!(status, 405, "{method} {path}");
    }
    let response = &operation["responses"][status.to_string()];
    assert!(
        !response.is_null(),
        "{method} {template} answers {status}, which is not documented"
    );
    let promised = response["headers"].as_object().into_iter().flatten();
    for (name, _) in promised.filter(|(_, header)| header["required"] == true) {
        assert!(headers.contains_key(name), "{method} {template} {status}: {name}");
    }
    let content_type = headers.get("content-type").map(|value| value.to_str().unwrap());
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap();
    if !media_type.is_empty() {
        assert!(
            !response["content"][media_type].is_null(),
            "{method} {template} {status}: {media_type}"
        );
    }
}
