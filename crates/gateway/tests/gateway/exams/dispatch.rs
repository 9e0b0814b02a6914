//! Who is to correct what, and what came of it in numbers.

use reqwest::Method;
use serde_json::json;

use crate::gateway::{Answer, Gateway};
use crate::peer::{COPY, EXAM, JOB, TEACHER, USER};

#[tokio::test]
async fn copies_are_dispatched_with_and_without_a_body() {
    let gateway = Gateway::start().await;
    let path = format!("/api/v1/exams/{EXAM}/dispatch");
    let request = || gateway.admin(Method::POST, &path);
    let expected =
        |kept: &[&str]| json!({"run_id": JOB, "assigned": [{"user_id": USER, "copies": 12}], "kept": kept});
    assert_eq!(Answer::of(request()).await.json(), expected(&[]));
    let absent = request().json(&json!({"absent": [COPY]}));
    assert_eq!(Answer::of(absent).await.json(), expected(&[COPY]));
    let unknown = request().json(&json!({"present": []}));
    Answer::of(unknown).await.assert_refused(400, "invalid_json");
}

#[tokio::test]
async fn a_corrector_is_chosen_or_nobody_in_particular() {
    let gateway = Gateway::start().await;
    let put = |body| {
        let request = gateway.admin(Method::PUT, &format!("/api/v1/copies/{COPY}/corrector"));
        request.json(&body)
    };
    let chosen = Answer::of(put(json!({"user_id": USER}))).await;
    assert_eq!(chosen.json()["corrector_id"], USER);
    assert_eq!(chosen.header("etag"), "\"3\"");
    let nobody = Answer::of(put(json!({"user_id": null}))).await;
    assert!(nobody.json()["corrector_id"].is_null());
    Answer::of(put(json!({}))).await.assert_invalid(&["/user_id"]);
}

#[tokio::test]
async fn progress_names_correctors_to_administrators_only() {
    let gateway = Gateway::start().await;
    let path = format!("/api/v1/exams/{EXAM}/progress");
    let counts = json!({"total": 21, "by_status": {
        "STAGING": 1, "READY": 2, "LOCKED": 3, "GRADING_IN_PROGRESS": 4, "GRADED": 5, "GRADING_FAILED": 6,
    }});
    let to_admin = Answer::of(gateway.admin(Method::GET, &path)).await.json();
    let nobodys = json!({"user_id": null, "total": 21, "by_status": counts["by_status"]});
    assert_eq!(
        to_admin,
        json!({"all": counts, "own": null, "correctors": [nobodys]})
    );
    let to_teacher = gateway.request(Method::GET, &path).bearer_auth(TEACHER);
    assert_eq!(
        Answer::of(to_teacher).await.json(),
        json!({"all": counts, "own": counts, "correctors": null})
    );
}

#[tokio::test]
async fn statistics_are_decimal_numbers_and_null_where_there_is_none() {
    let gateway = Gateway::start().await;
    let answer = gateway.get(&format!("/api/v1/exams/{EXAM}/statistics")).await;
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "all": {
        "deviation": "0.00",
        "graded": 1,
        "highest": "1.25",
        "histogram": [
          0,
          1
        ],
        "lower_quartile": "1.25",
        "lowest": "1.25",
        "mean": "1.25",
        "median": "1.25",
        "questions": [
          {
            "difficulty": "0.63",
            "discrimination": null,
            "max_points": "2",
            "mean": "1.25",
            "question_id": "1.a"
          }
        ],
        "upper_quartile": "1.25"
      },
      "max": "2",
      "own": null
    }
    "#);
}
