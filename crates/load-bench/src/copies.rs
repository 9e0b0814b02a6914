//! Copies on correctors' desks: imported, validated, and each under a lock.

use std::sync::Arc;

use reqwest::{Method, RequestBuilder};
use serde_json::json;
use testkit::{Client, System, Upload, corpus};

use crate::plan::Task;

/// How long a lock lasts, which is longer than a round.
const LOCK_SECONDS: u32 = 3600;

/// A copy and the lock of it, in the hand of one client.
#[derive(Clone)]
pub(crate) struct Copy {
    client: Client,
    path: Arc<str>,
    token: Arc<str>,
}

/// So many copies of the demo's kind, in one exam.
pub(crate) async fn locked(system: &System, count: u32) -> Vec<Copy> {
    let (admin, client) = (system.admin().await, system.teacher().await.keeping_connections());
    let exam = exam(system, &admin).await;
    let mut ids = Vec::new();
    for number in 0..count {
        let key = format!("load-upload-{number}");
        let upload = Upload {
            exam: &exam,
            bytes: corpus::scan(2, number.into()),
            filename: "copie.pdf",
            key: &key,
        };
        ids.push(client.upload(upload).await.expect(202).text("/copy_id"));
    }
    system.settle().await;
    let mut copies = Vec::new();
    for id in ids {
        let path = format!("/copies/{id}");
        admin
            .post(&format!("{path}/validate"), &json!({}))
            .await
            .expect(200);
        let lock = client
            .post(&format!("{path}/lock"), &json!({"ttl_seconds": LOCK_SECONDS}))
            .await;
        copies.push(Copy {
            client: client.clone(),
            path: path.into(),
            token: lock.expect(201).text("/token").into(),
        });
    }
    copies
}

/// An exam of one question.
async fn exam(system: &System, admin: &Client) -> String {
    let exam = system.exam().await;
    let path = format!("/exams/{exam}");
    let seen = admin.get(&path).await.expect(200);
    let scheme = json!({"questions": [{"id": "1", "label": "Dissertation", "max_points": "20"}]});
    let request = admin
        .request(Method::PUT, &format!("{path}/marking-scheme"))
        .header("If-Match", seen.header("etag"));
    Client::send(request.json(&scheme)).await.expect(200);
    exam
}

impl Copy {
    /// The request that does this, the `number`th of its round.
    pub(crate) fn request(&self, task: Task, number: usize) -> RequestBuilder {
        let ask = |method, below: &str| self.client.request(method, &format!("{}{below}", self.path));
        let held = |method, below: &str| ask(method, below).header("X-Lock-Token", &*self.token);
        match task {
            Task::Read => ask(Method::GET, ""),
            // What is there already would not be written again.
            Task::Score => held(Method::PUT, "/scores/1").json(&json!({"points": (number % 20).to_string()})),
            Task::Annotate => held(Method::POST, "/annotations")
                .header(
                    "Idempotency-Key",
                    format!("load-{number}-{}", self.path.replace('/', "-")),
                )
                .json(&json!({
                    "page_index": 0,
                    "rectangle": {"x": 0.1, "y": 0.1, "w": 0.4, "h": 0.1},
                    "kind": "COMMENT",
                    "text": "Bien vu, mais à développer.",
                })),
        }
    }
}
