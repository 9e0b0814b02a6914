//! Whatever JSON is sent, the answer is one that the OpenAPI document knows, and never a failure of ours.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use reqwest::Method;
use serde_json::{Value, json};

use crate::documented::DOCUMENT;
use crate::gateway::{Answer, Gateway};
use crate::peer::{ANNOTATION, BATCH, COPY, EXAM, LOCK, USER};

/// Text that means something somewhere.
const WORDS: &[&str] = &[
    "",
    "2.25",
    "-1",
    "0.1",
    "INK",
    "COMMENT",
    "A4",
    "first",
    "other",
    "1.a",
    "2026-06-15",
];

/// An operation that takes JSON.
#[derive(Debug, Clone)]
struct Route {
    method: Method,
    /// With the ids of what the peer knows.
    path: String,
    /// The names that its body or anything in it has.
    fields: Vec<String>,
}

/// All that the document has.
fn routes() -> Vec<Route> {
    let mut routes = Vec::new();
    for (template, item) in DOCUMENT["paths"].as_object().unwrap() {
        let id = match template.split('/').nth(3) {
            Some("exams") => EXAM,
            Some("batches") => BATCH,
            Some("copies") => COPY,
            _ => USER,
        };
        let path = template.replace("{id}", id).replace("{aid}", ANNOTATION);
        let path = path.replace("{question_id}", "1.a");
        for (method, operation) in item.as_object().unwrap() {
            if let Some(body) = operation.pointer("/requestBody/content/application~1json") {
                let mut names = BTreeSet::new();
                collect(body, &mut BTreeSet::new(), &mut names);
                routes.push(Route {
                    method: method.to_uppercase().parse().unwrap(),
                    path: path.clone(),
                    fields: names.into_iter().collect(),
                });
            }
        }
    }
    let named = |route: &Route| !route.path.contains('{') && !route.fields.is_empty();
    assert!(!routes.is_empty() && routes.iter().all(named), "{routes:?}");
    routes
}

/// The names of the properties in a schema, and in those that it refers to.
fn collect(schema: &Value, seen: &mut BTreeSet<String>, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            let properties = members.get("properties").and_then(Value::as_object);
            names.extend(properties.into_iter().flatten().map(|(name, _)| name.clone()));
            let reference = members.get("$ref").and_then(Value::as_str);
            if let Some(reference) = reference.filter(|reference| seen.insert((*reference).to_owned())) {
                let target = DOCUMENT.pointer(reference.trim_start_matches('#')).unwrap();
                collect(target, seen, names);
            }
            members.values().for_each(|member| collect(member, seen, names));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, seen, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn any_json(fields: Vec<String>) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0.0..1.5f64).prop_map(Value::from),
        select(WORDS).prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        let field = select(fields.clone());
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            3 => prop::collection::btree_map(field, inner, 0..6).prop_map(|members| json!(members)),
        ]
    })
}

/// An operation and what is sent to it.
fn any_request() -> impl Strategy<Value = (Route, Value)> {
    select(routes()).prop_flat_map(|route| {
        let body = any_json(route.fields.clone());
        (Just(route), body)
    })
}

#[test]
fn any_json_is_answered_as_documented() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let gateway = runtime.block_on(Gateway::start());
    let config = Config {
        failure_persistence: None,
        ..Config::with_cases(400)
    };
    let sent = TestRunner::new(config).run(&any_request(), |(route, body)| {
        let Route { method, path, .. } = route;
        let request = gateway.admin(method, &path).json(&body);
        let request = request
            .header("x-lock-token", LOCK)
            .header("idempotency-key", "any-body")
            .header(
                "if-match",
                if path.contains("annotations") {
                    "\"0\""
                } else {
                    "\"3\""
                },
            );
        let answer = runtime.block_on(Answer::of(request));
        prop_assert!(answer.status.as_u16() < 500, "{} {}", path, answer.text());
        Ok(())
    });
    sent.unwrap();
    runtime.block_on(async move { drop(gateway) });
}
