//! Uploads: what is accepted, what is refused, and that nothing is left of what is refused.

use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpStream;

use domain::Digest;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder};

use crate::gateway::{Answer, Gateway, until};
use crate::peer::{ADMIN, EXAM, JOB};

const PDF: &[u8] = b"%PDF-1.7\nwhatever follows is the worker's business";

fn path() -> String {
    format!("/api/v1/exams/{EXAM}/copies")
}

fn file(bytes: impl Into<Vec<u8>>) -> Form {
    Form::new().part("file", Part::bytes(bytes.into()).file_name("DUPONT Marie.pdf"))
}

fn upload(gateway: &Gateway, key: &str, form: Form) -> RequestBuilder {
    gateway
        .admin(Method::POST, &path())
        .header("idempotency-key", key)
        .multipart(form)
}

#[tokio::test]
async fn an_uploaded_pdf_is_stored_and_registered() {
    let gateway = Gateway::start().await;
    let answer = Answer::of(upload(&gateway, "scan-1", file(PDF))).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert_eq!(answer.header("location"), format!("/api/v1/jobs/{JOB}"));
    assert_eq!(answer.header("retry-after"), "1");
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "copy_id": "0197c000-0000-7000-8000-00000000000c",
      "job": {
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
    }
    "#);
    let digest = Digest::of(PDF).to_string();
    assert_eq!(gateway.files(), std::slice::from_ref(&digest));
    let asked = gateway.peer.known.calls("register").pop().unwrap().message;
    assert!(
        asked.contains(&digest) && asked.contains(&format!("source_bytes: {}", PDF.len())),
        "{asked}"
    );
    assert!(!asked.contains("DUPONT"));
}

#[tokio::test]
async fn the_same_upload_with_the_same_key_gets_the_same_answer_to_the_byte() {
    let gateway = Gateway::start().await;
    let first = Answer::of(upload(&gateway, "scan-1", file(PDF))).await;
    gateway
        .peer
        .known
        .advance(|job| job.state = "SUCCEEDED".to_owned());
    let again = Answer::of(upload(&gateway, "scan-1", file(PDF))).await;
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!(first.header("location"), again.header("location"));
    let other = Answer::of(upload(&gateway, "scan-1", file(&b"%PDF-1.7 other bytes"[..]))).await;
    other.assert_refused(422, "idempotency_mismatch");
}

#[tokio::test]
async fn who_may_not_upload_is_told_before_the_file_is_read() {
    let gateway = Gateway::start().await;
    let nobody = gateway
        .request(Method::POST, &path())
        .header("idempotency-key", "k")
        .multipart(file(PDF));
    Answer::of(nobody).await.assert_refused(401, "unauthenticated");
    let keyless = gateway.admin(Method::POST, &path()).multipart(file(PDF));
    Answer::of(keyless)
        .await
        .assert_refused(400, "missing_idempotency_key");
    Answer::of(upload(&gateway, "two words", file(PDF)))
        .await
        .assert_refused(400, "missing_idempotency_key");
    let unknown = "/api/v1/exams/0197c000-0000-7000-8000-0000000000ff/copies";
    let unknown = gateway
        .admin(Method::POST, unknown)
        .header("idempotency-key", "k")
        .multipart(file("not a pdf"));
    Answer::of(unknown).await.assert_refused(404, "not_found");
    assert!(gateway.files().is_empty());
}

#[tokio::test]
async fn what_is_no_pdf_is_refused_and_leaves_nothing() {
    let gateway = Gateway::start_with(&["--max-upload-bytes=4096"]).await;
    let over = [PDF, &vec![b' '; 4097 - PDF.len()]].concat();
    let two = file(PDF).part("file", Part::bytes(PDF));
    let other_part = || Form::new().text("comment", "x".repeat(100));
    let flood = Form::new()
        .text("comment", "x".repeat(70_000))
        .part("file", Part::bytes(PDF));
    for (form, status, code, pointers) in [
        (file(""), 422, "empty_file", &[][..]),
        (file("plain text, renamed"), 415, "not_a_pdf", &[]),
        (file(vec![b'x'; 3000]), 415, "not_a_pdf", &[]),
        (file(over), 413, "too_large", &[]),
        (Form::new(), 422, "invalid", &["/file"]),
        (other_part(), 422, "invalid", &["/file"]),
        (two, 422, "invalid", &["/file"]),
        (flood, 413, "too_large", &[]),
    ] {
        let answer = Answer::of(upload(&gateway, "k", form)).await;
        let pointers = pointers.iter().map(|pointer| (*pointer).to_owned()).collect();
        assert_eq!(answer.problem(), (status, code.to_owned(), pointers));
    }
    assert!(gateway.files().is_empty(), "{:?}", gateway.files());
    assert!(gateway.peer.known.calls("register").is_empty());
    let largest = [PDF, &vec![b' '; 4096 - PDF.len()]].concat();
    let form = other_part().part("file", Part::bytes(largest));
    assert_eq!(Answer::of(upload(&gateway, "k", form)).await.status, 202);
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused() {
    let gateway = Gateway::start().await;
    let request = || {
        gateway
            .admin(Method::POST, &path())
            .header("idempotency-key", "k")
    };
    for request in [
        request().body(PDF),
        request().header("content-type", "application/pdf").body(PDF),
        request().header("content-type", "multipart/form-data").body(PDF),
    ] {
        Answer::of(request)
            .await
            .assert_refused(415, "unsupported_media_type");
    }
    let broken = request()
        .header("content-type", "multipart/form-data; boundary=x")
        .body("--y\r\nnonsense");
    Answer::of(broken).await.assert_invalid(&["/file"]);
}

#[tokio::test]
async fn a_file_far_over_the_limit_is_refused_while_the_client_still_sends() {
    let gateway = Gateway::start_with(&["--max-upload-bytes=65536"]).await;
    let far_over = [PDF, &vec![b' '; 16 * 1024 * 1024]].concat();
    let pieces: Vec<_> = far_over
        .chunks(64 * 1024)
        .map(|piece| Ok::<_, std::io::Error>(piece.to_vec()))
        .collect();
    let unannounced = Part::stream(reqwest::Body::wrap_stream(tokio_stream::iter(pieces)));
    for form in [file(far_over), Form::new().part("file", unannounced)] {
        Answer::of(upload(&gateway, "k", form))
            .await
            .assert_refused(413, "too_large");
    }
    assert!(gateway.files().is_empty());
}

/// The head of an upload that promises more than it will send.
fn begin(gateway: &Gateway) -> TcpStream {
    let mut client = TcpStream::connect(gateway.authority()).unwrap();
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {ADMIN}\r\nIdempotency-Key: k\r\n\
         Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n\
         --x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n",
        path(),
        gateway.authority()
    );
    client.write_all(head.as_bytes()).unwrap();
    client.write_all(PDF).unwrap();
    client.write_all(&vec![b' '; 500_000]).unwrap();
    client
}

#[tokio::test]
async fn a_client_that_goes_away_in_the_middle_leaves_nothing() {
    let gateway = Gateway::start().await;
    let client = begin(&gateway);
    until("the upload is under way", || !gateway.files().is_empty()).await;
    drop(client);
    until("nothing is left", || gateway.files().is_empty()).await;
    assert!(gateway.peer.known.calls("register").is_empty());
}

#[tokio::test]
async fn an_upload_that_stalls_is_given_up() {
    let gateway = Gateway::start_with(&["--upload-stall-timeout=1s"]).await;
    let mut client = begin(&gateway);
    let answer = tokio::task::spawn_blocking(move || {
        let mut answer = vec![0; 64];
        let read = client.read(&mut answer).unwrap();
        String::from_utf8_lossy(&answer[..read]).into_owned()
    });
    let answer = answer.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    until("nothing is left", || gateway.files().is_empty()).await;
}

#[tokio::test]
async fn uploads_beyond_the_limit_wait_for_their_turn() {
    let gateway = Gateway::start_with(&["--max-concurrent-uploads=1"]).await;
    let first = begin(&gateway);
    until("the first is under way", || !gateway.files().is_empty()).await;
    let mut second = Box::pin(Answer::of(upload(&gateway, "second", file(PDF))));
    let early = tokio::time::timeout(std::time::Duration::from_millis(300), &mut second).await;
    assert!(early.is_err(), "the second waits");
    drop(first);
    assert_eq!(second.await.status, 202);
    assert_eq!(gateway.peer.known.calls("register").len(), 1);
}
