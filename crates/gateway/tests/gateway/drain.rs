//! How the gateway ends.

use std::time::Duration;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tokio_stream::StreamExt as _;

use crate::gateway::{Gateway, PATIENCE, until, until_async};
use crate::peer::{EXAM, JOB};

#[tokio::test]
async fn an_upload_that_has_begun_is_finished_during_the_drain() {
    let gateway = Gateway::start().await;
    let (go_on, waits) = oneshot::channel();
    let beginning = tokio_stream::once(Ok::<_, std::io::Error>(b"%PDF-1.7 ".to_vec()));
    let rest = futures::stream::once(async {
        waits.await.unwrap();
        Ok(b"the rest".to_vec())
    });
    let body = reqwest::Body::wrap_stream(beginning.chain(Box::pin(rest)));
    let form = Form::new().part("file", Part::stream(body));
    let path = format!("/api/v1/exams/{EXAM}/copies");
    let upload = gateway
        .admin(Method::POST, &path)
        .header("idempotency-key", "k")
        .multipart(form)
        .send();
    let ended = async {
        until("the upload has begun", || {
            !gateway.peer.known.calls("authorize_upload").is_empty()
        })
        .await;
        let drained = gateway.life.drain(PATIENCE);
        let release = async {
            let refused = async || TcpStream::connect(gateway.authority()).await.is_err();
            until_async("nobody is let in any more", refused).await;
            go_on.send(()).unwrap();
        };
        tokio::join!(drained, release).0
    };
    let (answer, in_time) = tokio::join!(upload, ended);
    let answer = answer.unwrap();
    // It began before; its answer goes afterwards, and the connection has to be given up.
    assert_eq!(answer.headers().get("connection").unwrap(), "close");
    assert_eq!(answer.status(), 202, "{}", answer.text().await.unwrap());
    assert!(in_time);
}

#[tokio::test]
async fn idle_connections_and_streams_do_not_hold_the_drain_up() {
    let gateway = Gateway::start().await;
    let mut idle = TcpStream::connect(gateway.authority()).await.unwrap();
    let request = format!(
        "GET /api/health HTTP/1.1\r\nHost: {}\r\n\r\n",
        gateway.authority()
    );
    idle.write_all(request.as_bytes()).await.unwrap();
    assert!(
        idle.read_u8().await.is_ok(),
        "the connection has been used and is kept"
    );
    let stream = gateway
        .admin(Method::GET, &format!("/api/v1/jobs/{JOB}/events"))
        .send()
        .await
        .unwrap();
    assert_eq!(stream.status(), 200);
    let (in_time, text) = tokio::join!(gateway.life.drain(PATIENCE), timeout(PATIENCE, stream.text()));
    assert!(in_time);
    assert!(
        text.unwrap().unwrap().contains("event: job"),
        "the stream ended cleanly"
    );
}

#[tokio::test]
async fn what_does_not_end_in_time_is_cut_off() {
    let gateway = Gateway::start().await;
    gateway.peer.known.hang("list_exams");
    let asked = gateway.admin(Method::GET, "/api/v1/exams").send();
    let stop = async {
        until("grading was asked", || {
            !gateway.peer.known.calls("list_exams").is_empty()
        })
        .await;
        gateway.life.drain(Duration::from_millis(200)).await
    };
    let (answer, in_time) = tokio::join!(timeout(PATIENCE, asked), stop);
    assert!(!in_time);
    assert!(answer.unwrap().is_err(), "the connection was cut");
}
