//! Changing exams and what their copies are scored by.

use contracts::{Code, Problem};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::gateway::{Answer, Gateway};
use crate::peer::{COPY, EXAM};

fn change(gateway: &Gateway, method: Method, what: &str, body: &Value) -> RequestBuilder {
    let request = gateway.admin(method, &format!("/api/v1/exams/{EXAM}{what}"));
    request.header("if-match", "\"3\"").json(body)
}

#[tokio::test]
async fn an_exam_is_changed_in_the_version_that_was_read() {
    let gateway = Gateway::start().await;
    let asked = async |body: Value| {
        let answer = Answer::of(change(&gateway, Method::PATCH, "", &body)).await;
        assert_eq!((answer.status.as_u16(), answer.header("etag")), (200, "\"4\""));
        gateway.peer.known.calls("update_exam").pop().unwrap().message
    };
    let nothing = asked(json!({})).await;
    for field in [
        "name",
        "date",
        "pages_per_copy",
        "layout",
        "identity_zone",
        "correctors",
        "classes",
    ] {
        assert!(nothing.contains(&format!("{field}: None")), "{nothing}");
    }
    let cleared = asked(json!({"pages_per_copy": null, "identity_zone": null, "correctors": []})).await;
    assert!(cleared.contains("PagesPerCopyChange { to: None }"), "{cleared}");
    assert!(cleared.contains("IdentityZoneChange { to: None }"), "{cleared}");
    assert!(cleared.contains("CorrectorsChange { to: [] }"), "{cleared}");
    let set = asked(json!({"name": "Physique", "pages_per_copy": 4})).await;
    assert!(
        set.contains("Some(\"Physique\")") && set.contains("to: Some(4)"),
        "{set}"
    );
    for field in ["name", "date", "layout", "correctors", "classes"] {
        Answer::of(change(&gateway, Method::PATCH, "", &json!({field: null})))
            .await
            .assert_invalid(&[&format!("/{field}")]);
    }
}

#[tokio::test]
async fn nobody_changes_an_exam_that_they_have_not_read() {
    let gateway = Gateway::start().await;
    for (method, what) in [(Method::PATCH, ""), (Method::PUT, "/marking-scheme")] {
        let request = || {
            gateway
                .admin(method.clone(), &format!("/api/v1/exams/{EXAM}{what}"))
                .json(&json!({}))
        };
        for unread in [request(), request().header("if-match", "*")] {
            Answer::of(unread).await.assert_refused(428, "version_required");
        }
        for stale in ["\"2\"", "W/\"3\"", "3"] {
            Answer::of(request().header("if-match", stale))
                .await
                .assert_refused(412, "stale_version");
        }
    }
}

#[tokio::test]
async fn a_marking_scheme_is_a_tree() {
    let gateway = Gateway::start().await;
    let parts = json!([{"id": "1.a", "label": "Calcul", "max_points": "1.25"}]);
    let questions = json!([{"id": "1", "label": "Exercice 1", "children": parts}]);
    let scheme = change(
        &gateway,
        Method::PUT,
        "/marking-scheme",
        &json!({"questions": questions}),
    );
    let answer = Answer::of(scheme).await;
    assert_eq!((answer.status.as_u16(), answer.header("etag")), (200, "\"4\""));
    insta::assert_json_snapshot!(answer.json()["marking_scheme"], @r#"
    {
      "questions": [
        {
          "children": [
            {
              "children": [],
              "id": "1.a",
              "label": "Calcul",
              "max_points": "1.25"
            }
          ],
          "id": "1",
          "label": "Exercice 1",
          "max_points": ""
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn a_question_that_is_wrong_is_named_by_its_place() {
    let gateway = Gateway::start().await;
    let put = |questions: Value| {
        change(
            &gateway,
            Method::PUT,
            "/marking-scheme",
            &json!({"questions": questions}),
        )
    };
    for (question, pointer) in [
        (
            json!({"id": "1 a", "label": "x", "max_points": "1"}),
            "/questions/0/id",
        ),
        (
            json!({"id": "1", "label": "x", "max_points": "0.1"}),
            "/questions/0/max_points",
        ),
        (json!({"id": "1", "label": "x"}), "/questions/0/max_points"),
        (
            json!({"id": 1, "label": "x", "max_points": "1"}),
            "/questions/0/id",
        ),
        (
            json!({"id": "1", "label": "x", "max_points": 1}),
            "/questions/0/max_points",
        ),
    ] {
        Answer::of(put(json!([question])))
            .await
            .assert_invalid(&[pointer]);
    }
    Answer::of(put(json!([]))).await.assert_invalid(&["/questions"]);
}

#[tokio::test]
async fn a_large_scheme_is_taken_and_a_deep_one_refused() {
    let gateway = Gateway::start().await;
    let question = |number: usize| json!({"id": format!("question-{number}"), "label": "é".repeat(200), "max_points": "0.25"});
    let questions: Vec<Value> = (0..500).map(question).collect();
    let large = change(
        &gateway,
        Method::PUT,
        "/marking-scheme",
        &json!({"questions": questions}),
    );
    assert_eq!(Answer::of(large).await.status, 200);
    for depth in [7, 60, 1000] {
        let deep = format!(
            "{{\"questions\":{}{}}}",
            "[{\"id\":\"1\",\"label\":\"x\",\"children\":".repeat(depth),
            "[]".to_owned() + &"}]".repeat(depth)
        );
        let request = change(&gateway, Method::PUT, "/marking-scheme", &Value::Null);
        let refused = Answer::of(request.body(deep)).await.problem();
        assert!(refused.0 == 422 || refused.0 == 400, "{refused:?}");
    }
}

#[tokio::test]
async fn questions_in_use_are_told() {
    let gateway = Gateway::start().await;
    let in_use = Problem::of(Code::SchemeInUse).with("questions", "1.a,1.b".to_owned());
    gateway.peer.known.refuse("set_marking_scheme", in_use);
    let answer = Answer::of(change(&gateway, Method::PUT, "/marking-scheme", &json!({}))).await;
    answer.assert_refused(409, "scheme_in_use");
    assert_eq!(answer.json()["questions"], "1.a,1.b");
}

#[tokio::test]
async fn validating_all_copies_tells_which_could_not_be() {
    let gateway = Gateway::start().await;
    let request = gateway.admin(Method::POST, &format!("/api/v1/exams/{EXAM}/validate-all"));
    let expected = json!({"validated": 7, "refused": [{"copy_id": COPY, "code": "no_pages"}]});
    assert_eq!(Answer::of(request).await.json(), expected);
}
