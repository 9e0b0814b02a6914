//! A copy on a corrector's desk, and the pen that writes on it.

use domain::Digest;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::{Answer, Client, System, Upload, corpus};

/// A copy of two printed pages in an exam of 20 points.
pub(crate) struct Desk<'a> {
    pub(crate) system: &'a System,
    pub(crate) exam: String,
    pub(crate) copy: String,
    /// The job that imported it.
    pub(crate) job: String,
    source: Vec<u8>,
}

/// A lock in somebody's hand.
#[derive(Clone)]
pub(crate) struct Pen {
    pub(crate) client: Client,
    pub(crate) copy: String,
    pub(crate) token: String,
}

impl<'a> Desk<'a> {
    /// Ready to be corrected by the teacher.
    pub(crate) async fn ready(system: &'a System) -> Self {
        Self::ready_for(system, &[system.teacher_id()]).await
    }

    /// Ready to be corrected by these people.
    pub(crate) async fn ready_for(system: &'a System, correctors: &[String]) -> Self {
        Self::imported_for(system, correctors).await.validated().await
    }

    /// Ready to be corrected by the teacher, in an exam of this zone and with these pages.
    pub(crate) async fn ready_with(system: &'a System, zone: Option<Value>, source: Vec<u8>) -> Self {
        let exam = system.exam().await;
        if let Some(zone) = zone {
            let change = json!({"identity_zone": zone});
            change_exam(&system.admin().await, &exam, &change)
                .await
                .expect(200);
        }
        let desk = Self::imported(system, exam, source, &system.teacher().await).await;
        desk.validated().await
    }

    /// In STAGING, with its pages.
    pub(crate) async fn imported_for(system: &'a System, correctors: &[String]) -> Self {
        let exam = system.exam_of(correctors).await;
        // Whoever uploads owns the job.
        let uploader = if correctors.contains(&system.teacher_id()) {
            system.teacher().await
        } else {
            system.admin().await
        };
        Self::imported(system, exam, corpus::text(2), &uploader).await
    }

    /// In STAGING, with these pages.
    async fn imported(system: &'a System, exam: String, source: Vec<u8>, uploader: &Client) -> Self {
        set_scheme(&system.admin().await, &exam, "15").await.expect(200);
        let key = format!("desk-{exam}");
        let upload = Upload::new(&exam, source.clone(), &key);
        let accepted = uploader.upload(upload).await.expect(202);
        let (copy, job) = (accepted.text("/copy_id"), accepted.text("/job/id"));
        system.settle().await;
        Self {
            system,
            exam,
            copy,
            job,
            source,
        }
    }

    /// The administrator finds the pages complete.
    async fn validated(self) -> Self {
        let admin = self.system.admin().await;
        let validated = admin.post(&self.at("/validate"), &json!({})).await;
        assert_eq!(validated.expect(200).text("/status"), "READY");
        self
    }

    /// One more copy of the exam, ready to be corrected.
    pub(crate) async fn another(&self, key: &str) -> String {
        let admin = self.system.admin().await;
        let upload = Upload::new(&self.exam, corpus::marked(key), key);
        let copy = admin.upload(upload).await.expect(202).text("/copy_id");
        self.system.settle().await;
        let validate = format!("/copies/{copy}/validate");
        admin.post(&validate, &Value::Null).await.expect(200);
        copy
    }

    /// A path below the copy's.
    pub(crate) fn at(&self, below: &str) -> String {
        format!("/copies/{}{below}", self.copy)
    }

    /// The blob that the copy was made of.
    pub(crate) fn source(&self) -> String {
        Digest::of(&self.source).to_string()
    }

    /// The copy as somebody sees it.
    pub(crate) async fn seen_by(&self, client: &Client) -> Value {
        client.get(&self.at("")).await.expect(200).json()
    }

    /// Has the lock end a moment ago.
    pub(crate) fn expire(&self) {
        self.system.database.run(&format!(
            "UPDATE grading.locks SET expires_at = now() - interval '1 second' WHERE copy_id = '{}'",
            self.copy
        ));
    }

    /// The number of rows of `table` that belong to the copy.
    pub(crate) fn rows(&self, table: &str) -> i64 {
        let copy = &self.copy;
        self.system.count(&format!(
            "SELECT count(*) FROM grading.{table} WHERE copy_id = '{copy}'"
        ))
    }

    /// The audit trail, oldest first.
    pub(crate) async fn events(&self) -> Vec<Value> {
        let admin = self.system.admin().await;
        let (mut events, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = admin.get(&self.at(&format!("/events?cursor={cursor}"))).await;
            let page = page.expect(200);
            events.extend(items(&page.json()));
            cursor = page.text("/next_cursor");
            if cursor.is_empty() {
                return events;
            }
        }
    }

    /// What happened, oldest first.
    pub(crate) async fn actions(&self) -> Vec<String> {
        let events = self.events().await;
        events.iter().map(|event| text(event, "/action")).collect()
    }

    /// How often this happened.
    pub(crate) async fn times(&self, action: &str) -> usize {
        let actions = self.actions().await;
        actions.iter().filter(|known| *known == action).count()
    }

    /// Pupils see the results of its exam from now on.
    pub(crate) async fn release(&self, admin: &Client) {
        let request = admin.request(Method::POST, &format!("/exams/{}/release", self.exam));
        let key = format!("release-{}", self.exam);
        Client::send(request.header("Idempotency-Key", key))
            .await
            .expect(201);
    }

    /// Corrects the copy without much thought, down to its document.
    pub(crate) async fn grade(&self, teacher: &Client) {
        let pen = Pen::take(teacher, &self.copy).await;
        Client::send(pen.score("2", Some("12.5"))).await.expect(200);
        let key = format!("grade-{}", self.copy);
        Client::send(pen.finalize(&key)).await.expect(202);
        self.system.settle().await;
        assert_eq!(text(&self.seen_by(teacher).await, "/status"), "GRADED");
    }
}

impl Pen {
    /// Takes a copy that nobody has.
    pub(crate) async fn take(client: &Client, copy: &str) -> Self {
        let taken = client.post(&format!("/copies/{copy}/lock"), &json!({})).await;
        Self {
            client: client.clone(),
            copy: copy.to_owned(),
            token: taken.expect(201).text("/token"),
        }
    }

    /// The same lock in the hand of another client.
    pub(crate) fn held_by(&self, client: Client) -> Self {
        Self {
            client,
            ..self.clone()
        }
    }

    pub(crate) fn request(&self, method: Method, below: &str) -> RequestBuilder {
        let path = format!("/copies/{}{below}", self.copy);
        self.client
            .request(method, &path)
            .header("X-Lock-Token", &self.token)
    }

    pub(crate) fn annotate(&self, key: &str, annotation: &Value) -> RequestBuilder {
        self.request(Method::POST, "/annotations")
            .header("Idempotency-Key", key)
            .json(annotation)
    }

    pub(crate) fn amend(&self, annotation: &str, seen: u32, change: &Value) -> RequestBuilder {
        self.request(Method::PATCH, &format!("/annotations/{annotation}"))
            .header("If-Match", version(seen))
            .json(change)
    }

    pub(crate) fn erase(&self, annotation: &str, seen: u32) -> RequestBuilder {
        self.request(Method::DELETE, &format!("/annotations/{annotation}"))
            .header("If-Match", version(seen))
    }

    pub(crate) fn score(&self, question: &str, points: Option<&str>) -> RequestBuilder {
        self.request(Method::PUT, &format!("/scores/{question}"))
            .json(&json!({"points": points}))
    }

    pub(crate) fn remark(&self, question: &str, words: &str) -> RequestBuilder {
        self.request(Method::PUT, &format!("/remarks/{question}"))
            .json(&json!({"text": words}))
    }

    pub(crate) fn appreciate(&self, words: &str) -> RequestBuilder {
        self.request(Method::PUT, "/appreciation")
            .json(&json!({"text": words}))
    }

    pub(crate) fn heartbeat(&self) -> RequestBuilder {
        self.request(Method::POST, "/lock/heartbeat")
    }

    pub(crate) fn release(&self) -> RequestBuilder {
        self.request(Method::DELETE, "/lock")
    }

    pub(crate) fn finalize(&self, key: &str) -> RequestBuilder {
        self.request(Method::POST, "/finalize")
            .header("Idempotency-Key", key)
    }
}

/// A version as `ETag` and `If-Match` have it.
pub(crate) fn version(number: u32) -> String {
    format!("\"{number}\"")
}

/// A comment on the first page.
pub(crate) fn comment(words: &str) -> Value {
    json!({
        "page_index": 0,
        "rectangle": {"x": 0.1, "y": 0.1, "w": 0.4, "h": 0.1},
        "kind": "COMMENT",
        "text": words,
    })
}

/// Changes an exam as it is now.
pub(crate) async fn change_exam(admin: &Client, exam: &str, change: &Value) -> Answer {
    let seen = admin.get(&format!("/exams/{exam}")).await.expect(200);
    let request = admin
        .request(Method::PATCH, &format!("/exams/{exam}"))
        .header("If-Match", seen.header("etag"))
        .json(change);
    Client::send(request).await
}

/// Two questions, the first of 5 points and in a group, the second of so many.
pub(crate) async fn set_scheme(admin: &Client, exam: &str, second: &str) -> Answer {
    let scheme = json!({"questions": [
        {"id": "1", "label": "Compréhension", "children": [
            {"id": "1.a", "label": "Le texte", "max_points": "5"},
        ]},
        {"id": "2", "label": "Dissertation", "max_points": second},
    ]});
    let seen = admin.get(&format!("/exams/{exam}")).await.expect(200);
    let request = admin
        .request(Method::PUT, &format!("/exams/{exam}/marking-scheme"))
        .header("If-Match", seen.header("etag"))
        .json(&scheme);
    Client::send(request).await
}

pub(crate) fn items(list: &Value) -> Vec<Value> {
    let items = list.pointer("/items").and_then(Value::as_array);
    items.cloned().unwrap_or_default()
}

pub(crate) fn text(value: &Value, pointer: &str) -> String {
    let text = value.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}
