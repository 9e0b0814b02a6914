//! Copies on correctors' desks: imported, validated, and each under a lock.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
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

/// Scans that are still to be uploaded.
pub(crate) struct Heap {
    client: Client,
    exam: String,
    scans: Vec<Vec<u8>>,
}

/// So many, for an exam of their own. They are all made before the first one is uploaded.
pub(crate) async fn heap(system: &System, count: u32) -> Heap {
    Heap {
        client: system.teacher().await.keeping_connections(),
        exam: system.exam().await,
        scans: (0..count)
            .map(|number| corpus::scan(2, 100_000 + u64::from(number)))
            .collect(),
    }
}

impl Heap {
    /// Uploads them, so many at a time, until there are none or the time is over. How many were taken.
    pub(crate) async fn upload(&self, at_once: usize, time: Duration) -> usize {
        let begun = Instant::now();
        let uploading = (0..at_once).map(async |place| {
            let mut taken = 0;
            for (number, scan) in self.scans.iter().enumerate().skip(place).step_by(at_once) {
                if begun.elapsed() > time {
                    break;
                }
                let key = format!("heap-{number}");
                let answer = self
                    .client
                    .upload(Upload::new(&self.exam, scan.clone(), &key))
                    .await;
                taken += usize::from(answer.status == 202);
            }
            taken
        });
        join_all(uploading).await.into_iter().sum()
    }
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
