//! Following a job by server-sent events.

use contracts::Code;
use reqwest::{Method, RequestBuilder, Response};
use tokio::time::timeout;

use crate::gateway::{Answer, Gateway, PATIENCE};
use crate::peer::JOB;

/// A client's side of a stream.
struct Followed {
    response: Response,
    text: String,
}

impl Followed {
    async fn begin(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            response,
            text: String::new(),
        }
    }

    /// Reads until the stream says this.
    async fn until(&mut self, expected: &str) {
        while !self.text.contains(expected) {
            let piece = timeout(PATIENCE, self.response.chunk())
                .await
                .expect("the stream goes on")
                .unwrap();
            let piece = piece.unwrap_or_else(|| panic!("the stream ended before {expected}: {}", self.text));
            self.text.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }

    /// Reads to the end.
    async fn end(mut self) -> String {
        while let Some(piece) = timeout(PATIENCE, self.response.chunk())
            .await
            .expect("the stream ends")
            .unwrap()
        {
            self.text.push_str(std::str::from_utf8(&piece).unwrap());
        }
        self.text
    }
}

fn follow(gateway: &Gateway) -> RequestBuilder {
    gateway.admin(Method::GET, &format!("/api/v1/jobs/{JOB}/events"))
}

#[tokio::test]
async fn a_job_is_followed_from_its_present_state_to_its_final_one() {
    let gateway = Gateway::start().await;
    let mut followed = Followed::begin(follow(&gateway)).await;
    followed.until("id: 0\nevent: job\ndata: {").await;
    assert!(followed.text.starts_with("retry: 2000\n\n"));
    gateway.peer.known.advance(|job| {
        job.state = "RUNNING".to_owned();
        (job.done, job.total) = (3, 10);
    });
    followed.until("id: 1\n").await;
    followed.until("\"progress\":{\"done\":3,\"total\":10}").await;
    gateway
        .peer
        .known
        .advance(|job| job.state = "SUCCEEDED".to_owned());
    let text = followed.end().await;
    assert!(
        text.contains("id: 2\n") && text.contains("\"state\":\"SUCCEEDED\""),
        "{text}"
    );
}

#[tokio::test]
async fn a_client_that_comes_back_gets_only_what_it_has_not_seen() {
    let gateway = Gateway::start().await;
    gateway.peer.known.advance(|job| job.state = "RUNNING".to_owned());
    let mut followed = Followed::begin(follow(&gateway).header("last-event-id", "1")).await;
    followed.until("retry").await;
    gateway.peer.known.advance(|job| job.state = "FAILED".to_owned());
    let text = followed.end().await;
    assert!(!text.contains("id: 1\n") && text.contains("id: 2\n"), "{text}");
    let over = Answer::of(follow(&gateway).header("last-event-id", "2")).await;
    assert_eq!(
        (over.status.as_u16(), over.body.len()),
        (204, 0),
        "a browser is told not to come back"
    );
}

#[tokio::test]
async fn a_stream_outlives_a_restart_of_grading() {
    let mut gateway = Gateway::start().await;
    let mut followed = Followed::begin(follow(&gateway)).await;
    followed.until("id: 0\n").await;
    gateway.peer.vanish().await;
    gateway.peer.known.advance(|job| job.state = "RUNNING".to_owned());
    gateway.peer.appear();
    followed.until("id: 1\n").await;
    gateway
        .peer
        .known
        .advance(|job| job.state = "SUCCEEDED".to_owned());
    assert!(followed.end().await.contains("id: 2\n"));
}

#[tokio::test]
async fn a_stream_ends_when_the_session_does() {
    let mut gateway = Gateway::start().await;
    let mut followed = Followed::begin(follow(&gateway)).await;
    followed.until("id: 0\n").await;
    gateway.peer.known.refuse("watch", Code::Unauthenticated);
    gateway.peer.vanish().await;
    gateway.peer.appear();
    followed.end().await;
}

#[tokio::test]
async fn what_cannot_be_followed_is_refused_like_anything_else() {
    let gateway = Gateway::start().await;
    let unknown = gateway
        .get("/api/v1/jobs/0197c000-0000-7000-8000-0000000000ff/events")
        .await;
    unknown.assert_refused(404, "not_found");
    let nobody = gateway.request(Method::GET, &format!("/api/v1/jobs/{JOB}/events"));
    Answer::of(nobody).await.assert_refused(401, "unauthenticated");
    let job = gateway.get(&format!("/api/v1/jobs/{JOB}")).await;
    insta::assert_json_snapshot!(job.json(), @r#"
    {
      "attempt": 0,
      "batch_id": null,
      "copy_id": "0197c000-0000-7000-8000-00000000000c",
      "error_code": null,
      "id": "0197c000-0000-7000-8000-00000000000b",
      "kind": "IMPORT_COPY",
      "max_attempts": 3,
      "next_attempt_at": null,
      "progress": {
        "done": 0,
        "total": 0
      },
      "request_id": null,
      "revision": 0,
      "state": "QUEUED"
    }
    "#);
}
