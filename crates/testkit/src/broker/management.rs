//! The few calls of the management API that tests need.

#![expect(clippy::expect_used, reason = "a test that cannot go on says so")]

use reqwest::{Client, Method, StatusCode, Url};
use serde_json::Value;

/// The management API of a broker.
#[derive(Debug, Clone)]
pub(super) struct Management {
    url: Url,
    client: Client,
}

impl Management {
    /// The API at `url`, which holds the user's name and password.
    pub(super) fn new(url: &str) -> Self {
        Self {
            url: url.parse().expect("the management URL is a URL"),
            client: Client::new(),
        }
    }

    /// The user whose name is in the URL.
    pub(super) fn user(&self) -> &str {
        self.url.username()
    }

    /// Calls `path` and reads the answer, if there is one.
    pub(super) async fn call(&self, method: Method, path: &[&str], body: Option<Value>) -> Value {
        let mut url = self.url.clone();
        url.path_segments_mut()
            .expect("an HTTP URL has a path")
            .clear()
            .push("api")
            .extend(path);
        let mut request = self.client.request(method, url);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("the management API answers");
        let status = response.status();
        assert!(
            status.is_success() || status == StatusCode::NOT_FOUND,
            "{path:?} answers {status}"
        );
        let text = response
            .text()
            .await
            .expect("the management API finishes its answer");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Calls from where nothing can be awaited, such as `Drop`.
    pub(super) fn call_and_wait(self, method: Method, path: Vec<String>) {
        let calling = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            runtime.expect("a runtime can be built").block_on(async {
                // A client belongs to the runtime that it was first used on.
                Self {
                    client: Client::new(),
                    ..self
                }
                .call(method, &path, None)
                .await;
            });
        });
        // A test that fails for another reason must not abort here.
        let _ = calling.join();
    }
}
