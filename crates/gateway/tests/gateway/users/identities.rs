//! Whose copy is whose, as administrators say it.

use reqwest::Method;
use serde_json::json;

use crate::copies::with_image;
use crate::gateway::{Answer, Gateway};
use crate::peer::{COPY, EXAM, JOB, USER};

fn identity() -> String {
    format!("/api/v1/copies/{COPY}/identity")
}

#[tokio::test]
async fn a_copy_waits_becomes_a_pupils_and_is_nobodys_again() {
    let gateway = Gateway::start().await;
    let queue = gateway
        .get(&format!("/api/v1/exams/{EXAM}/identification?limit=1"))
        .await;
    assert_eq!(queue.json()["items"][0]["id"], COPY);
    assert!(queue.json()["items"][0]["identity"].is_null());
    assert!(
        queue
            .header("link")
            .contains("/identification?limit=1&cursor=more")
    );

    let set = json!({"student_id": USER, "method": "MANUAL"});
    let set = Answer::of(gateway.admin(Method::POST, &identity()).json(&set)).await;
    assert_eq!((set.status.as_u16(), set.header("etag")), (200, "\"2\""));
    insta::assert_json_snapshot!(set.json()["identity"], @r#"
    {
      "class": null,
      "given_names": "Alix",
      "student_id": "0197c000-0000-7000-8000-0000000000cc",
      "surname": "EXEMPLE"
    }
    "#);
    let other = json!({"student_id": COPY, "method": "MANUAL"});
    let other = Answer::of(gateway.admin(Method::POST, &identity()).json(&other)).await;
    other.assert_refused(409, "student_has_copy");
    let cleared = Answer::of(gateway.admin(Method::DELETE, &identity())).await;
    assert!(cleared.json().get("identity").is_none());
}

#[tokio::test]
async fn who_wrote_a_copy_is_shown_and_kept_nowhere() {
    let gateway = Gateway::start().await;
    let path = format!("/api/v1/copies/{COPY}/identity-image");
    gateway.get(&path).await.assert_refused(409, "no_pages");
    with_image(&gateway, b"an image").await;
    let shown = gateway.get(&path).await;
    assert_eq!(
        (shown.status.as_u16(), shown.body.as_slice()),
        (200, b"an image".as_slice())
    );
    assert_eq!(shown.header("cache-control"), "private, no-store");
    // Asking for its head would be recorded as having seen it.
    let head = gateway.admin(Method::HEAD, &path).send().await.unwrap();
    assert_eq!(head.status(), 405);
}

#[tokio::test]
async fn copies_are_merged_and_their_booklets_put_in_order() {
    let gateway = Gateway::start().await;
    let merge = || gateway.admin(Method::POST, &format!("/api/v1/copies/{COPY}/merge"));
    let other = json!({"other_id": USER});
    let merged = Answer::of(merge().header("If-Match", "\"2\"").json(&other)).await;
    assert_eq!((merged.status.as_u16(), merged.header("etag")), (200, "\"3\""));
    let booklets = json!([{"id": EXAM, "pages": 1}, {"id": USER, "pages": 1}]);
    assert_eq!(merged.json()["booklets"], booklets);
    let stale = Answer::of(merge().header("If-Match", "\"1\"").json(&other)).await;
    stale.assert_refused(412, "stale_version");

    let order = || gateway.admin(Method::PUT, &format!("/api/v1/copies/{COPY}/booklets"));
    let turned = Answer::of(order().json(&json!({"booklets": [USER, EXAM]}))).await;
    assert_eq!(turned.json()["booklets"][0]["id"], USER);
    let malformed = Answer::of(order().json(&json!({"booklets": "all"}))).await;
    malformed.assert_invalid(&["/booklets"]);
    // Lists say nothing of booklets.
    let listed = gateway.get("/api/v1/copies").await;
    assert!(listed.json()["items"][0].get("booklets").is_none());
}

#[tokio::test]
async fn a_copy_is_read_and_pupils_are_suggested() {
    let gateway = Gateway::start().await;
    let path = format!("{}/suggestions", identity());
    let ordered = Answer::of(gateway.admin(Method::POST, &path)).await;
    assert_eq!(
        (ordered.status.as_u16(), ordered.header("location")),
        (202, format!("/api/v1/jobs/{JOB}").as_str())
    );
    assert_eq!(ordered.json()["job"]["kind"], "READ_IDENTITY");
    let all = format!("/api/v1/exams/{EXAM}/identification/suggestions");
    let all = Answer::of(gateway.admin(Method::POST, &all)).await;
    assert_eq!((all.status.as_u16(), all.json()), (202, json!({"queued": 7})));

    let suggested = gateway.get(&path).await;
    assert_eq!(suggested.header("cache-control"), "no-store");
    insta::assert_json_snapshot!(suggested.json(), @r#"
    {
      "reading_available": true,
      "suggestions": [
        {
          "likelihood": 0.873,
          "student": {
            "class": null,
            "given_names": "Alix",
            "id": "0197c000-0000-7000-8000-0000000000cc",
            "surname": "EXEMPLE"
          }
        }
      ]
    }
    "#);
}
