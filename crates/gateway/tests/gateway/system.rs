//! Health, metrics, and what describes the API.

use reqwest::Method;

use crate::gateway::{Answer, Gateway, METRICS_TOKEN};
use crate::peer::{ADMIN, TEACHER};

#[tokio::test]
async fn the_health_names_the_parts() {
    let gateway = Gateway::start().await;
    let answer = Answer::of(gateway.request(Method::GET, "/api/health")).await;
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "checks": {
        "blobs": "ok",
        "grading": "ok"
      },
      "status": "healthy"
    }
    "#);
}

#[tokio::test]
async fn metrics_are_for_the_token_or_an_administrator() {
    let gateway = Gateway::start().await;
    let metrics = || gateway.request(Method::GET, "/metrics");
    Answer::of(metrics()).await.assert_refused(401, "unauthenticated");
    Answer::of(metrics().bearer_auth("the-token-of-the-metricz"))
        .await
        .assert_refused(401, "unauthenticated");
    Answer::of(metrics().bearer_auth(TEACHER))
        .await
        .assert_refused(403, "forbidden");
    for token in [METRICS_TOKEN, ADMIN] {
        let answer = Answer::of(metrics().bearer_auth(token)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, "text/plain; version=0.0.4; charset=utf-8")
        );
    }
    assert!(
        Answer::of(gateway.request(Method::GET, &format!("/metrics?token={METRICS_TOKEN}")))
            .await
            .status
            == 401
    );
}

#[tokio::test]
async fn the_type_of_a_problem_leads_to_its_explanation() {
    let gateway = Gateway::start().await;
    let kind = gateway.get("/nowhere").await.json()["type"]
        .as_str()
        .unwrap()
        .to_owned();
    let explained = Answer::of(gateway.request(Method::GET, &kind)).await;
    insta::assert_json_snapshot!(explained.json(), @r#"
    {
      "code": "not_found",
      "detail": {
        "en": "There is nothing here, or nothing that you may see.",
        "fr": "Il n'y a rien ici, ou rien que vous puissiez voir."
      },
      "status": 404,
      "title": "Not found",
      "transient": false
    }
    "#);
    Answer::of(gateway.request(Method::GET, "/api/v1/problems/DUPONT"))
        .await
        .assert_refused(404, "not_found");
}

#[tokio::test]
async fn the_description_is_served_as_it_is_generated() {
    let gateway = Gateway::start().await;
    let answer = Answer::of(gateway.request(Method::GET, "/api/v1/openapi.json")).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.text(), gateway::openapi());
}
