//! The OpenAPI document as such.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::documented::DOCUMENT;

fn operations() -> impl Iterator<Item = (String, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| {
        item.as_object()
            .unwrap()
            .iter()
            .map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn it_is_version_3_1_and_comes_out_the_same_each_time() {
    assert!(DOCUMENT["openapi"].as_str().unwrap().starts_with("3.1."));
    assert_eq!(gateway::openapi(), gateway::openapi());
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let mut found = BTreeSet::new();
    references(&DOCUMENT, &mut found);
    for reference in &found {
        let pointer = reference.trim_start_matches('#');
        assert!(DOCUMENT.pointer(pointer).is_some(), "{reference}");
    }
    for name in DOCUMENT["components"]["schemas"].as_object().unwrap().keys() {
        assert!(
            found.contains(&format!("#/components/schemas/{name}")),
            "{name} is not used"
        );
    }
}

#[test]
fn every_operation_says_what_it_is_who_may_call_it_and_how_it_refuses() {
    let mut ids = BTreeSet::new();
    for (name, operation) in operations() {
        assert!(
            ids.insert(operation["operationId"].as_str().unwrap().to_owned()),
            "{name}"
        );
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{name}");
        assert!(operation["security"].is_array(), "{name}");
        assert!(!operation["tags"][0].is_null(), "{name}");
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(
                !response["description"].as_str().unwrap().is_empty(),
                "{name} {status}"
            );
            if status.starts_with(['4', '5']) {
                let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Problem", "{name} {status}");
            }
        }
    }
}

#[test]
fn it_has_the_operations_of_the_api() {
    let names: Vec<String> = operations().map(|(name, _)| name).collect();
    assert_eq!(names, OPERATIONS);
}

const OPERATIONS: &[&str] = &[
    "get /api/health",
    "get /api/v1/batches/{id}",
    "post /api/v1/batches/{id}/discard",
    "get /api/v1/copies",
    "get /api/v1/copies/{id}",
    "get /api/v1/copies/{id}/annotations",
    "post /api/v1/copies/{id}/annotations",
    "delete /api/v1/copies/{id}/annotations/{aid}",
    "patch /api/v1/copies/{id}/annotations/{aid}",
    "put /api/v1/copies/{id}/appreciation",
    "post /api/v1/copies/{id}/discard",
    "delete /api/v1/copies/{id}/draft",
    "get /api/v1/copies/{id}/draft",
    "put /api/v1/copies/{id}/draft",
    "get /api/v1/copies/{id}/events",
    "get /api/v1/copies/{id}/final.pdf",
    "post /api/v1/copies/{id}/finalize",
    "delete /api/v1/copies/{id}/lock",
    "get /api/v1/copies/{id}/lock",
    "post /api/v1/copies/{id}/lock",
    "post /api/v1/copies/{id}/lock/force-release",
    "post /api/v1/copies/{id}/lock/heartbeat",
    "get /api/v1/copies/{id}/pages/{index}",
    "put /api/v1/copies/{id}/remarks/{question_id}",
    "post /api/v1/copies/{id}/reopen",
    "post /api/v1/copies/{id}/retry-import",
    "get /api/v1/copies/{id}/scores",
    "put /api/v1/copies/{id}/scores/{question_id}",
    "post /api/v1/copies/{id}/validate",
    "get /api/v1/exams",
    "post /api/v1/exams",
    "get /api/v1/exams/{id}",
    "patch /api/v1/exams/{id}",
    "get /api/v1/exams/{id}/batches",
    "post /api/v1/exams/{id}/batches",
    "get /api/v1/exams/{id}/change-sets",
    "post /api/v1/exams/{id}/change-sets",
    "post /api/v1/exams/{id}/copies",
    "put /api/v1/exams/{id}/marking-scheme",
    "get /api/v1/exams/{id}/pronote.csv",
    "delete /api/v1/exams/{id}/release",
    "post /api/v1/exams/{id}/release",
    "get /api/v1/exams/{id}/releases",
    "get /api/v1/exams/{id}/releases/{number}",
    "get /api/v1/exams/{id}/results.csv",
    "post /api/v1/exams/{id}/validate-all",
    "get /api/v1/jobs/{id}",
    "post /api/v1/jobs/{id}/cancel",
    "get /api/v1/jobs/{id}/events",
    "get /api/v1/me/copies",
    "get /api/v1/me/copies/{id}",
    "get /api/v1/openapi.json",
    "get /api/v1/problems/{code}",
    "delete /api/v1/session",
    "get /api/v1/session",
    "post /api/v1/session",
    "post /api/v1/session/invitation",
    "post /api/v1/session/password",
    "get /api/v1/users",
    "post /api/v1/users",
    "get /api/v1/users/{id}",
    "patch /api/v1/users/{id}",
    "post /api/v1/users/{id}/invitation",
    "get /metrics",
];
