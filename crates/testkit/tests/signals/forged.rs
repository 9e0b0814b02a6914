//! What could forge lines of a log or break them, sent wherever something is taken: in fields, bodies, headers, paths,
//! names of files, messages, and past all rules of the protocols.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use testkit::{Client, Service, System, Upload, corpus};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::stories::locked;

/// New lines that everybody knows and that few know, a colour for terminals, and what would be an event of ours if it
/// were not quoted.
const FORGED: &str = "\n{\"level\":\"CRITICAL\",\"event\":\"forged\"}\r\n\u{1b}[31m\"}{\"event\":\"forged\"}\u{0}\u{2028}\u{2029}\u{85}\u{b}\r\
    forged";

/// What a header can carry of it.
const IN_HEADERS: &str = "\"}{\"level\":\"CRITICAL\",\"event\":\"forged\"}\t%0a\\n";

/// A byte that begins no letter, a letter that is cut off, a line feed in two bytes, half a pair.
const NO_LETTERS: &[u8] = b"forged\xff\xfe\xc3(\xc0\x8a\xed\xa0\x80\n{\"event\":\"forged\"}";

/// How often something is repeated that is to be long.
const MANY: usize = 100_000;

/// Where messages for workers are.
const QUEUE: &str = "korrigo.pdf.import";

/// Sends all of it, and says how much that was.
pub(crate) async fn send(system: &mut System) -> usize {
    let (admin, teacher, exam) = (system.admin().await, system.teacher().await, system.exam().await);
    let (copy, lock) = held(system, (&admin, &teacher), &exam).await;
    let mut sent = fields(&admin, (&teacher, &copy, &lock)).await;
    sent += addresses(&admin).await;
    sent += files(&teacher, &exam).await;
    for (client, routes) in [(&admin, of_office(&exam)), (&teacher, of_desk(&copy))] {
        sent += bodies(client, &lock, routes).await;
    }
    sent += past_http(system).await;
    sent += messages(system).await;
    system.settle().await;
    sent
}

/// The path of a copy, and the token of the lock that the teacher has on it.
async fn held(system: &System, (admin, teacher): (&Client, &Client), exam: &str) -> (String, String) {
    let upload = Upload::new(exam, corpus::scan(1, 97), "an-upload-to-write-on");
    let copy = teacher.upload(upload).await.expect(202).text("/copy_id");
    system.settle().await;
    locked((admin, teacher), &copy).await
}

/// In each field of bodies that are otherwise as they should be, with headers like that.
async fn fields(admin: &Client, (teacher, copy, lock): (&Client, &str, &str)) -> usize {
    let huge = "x".repeat(16 * 1024);
    let comment = json!({
        "page_index": 0, "rectangle": {"x": 0.1, "y": 0.1, "w": 0.4, "h": 0.1}, "kind": "COMMENT", "text": FORGED,
    });
    let annotations = format!("{copy}/annotations");
    let (draft, appreciation) = (format!("{copy}/draft"), format!("{copy}/appreciation"));
    let bodies: [(&Client, Method, &str, Value); 7] = [
        (
            admin,
            Method::POST,
            "/session",
            json!({"login": FORGED, "password": FORGED}),
        ),
        (
            admin,
            Method::POST,
            "/exams",
            json!({"name": FORGED, "date": "2026-06-15", "correctors": [FORGED]}),
        ),
        (
            admin,
            Method::POST,
            "/users",
            json!({"login": FORGED, "display_name": FORGED, "role": FORGED}),
        ),
        (
            admin,
            Method::POST,
            "/session/invitation",
            json!({"token": FORGED, "password": FORGED}),
        ),
        (teacher, Method::POST, &annotations, comment),
        (
            teacher,
            Method::PUT,
            &draft,
            json!({"client_id": FORGED, "version": 1, "payload": {"text": FORGED}}),
        ),
        (teacher, Method::PUT, &appreciation, json!({"text": FORGED})),
    ];
    let sent = bodies.len();
    for (client, method, path, body) in bodies {
        let request = client
            .request(method, path)
            .header("X-Request-ID", IN_HEADERS)
            .header("X-Lock-Token", lock)
            .header("User-Agent", &huge)
            .header("Idempotency-Key", IN_HEADERS)
            .header("traceparent", IN_HEADERS)
            .header("Accept-Language", IN_HEADERS);
        Client::send(request.json(&body)).await;
    }
    sent
}

async fn addresses(client: &Client) -> usize {
    let paths = [
        "/copies?status=%0A%1B%5B31m%22%7D%7B%22event%22%3A%22forged%22%7D",
        "/copies?status=forged%FF%C0%8A%E2%80%A8",
        "/%0A%7B%22event%22%3A%22forged%22%7D",
        "/forged%FF%C0%8A%E2%80%A8",
    ];
    for path in paths {
        let request = client.request(Method::GET, path).header("Referer", IN_HEADERS);
        Client::send(request.header("X-Lock-Token", IN_HEADERS)).await;
    }
    paths.len()
}

/// In names of files, as libraries write them and as none would.
async fn files(client: &Client, exam: &str) -> usize {
    let path = format!("/exams/{exam}/copies");
    let part = Part::bytes(corpus::scan(1, 90)).file_name(FORGED);
    let named = client
        .request(Method::POST, &path)
        .header("Idempotency-Key", "an-upload-with-a-name");
    Client::send(named.multipart(Form::new().part("file", part))).await;
    let head = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"".as_slice();
    let body = [
        head,
        NO_LETTERS,
        b"\"\r\nX-Forged: \xff\r\n\r\n%PDF-1.7 ",
        NO_LETTERS,
        b"\r\n--b--\r\n",
    ]
    .concat();
    let raw = client
        .request(Method::POST, &path)
        .header("Idempotency-Key", "an-upload-with-no-name")
        .header("Content-Type", "multipart/form-data; boundary=b");
    Client::send(raw.body(body)).await;
    2
}

const JSON: &str = "application/json";
const CSV: &str = "text/csv";

type Route = (Method, String, &'static str);

fn of_office(exam: &str) -> Vec<Route> {
    let scheme = format!("/exams/{exam}/marking-scheme");
    vec![
        (Method::POST, "/session".to_owned(), JSON),
        (Method::POST, "/users".to_owned(), JSON),
        (Method::PUT, scheme, JSON),
        (Method::POST, "/students/import".to_owned(), CSV),
        (
            Method::POST,
            format!("/exams/{exam}/copies"),
            "multipart/form-data; boundary=b",
        ),
    ]
}

fn of_desk(copy: &str) -> Vec<Route> {
    vec![
        (Method::POST, format!("{copy}/annotations"), JSON),
        (Method::PUT, format!("{copy}/draft"), JSON),
    ]
}

/// Bodies that no library would write.
async fn bodies(client: &Client, lock: &str, routes: Vec<Route>) -> usize {
    let utf16 = "\u{feff}{\"event\":\"forged\"}".encode_utf16();
    let bodies = [
        format!("{{\"login\": \"{FORGED}\", \"text\": \"{FORGED}\"}}").into_bytes(),
        format!("Nom;Prénom\n{FORGED};forged").into_bytes(),
        [b"{\"login\": \"", NO_LETTERS, b"\", \"text\": \"", NO_LETTERS, b"\"}"].concat(),
        NO_LETTERS.to_vec(),
        br#"{"login": "\ud800forged\u0000\u001b[31m\u2028\n", "password": "forged", "text": "\udc00forged\r\n"}"#.to_vec(),
        format!("{{\"login\": \"{}\"}}", "forged ".repeat(MANY)).into_bytes(),
        format!("{}\"forged\"", "[".repeat(MANY)).into_bytes(),
        utf16.flat_map(u16::to_le_bytes).collect(),
        FORGED.as_bytes().to_vec(),
    ];
    for (method, path, kind) in &routes {
        for body in &bodies {
            let request = client
                .request(method.clone(), path)
                .header("Content-Type", *kind)
                .header("Idempotency-Key", "a-body-of-no-kind")
                .header("If-Match", "\"0\"")
                .header("X-Lock-Token", lock);
            // Whoever is sent too much hangs up.
            let _answer = Client::try_send(request.body(body.clone())).await;
        }
    }
    routes.len() * bodies.len()
}

/// What no client library would send, to everything that listens.
async fn past_http(system: &System) -> usize {
    let cookie = format!(
        "GET / HTTP/1.1\r\nHost: x\r\nCookie: {}\r\n\r\n",
        "forged=".repeat(MANY)
    );
    let heads: [&[u8]; 7] = [
        b"GET /api/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-ID: a\x1b[31m{\"event\":\"forged\"}\r\n\r\n",
        b"GET /\x1b[31m{\"event\":\"forged\"} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /api/health?forged\xff HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-ID: forged\xff\xc0\x8a\r\n\r\n",
        // A header that goes on in the next line, as it once could.
        b"GET /api/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\nUser-Agent: forged\r\n {\"event\":\"forged\"}\r\n\r\n",
        b"{\"event\":\"forged\"}\n{\"event\":\"forged\"}\n\n",
        NO_LETTERS,
        cookie.as_bytes(),
    ];
    let admins = system.services().map(Service::admin);
    let admins = admins.map(|url| url.trim_start_matches("http://").parse().unwrap());
    let mut addresses: Vec<SocketAddr> = admins.collect();
    addresses.extend([system.gateway().socket(), system.grading.socket()]);
    for address in &addresses {
        for head in heads {
            let mut connection = TcpStream::connect(address).await.unwrap();
            // It may hang up before it has heard everything, or wait for more.
            let _sent = connection.write_all(head).await;
            let mut answer = Vec::new();
            let _read = timeout(Duration::from_secs(1), connection.read_to_end(&mut answer)).await;
        }
    }
    addresses.len() * heads.len()
}

/// Messages that no service of ours would write.
async fn messages(system: &mut System) -> usize {
    let bodies = [
        FORGED.as_bytes().to_vec(),
        NO_LETTERS.to_vec(),
        b"forged ".repeat(MANY),
    ];
    let sent = u32::try_from(bodies.len()).unwrap();
    system.expect_dead_letters(sent);
    for body in bodies {
        system.broker.publish(QUEUE, FORGED, body).await;
    }
    system.broker.wait_for_depth(&format!("{QUEUE}.dead"), sent).await;
    sent.try_into().unwrap()
}
