//! More at a time than there is room for.

use std::time::{Duration, Instant};

use contracts::Code;
use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use tokio::time::timeout;

use crate::gateway::{Answer, Gateway, PATIENCE, until};
use crate::peer::JOB;

#[tokio::test]
async fn what_comes_beyond_the_room_is_refused_at_once_and_told_when_to_come_back() {
    let gateway = Gateway::start_with(&["--max-concurrent-requests=4"]).await;
    gateway.peer.known.hang("create_exam");
    let create = || {
        let request = gateway.admin(Method::POST, "/api/v1/exams");
        Answer::of(request.json(&json!({"name": "Physique"})))
    };
    let busy = join_all((0..4).map(|_| create()));
    let others = async {
        until("four are at work", || {
            gateway.peer.known.calls("create_exam").len() == 4
        })
        .await;
        let since = Instant::now();
        for _ in 0..20 {
            let refused = gateway.get("/api/v1/exams").await;
            refused.assert_refused(503, Code::Unavailable.as_str());
            assert_eq!(refused.header("retry-after"), "2");
        }
        assert!(
            since.elapsed() < 20 * Duration::from_millis(100),
            "{:?}",
            since.elapsed()
        );
        // What needs no room of that kind goes on.
        assert_eq!(gateway.get("/api/v1/openapi.json").await.status, 200);
        let login = json!({"login": "admin", "password": "correct horse"});
        let login = gateway.request(Method::POST, "/api/v1/session").json(&login);
        assert_ne!(Answer::of(login).await.status, 503);
    };
    tokio::select! {
        _ = busy => panic!("grading has answered"),
        () = others => {}
    }
    // Those who were let in have gone, and the room is there again.
    let again = async || while gateway.get("/api/v1/exams").await.status != 200 {};
    timeout(PATIENCE, again()).await.unwrap();
}

#[tokio::test]
async fn more_followers_than_there_is_room_for_are_refused_and_one_who_leaves_makes_room() {
    let gateway = Gateway::start_with(&["--max-streams=1"]).await;
    let path = format!("/api/v1/jobs/{JOB}/events");
    let first = gateway.admin(Method::GET, &path).send().await.unwrap();
    assert_eq!(first.status(), 200);
    let second = Answer::of(gateway.admin(Method::GET, &path)).await;
    second.assert_refused(503, Code::Unavailable.as_str());
    drop(first);
    let again = async || {
        loop {
            let answer = gateway.admin(Method::GET, &path).send().await.unwrap();
            if answer.status() == 200 {
                return;
            }
        }
    };
    timeout(PATIENCE, again()).await.unwrap();
}
