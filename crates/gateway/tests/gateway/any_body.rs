//! Whatever JSON is sent, the answer is one that the OpenAPI document knows, and never a failure of ours.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use reqwest::Method;
use serde_json::{Value, json};

use crate::gateway::{Answer, Gateway};
use crate::peer::{ANNOTATION, COPY, EXAM, LOCK};

/// Names that some body has.
const FIELDS: &[&str] = &[
    "name",
    "date",
    "layout",
    "identity_zone",
    "correctors",
    "pages_per_copy",
    "pages",
    "questions",
    "id",
    "label",
    "max_points",
    "children",
    "reason",
    "ttl_seconds",
    "page_index",
    "rectangle",
    "x",
    "y",
    "w",
    "h",
    "kind",
    "text",
    "ink",
    "points",
    "pressure",
    "score_delta",
    "question_id",
    "client_id",
    "version",
    "payload",
];

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

fn routes() -> Vec<(Method, String)> {
    let copy = |what: &str| format!("/api/v1/copies/{COPY}/{what}");
    let exam = |what: &str| format!("/api/v1/exams/{EXAM}{what}");
    vec![
        (Method::POST, "/api/v1/exams".to_owned()),
        (Method::PATCH, exam("")),
        (Method::PUT, exam("/marking-scheme")),
        (Method::POST, copy("discard")),
        (Method::POST, copy("reopen")),
        (Method::POST, copy("lock")),
        (Method::POST, copy("lock/force-release")),
        (Method::POST, copy("annotations")),
        (Method::PATCH, copy(&format!("annotations/{ANNOTATION}"))),
        (Method::PUT, copy("scores/1.a")),
        (Method::PUT, copy("remarks/1.a")),
        (Method::PUT, copy("appreciation")),
        (Method::PUT, copy("draft")),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0.0..1.5f64).prop_map(Value::from),
        select(WORDS).prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(select(FIELDS), inner, 0..6).prop_map(|members| json!(members)),
        ]
    })
}

#[test]
fn any_json_is_answered_as_documented() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let gateway = runtime.block_on(Gateway::start());
    let config = Config {
        failure_persistence: None,
        ..Config::with_cases(200)
    };
    let sent = TestRunner::new(config).run(&(select(routes()), any_json()), |((method, path), body)| {
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
