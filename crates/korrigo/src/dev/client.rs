//! The gateway's HTTP API, as far as the demo needs it.

use domain::secret::Secret;
use reqwest::multipart::{Form, Part};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::Failure;
use crate::dev::account::Account;

/// Somebody who is logged in.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    token: Secret,
}

/// What the gateway answered.
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// The body.
    pub(crate) body: Value,
}

impl Client {
    /// Logs in.
    pub(crate) async fn log_in(url: &str, account: &Account) -> Result<Self, Failure> {
        let http = reqwest::Client::new();
        let body = json!({ "login": account.login, "password": account.password.expose() });
        let request = http.post(format!("{url}/api/v1/session"));
        let answer = send(with_json(request, &body)).await?;
        let token = answer.body.get("token").and_then(Value::as_str).map(Secret::new);
        let token = token.ok_or_else(|| answer.unexpected("logging in"))?;
        Ok(Self {
            http,
            url: url.to_owned(),
            token,
        })
    }

    /// Reads something.
    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Failure> {
        send(self.authorized(self.http.get(self.address(path)))).await
    }

    /// Makes something.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Answer, Failure> {
        send(with_json(
            self.authorized(self.http.post(self.address(path))),
            body,
        ))
        .await
    }

    /// Makes something with what only its maker may have.
    pub(crate) async fn post_with(
        &self,
        path: &str,
        headers: &[(&'static str, &str)],
        body: &Value,
    ) -> Result<Answer, Failure> {
        let request = self.authorized(self.http.post(self.address(path)));
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value));
        send(with_json(request, body)).await
    }

    /// Sets something with what only its maker may have.
    pub(crate) async fn put_with(
        &self,
        path: &str,
        headers: &[(&'static str, &str)],
        body: &Value,
    ) -> Result<Answer, Failure> {
        let request = self.authorized(self.http.put(self.address(path)));
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value));
        send(with_json(request, body)).await
    }

    /// Sends a list of pupils.
    pub(crate) async fn import(&self, path: &str, list: String) -> Result<Answer, Failure> {
        let request = self.authorized(self.http.post(self.address(path)));
        send(request.header("Content-Type", "text/csv").body(list)).await
    }

    /// Uploads a PDF.
    pub(crate) async fn upload(&self, path: &str, key: &str, document: Vec<u8>) -> Result<Answer, Failure> {
        let part = Part::bytes(document)
            .file_name("scan.pdf")
            .mime_str("application/pdf")
            .map_err(unanswered)?;
        let request = self.authorized(self.http.post(self.address(path)));
        let request = request.header("Idempotency-Key", key);
        send(request.multipart(Form::new().part("file", part))).await
    }

    fn address(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.url)
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(self.token.expose())
    }
}

impl Answer {
    /// The answer was not what it should be.
    pub(crate) fn unexpected(&self, doing: &str) -> Failure {
        let code = self.body.get("code").and_then(Value::as_str).unwrap_or("no code");
        Failure::new(
            format!("{doing} was answered with {} ({code})", self.status),
            "read the log of the gateway and of grading in var/logs; `make clean-dev` starts over",
        )
    }

    /// The text of a field.
    pub(crate) fn text(&self, field: &str) -> Option<String> {
        self.body.get(field).and_then(Value::as_str).map(str::to_owned)
    }

    /// The items of a list.
    pub(crate) fn items(&self) -> &[Value] {
        self.body
            .get("items")
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }
}

fn with_json(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request.json(body)
}

async fn send(request: RequestBuilder) -> Result<Answer, Failure> {
    let response = request.send().await.map_err(unanswered)?;
    let status = response.status();
    let body = response.bytes().await.map_err(unanswered)?;
    Ok(Answer {
        status,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    })
}

fn unanswered(error: reqwest::Error) -> Failure {
    Failure::new(error, "read the log of the gateway in var/logs")
}
