//! A client of the HTTP API, as a frontend would be.

use std::time::Duration;

use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::people::Person;
use super::service::Service;
use crate::proxy::Proxy;

/// A client of one gateway, perhaps logged in.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// A file to upload.
pub struct Upload<'a> {
    /// The exam that it is for.
    pub exam: &'a str,
    /// The file.
    pub bytes: Vec<u8>,
    /// What the client calls it.
    pub filename: &'a str,
    /// The idempotency key.
    pub key: &'a str,
}

impl<'a> Upload<'a> {
    /// A file with a name like any other.
    #[must_use]
    pub fn new(exam: &'a str, bytes: Vec<u8>, key: &'a str) -> Self {
        Self {
            exam,
            bytes,
            filename: "copie.pdf",
            key,
        }
    }
}

/// What the gateway answered.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Client {
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub(super) fn of(gateway: &Service) -> Self {
        // A connection that lies idle may be closed by a gateway that drains, at the moment of its next use.
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).build();
        Self {
            http: http.expect("a client"),
            base: gateway.url(),
            token: None,
        }
    }

    pub(super) async fn log_in(self, person: &Person) -> Self {
        let answer = self
            .post(
                "/session",
                &json!({"login": person.login, "password": person.password}),
            )
            .await;
        let token = answer.expect(201).text("/token");
        Self {
            token: Some(token),
            ..self
        }
    }

    /// The same client with the token of a session.
    #[must_use]
    pub fn holding(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The same client with connections that it keeps, as browsers do.
    #[must_use]
    pub fn keeping_connections(&self) -> Self {
        Self {
            http: reqwest::Client::new(),
            ..self.clone()
        }
    }

    /// The same client with connections that it keeps for as long as this after their last answer, as balancers do.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub fn keeping_connections_for(&self, idle: Duration) -> Self {
        let http = reqwest::Client::builder().pool_idle_timeout(idle).build();
        Self {
            http: http.expect("a client"),
            ..self.clone()
        }
    }

    /// The same client at another gateway.
    #[must_use]
    pub fn at(&self, gateway: &Service) -> Self {
        Self {
            base: gateway.url(),
            ..self.clone()
        }
    }

    /// The same client with a proxy between it and its gateway.
    #[must_use]
    pub fn through(&self, proxy: &Proxy) -> Self {
        Self {
            base: format!("http://{}", proxy.address()),
            ..self.clone()
        }
    }

    /// A request below `/api/v1` that can be changed before it is sent with [`send`](Self::send).
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.request_at(method, &format!("/api/v1{path}"))
    }

    /// A request to any path of the gateway.
    pub fn request_at(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Answer {
        Self::send(self.request(Method::GET, path)).await
    }

    /// Sends JSON in place of what is there.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        Self::send(self.request(Method::PUT, path).json(body)).await
    }

    /// Takes away.
    pub async fn delete(&self, path: &str) -> Answer {
        Self::send(self.request(Method::DELETE, path)).await
    }

    /// Sends JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        Self::send(self.request(Method::POST, path).json(body)).await
    }

    /// Sends JSON that changes what is there.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        Self::send(self.request(Method::PATCH, path).json(body)).await
    }

    /// Uploads a file as a copy.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub async fn upload(&self, upload: Upload<'_>) -> Answer {
        self.try_upload(upload).await.expect("an answer of the gateway")
    }

    /// Uploads a file as a scan of many copies.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub async fn upload_batch(&self, upload: Upload<'_>) -> Answer {
        let answer = self.try_upload_to("batches", upload).await;
        answer.expect("an answer of the gateway")
    }

    /// Uploads a file as a copy, perhaps to a gateway that is not there.
    pub async fn try_upload(&self, upload: Upload<'_>) -> Result<Answer, reqwest::Error> {
        self.try_upload_to("copies", upload).await
    }

    async fn try_upload_to(&self, what: &str, upload: Upload<'_>) -> Result<Answer, reqwest::Error> {
        let path = format!("/exams/{}/{what}", upload.exam);
        let part = Part::bytes(upload.bytes).file_name(upload.filename.to_owned());
        let form = Form::new().part("file", part);
        let request = self
            .request(Method::POST, &path)
            .header("Idempotency-Key", upload.key);
        Self::try_send(request.multipart(form)).await
    }

    /// Sends a request.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub async fn send(request: RequestBuilder) -> Answer {
        Self::try_send(request).await.expect("an answer of the gateway")
    }

    /// Sends a request that may get no answer.
    pub async fn try_send(request: RequestBuilder) -> Result<Answer, reqwest::Error> {
        let answer = request.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Ok(Answer {
            status,
            headers,
            body: answer.bytes().await?.to_vec(),
        })
    }
}

impl Answer {
    /// The answer, if it has this status.
    ///
    /// # Panics
    /// If it has another.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The text at a JSON pointer.
    #[must_use]
    pub fn text(&self, pointer: &str) -> String {
        self.json()
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    /// A header's text.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Checks that it is a problem with this status and code.
    ///
    /// # Panics
    /// If it is not.
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.text("/code"), code);
        answer
    }
}
