//! More at a time than there is room for.

use std::time::Duration;

use blobs::{Blobs, Config};
use contracts::{Code, grading as pb};
use futures::StreamExt as _;
use futures::future::join_all;
use futures::stream::FuturesUnordered;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{interval, timeout};

use crate::gateway::{Answer, Gateway, PATIENCE, until, until_async};
use crate::peer::{ADMIN, COPY, EXAM, JOB, LOCK};

#[tokio::test]
async fn what_comes_beyond_the_room_is_refused_at_once_and_told_when_to_come_back() {
    let gateway = Gateway::start_with(&["--max-concurrent-requests=4", "--grading-timeout=30s"]).await;
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
        // How soon, `make bench-overload` measures: here, before any of the four is answered.
        let refusals = async {
            for _ in 0..20 {
                let refused = gateway.get("/api/v1/exams").await;
                refused.assert_refused(503, Code::Unavailable.as_str());
                assert_eq!(refused.header("retry-after"), "2");
            }
        };
        timeout(PATIENCE, refusals).await.unwrap();
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

/// A connection on which the beginning of a request was written, as far as the gateway took it.
async fn begun(gateway: &Gateway, head: &str, body: &[u8]) -> TcpStream {
    let mut connection = TcpStream::connect(gateway.authority()).await.unwrap();
    let head = format!("{head}\r\nHost: {}\r\n\r\n", gateway.authority());
    connection.write_all(head.as_bytes()).await.unwrap();
    // Who is refused early may be hung up on while they still send.
    let _refused = connection.write_all(body).await;
    connection
}

/// Begins the largest annotation that there may be and goes no further.
async fn unfinished(gateway: &Gateway) -> TcpStream {
    let head = format!(
        "POST /api/v1/copies/{COPY}/annotations HTTP/1.1\r\nAuthorization: Bearer made-up\r\n\
         Idempotency-Key: k\r\nX-Lock-Token: {LOCK}\r\nContent-Type: application/json\r\nContent-Length: 1000000"
    );
    begun(gateway, &head, &vec![b' '; 200 * 1024]).await
}

/// What a connection is told first.
async fn told(connection: &mut TcpStream) -> String {
    let mut answer = vec![0; 2048];
    let read = timeout(PATIENCE, connection.read(&mut answer)).await;
    let read = read.unwrap().unwrap();
    String::from_utf8_lossy(answer.get(..read).unwrap()).into_owned()
}

#[tokio::test]
async fn bodies_that_are_not_finished_take_no_more_than_their_room_and_leave_small_ones_theirs() {
    let gateway = Gateway::start_with(&["--max-json-bytes=1048576"]).await;
    let mut connections = Vec::new();
    for _ in 0..40 {
        connections.push(unfinished(&gateway).await);
    }
    // The room is for four of them, or five: each takes some more than it holds.
    let told: FuturesUnordered<_> = connections.iter_mut().map(told).collect();
    let refused: Vec<_> = told.take(35).collect().await;
    for answer in refused {
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
        assert!(answer.contains("retry-after: 2\r\n"), "{answer}");
    }
    let create = |length: usize| {
        let request = gateway.admin(Method::POST, "/api/v1/exams");
        Answer::of(request.json(&json!({"name": "x".repeat(length)})))
    };
    assert_eq!(create(1000).await.status, 201);
    let large = " ".repeat(500_000);
    let annotate = || {
        let path = format!("/api/v1/copies/{COPY}/annotations");
        let request = gateway.admin(Method::POST, &path).body(large.clone());
        let request = request.header("content-type", "application/json");
        Answer::of(
            request
                .header("idempotency-key", "k")
                .header("x-lock-token", LOCK),
        )
    };
    annotate().await.assert_refused(503, Code::Unavailable.as_str());
    drop(connections);
    until_async("the room is there again", async || annotate().await.status == 400).await;
}

#[tokio::test]
async fn connections_beyond_their_number_wait_until_one_ends() {
    let gateway = Gateway::start_with(&["--max-connections=4"]).await;
    let ask = "GET /api/v1/openapi.json HTTP/1.1";
    let mut open = Vec::new();
    for _ in 0..4 {
        let mut connection = begun(&gateway, ask, b"").await;
        assert!(told(&mut connection).await.starts_with("HTTP/1.1 200 "));
        open.push(connection);
    }
    let mut beyond = begun(&gateway, ask, b"").await;
    let early = timeout(Duration::from_millis(500), beyond.readable()).await;
    assert!(early.is_err(), "it waits");
    open.clear();
    let mut first = [0; 13];
    let read = timeout(PATIENCE, beyond.read_exact(&mut first)).await;
    read.unwrap().unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 ");
}

/// Has a document that no connection takes at once.
async fn with_large_document(gateway: &Gateway) {
    let blobs = Blobs::open(&Config::directory(gateway.blobs.path().join("blobs"))).unwrap();
    let bytes = vec![b'x'; 48 * 1024 * 1024];
    let size = u64::try_from(bytes.len()).unwrap();
    let digest = blobs.put(bytes).await.unwrap().digest.to_string();
    *gateway.peer.known.document() = Some(pb::ExportCopyReply {
        digest,
        bytes: size,
        anonymous_id: "A-7Q2F".to_owned(),
    });
}

/// Asks for it, and reads nothing yet.
async fn reader(gateway: &Gateway) -> TcpStream {
    let head = format!("GET /api/v1/copies/{COPY}/final.pdf HTTP/1.1\r\nAuthorization: Bearer {ADMIN}");
    let mut connection = begun(gateway, &head, b"").await;
    let mut first = [0; 13];
    connection.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 ");
    connection
}

async fn document(gateway: &Gateway) -> StatusCode {
    let path = format!("/api/v1/copies/{COPY}/final.pdf");
    gateway.get(&path).await.status
}

#[tokio::test]
async fn who_does_not_read_a_file_is_hung_up_on_but_not_who_follows_a_job() {
    let gateway = Gateway::start_with(&["--max-downloads=1", "--answer-stall-timeout=6s"]).await;
    with_large_document(&gateway).await;
    let follow = format!("GET /api/v1/jobs/{JOB}/events HTTP/1.1\r\nAuthorization: Bearer {ADMIN}");
    let mut follower = begun(&gateway, &follow, b"").await;
    let deaf = reader(&gateway).await;
    let refused = gateway.get(&format!("/api/v1/copies/{COPY}/final.pdf")).await;
    refused.assert_refused(503, Code::Unavailable.as_str());
    // Others at a desk are not concerned.
    assert_eq!(gateway.get("/api/v1/exams").await.status, 200);
    until_async("the place is there again", async || {
        document(&gateway).await == 200
    })
    .await;
    drop(deaf);
    // For longer than that nothing has happened to the job.
    gateway.peer.known.advance(|job| job.state = "RUNNING".to_owned());
    let mut events = String::new();
    while !events.contains("RUNNING") {
        let mut piece = [0; 1024];
        let read = timeout(PATIENCE, follower.read(&mut piece)).await;
        let read = read.unwrap().unwrap();
        assert!(read > 0, "the stream has ended: {events}");
        events.push_str(&String::from_utf8_lossy(piece.get(..read).unwrap()));
    }
}

#[tokio::test]
async fn who_reads_a_file_too_slowly_does_not_get_the_end_of_it() {
    let options = ["--answer-stall-timeout=500ms", "--answer-lowest-rate=1000000000"];
    let gateway = Gateway::start_with(&options).await;
    with_large_document(&gateway).await;
    let mut slow = reader(&gateway).await;
    let mut pace = interval(Duration::from_millis(50));
    let mut piece = vec![0; 256 * 1024];
    let reading = async {
        let mut got = 0;
        loop {
            pace.tick().await;
            match slow.read(&mut piece).await {
                Ok(0) | Err(_) => return got,
                Ok(read) => got += read,
            }
        }
    };
    let got = timeout(PATIENCE, reading).await.unwrap();
    assert!(got < 48 * 1024 * 1024, "all of it came");
}

#[tokio::test]
async fn scans_are_refused_where_their_volume_has_too_little_room() {
    let gateway = Gateway::start_with(&["--blobs-reserve=100"]).await;
    let file = Part::bytes(b"%PDF-1.7".as_slice()).file_name("scan.pdf");
    let upload = gateway
        .admin(Method::POST, &format!("/api/v1/exams/{EXAM}/copies"))
        .header("idempotency-key", "k")
        .multipart(Form::new().part("file", file));
    let refused = Answer::of(upload).await;
    refused.assert_refused(503, Code::Unavailable.as_str());
    assert!(gateway.files().is_empty() && !refused.header("retry-after").is_empty());
}
