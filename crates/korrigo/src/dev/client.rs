//! The gateway's HTTP API, as far as the demo needs it.

use std::time::{Duration, Instant};

use domain::secret::Secret;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::Failure;
use crate::dev::account::Account;

/// How long any part of the demo may take.
const LIMIT: Duration = Duration::from_mins(3);

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
        let answer = send(request.json(&body)).await?;
        let token = answer.body.get("token").and_then(Value::as_str).map(Secret::new);
        let token = token.ok_or_else(|| answer.unexpected("logging in"))?;
        Ok(Self {
            http,
            url: url.to_owned(),
            token,
        })
    }

    /// What opens a session's doors.
    pub(crate) fn token(&self) -> &Secret {
        &self.token
    }

    /// Reads something.
    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Failure> {
        send(self.authorized(self.http.get(self.address(path)))).await
    }

    /// Asks until what is listed is as it should be.
    pub(crate) async fn until(
        &self,
        path: &str,
        what: &str,
        done: impl Fn(&[Value]) -> Result<bool, Failure>,
    ) -> Result<Answer, Failure> {
        let start = Instant::now();
        loop {
            let answer = self.get(path).await?;
            if done(answer.items())? {
                return Ok(answer);
            }
            if start.elapsed() > LIMIT {
                let what = format!("waited in vain for {what}");
                return Err(Failure::new(
                    what,
                    "read the logs in var/logs; `make clean-dev` starts over",
                ));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Makes something.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Answer, Failure> {
        self.write(Method::POST, path, &[], body).await
    }

    /// Makes or sets something, with what only whoever may do it has.
    pub(crate) async fn write(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: &Value,
    ) -> Result<Answer, Failure> {
        let request = self.authorized(self.http.request(method, self.address(path)));
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value));
        send(request.json(body)).await
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
    /// What was asked for is done.
    pub(crate) fn made(self, doing: &str) -> Result<Self, Failure> {
        if self.status.is_success() {
            Ok(self)
        } else {
            Err(self.unexpected(doing))
        }
    }

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
        self::field(&self.body, field).map(str::to_owned)
    }

    /// The items of a list.
    pub(crate) fn items(&self) -> &[Value] {
        self.body
            .get("items")
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }
}

/// A text in what was listed.
pub(crate) fn field<'a>(item: &'a Value, name: &str) -> Option<&'a str> {
    item.get(name).and_then(Value::as_str)
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
