//! A gateway that runs for one test.

use std::future::Future;
use std::time::Duration;

use clap::Parser as _;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use service::{Lifecycle, TestHandle};
use tempfile::TempDir;

use crate::documented;
use crate::peer::Peer;

/// The token that the gateway and its peer share.
pub const SERVICE_TOKEN: &str = "the-token-of-the-services";
/// The token that opens `/metrics`.
pub const METRICS_TOKEN: &str = "the-token-of-the-metrics";
/// How long a test waits for what must happen.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until it holds, and says in vain for what if it never does.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) -> impl Future<Output = ()> {
    until_async(what, move || std::future::ready(holds()))
}

/// The same for what can only be found out by waiting itself.
pub async fn until_async<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    waited
        .await
        .unwrap_or_else(|_| panic!("in vain waited until {what}"));
}

/// A gateway on a free port.
pub struct Gateway {
    pub peer: Peer,
    pub blobs: TempDir,
    pub life: TestHandle,
    url: String,
    client: reqwest::Client,
}

impl Gateway {
    /// With a peer behind it, and ready.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same, with more options.
    pub async fn start_with(options: &[&str]) -> Self {
        let peer = Peer::start();
        let gateway = Self::before(peer, options).await;
        tokio::time::timeout(PATIENCE, gateway.life.ready())
            .await
            .expect("the gateway becomes ready");
        gateway
    }

    /// With a peer that may not be there.
    pub async fn before(peer: Peer, options: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let address = directory.path().join("address");
        let blobs = directory.path().join("blobs");
        let (lifecycle, life) = Lifecycle::for_test();
        let mut arguments = vec![
            "korrigo-gateway".to_owned(),
            "--listen=127.0.0.1:0".to_owned(),
            "--threads=2".to_owned(),
            format!("--address-file={}", address.display()),
            format!("--blobs-dir={}", blobs.display()),
            format!("--grading-url=http://{}", peer.address()),
            format!("--metrics-token={METRICS_TOKEN}"),
        ];
        if !options.iter().any(|option| option.starts_with("--blobs-reserve")) {
            arguments.push("--blobs-reserve=0".to_owned());
        }
        if !options.iter().any(|option| option.starts_with("--service-token")) {
            arguments.push(format!("--service-token={SERVICE_TOKEN}"));
        }
        arguments.extend(options.iter().map(|option| (*option).to_owned()));
        let config = gateway::Config::try_parse_from(arguments).unwrap();
        gateway::build(config, lifecycle).await.unwrap();
        let url = format!("http://{}", std::fs::read_to_string(address).unwrap().trim());
        let client = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        Self {
            peer,
            blobs: directory,
            life,
            url,
            client,
        }
    }

    /// Where it listens: `127.0.0.1:…`.
    pub fn authority(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// A request without a session.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// A request of the administrator.
    pub fn admin(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(method, path).bearer_auth(crate::peer::ADMIN)
    }

    /// A GET of the administrator.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.admin(Method::GET, path)).await
    }

    /// The files of the blob store: finished ones and those under way.
    pub fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        list(&self.blobs.path().join("blobs"), &mut found);
        found
    }
}

fn list(directory: &std::path::Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(&path, found);
        } else {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.life.stop();
    }
}

/// An answer, read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// The answer to `request`, which must be one that the OpenAPI document knows.
    pub async fn of(request: RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.unwrap();
        let (method, path) = (request.method().to_string(), request.url().path().to_owned());
        let answer = Self::read(client.execute(request).await.unwrap()).await;
        documented::check(&method, &path, answer.status.as_u16(), &answer.headers);
        answer
    }

    async fn read(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self {
            status,
            headers,
            body: response.bytes().await.unwrap().to_vec(),
        }
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not json: {:?}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header, empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    /// Checks that it is a problem, and says its status, code and pointers.
    #[track_caller]
    pub fn problem(&self) -> (u16, String, Vec<String>) {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text()
        );
        let body = self.json();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        assert_eq!(body["status"], self.status.as_u16());
        assert_eq!(text("request_id"), self.header("x-request-id"));
        assert_eq!(
            text("instance"),
            format!("urn:korrigo:request:{}", text("request_id"))
        );
        assert_eq!(text("type"), format!("/api/v1/problems/{}", text("code")));
        assert!(!text("title").is_empty() && !text("detail").is_empty());
        assert!(["en", "fr"].contains(&self.header("content-language")));
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        let pointers = errors
            .iter()
            .map(|error| error["pointer"].as_str().unwrap().to_owned());
        (self.status.as_u16(), text("code"), pointers.collect())
    }

    /// Checks that it is a problem with this code, and no pointers.
    #[track_caller]
    pub fn assert_refused(&self, status: u16, code: &str) {
        assert_eq!(
            self.problem(),
            (status, code.to_owned(), vec![]),
            "{}",
            self.text()
        );
    }

    /// Checks that it says that these fields are wrong.
    #[track_caller]
    pub fn assert_invalid(&self, pointers: &[&str]) {
        let pointers = pointers.iter().map(|pointer| (*pointer).to_owned()).collect();
        assert_eq!(
            self.problem(),
            (422, "invalid".to_owned(), pointers),
            "{}",
            self.text()
        );
    }
}
