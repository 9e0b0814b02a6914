//! A corrector who does not give up: who gets no answer sends again, with the same key.

use std::cell::Cell;
use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::{Answer, Client, System, TestDatabase, Upload, corpus, eventually};

use crate::ledger::{Copy, Marks, Written};

/// How long anybody waits for one answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long somebody goes on sending again.
const STUBBORNNESS: Duration = Duration::from_mins(2);
/// How long they wait before that.
const PAUSE: Duration = Duration::from_millis(50);

/// What a corrector writes: it may be in no log.
pub(crate) const WORDS: &str = "Vercingetorix-au-tableau";

/// Waits until somebody has begun with another copy.
pub(crate) async fn work_goes_on(database: &TestDatabase) {
    let begun = || database.count("SELECT count(*) FROM grading.copies");
    let before = begun();
    eventually("another copy to be begun", async || match begun() {
        more if more > before => Ok(()),
        copies => Err(copies),
    })
    .await;
}

/// One person at one exam.
#[derive(Clone)]
pub(crate) struct Corrector {
    admin: Client,
    teacher: Client,
    exam: String,
}

/// A copy in a corrector's hand.
pub(crate) struct Desk<'a> {
    corrector: &'a Corrector,
    id: String,
    path: String,
    token: String,
}

impl Corrector {
    pub(crate) async fn of(system: &System) -> Self {
        let exam = system.exam().await;
        let admin = system.admin().await;
        let scheme = json!({"questions": [{"id": "1", "label": "Dissertation", "max_points": "20"}]});
        let request = admin
            .request(Method::PUT, &format!("/exams/{exam}/marking-scheme"))
            .header("If-Match", "\"0\"");
        Client::send(request.json(&scheme)).await.expect(200);
        Self {
            admin,
            teacher: system.teacher().await,
            exam,
        }
    }

    /// Corrects one copy, from its upload to its document. What was acknowledged on the way.
    pub(crate) async fn correct(&self, number: u64) -> Copy {
        let desk = self.at_work(number).await;
        let written = desk.write(number).await;
        desk.finalize().await;
        desk.graded(written).await
    }

    /// Uploads a copy and takes it in hand.
    pub(crate) async fn at_work(&self, number: u64) -> Desk<'_> {
        let id = self.upload(number).await;
        let path = format!("/copies/{id}");
        self.until(&path, |copy| copy.json().pointer("/pages/0").is_some())
            .await;
        let validate = || self.admin.request(Method::POST, &format!("{path}/validate"));
        // Who asks again may have been heard the first time.
        self.insist(validate, &[200, 409]).await;
        self.until(&path, |copy| copy.text("/status") == "READY").await;
        let lock = || {
            let lock = self.teacher.request(Method::POST, &format!("{path}/lock"));
            lock.json(&json!({}))
        };
        let token = self.insist(lock, &[200, 201]).await.text("/token");
        Desk {
            corrector: self,
            id,
            path,
            token,
        }
    }

    /// Corrects one copy after the other, by these numbers, until it is over. One it is at least.
    pub(crate) async fn correct_until(
        &self,
        over: &Cell<bool>,
        numbers: impl IntoIterator<Item = u64>,
    ) -> Vec<Copy> {
        let mut copies = Vec::new();
        for number in numbers {
            copies.push(self.correct(number).await);
            if over.get() {
                break;
            }
        }
        copies
    }

    /// So many do the same at a time, each by numbers of their own from this one on.
    pub(crate) async fn several_until(&self, over: &Cell<bool>, count: usize, first: u64) -> Vec<Copy> {
        let each = (first..).take(count);
        let each = each.map(|number| self.correct_until(over, (number..).step_by(count)));
        join_all(each).await.into_iter().flatten().collect()
    }

    async fn upload(&self, number: u64) -> String {
        let key = format!("survival-{number}");
        let name = format!("{WORDS}.pdf");
        let since = Instant::now();
        loop {
            let upload = Upload {
                exam: &self.exam,
                bytes: corpus::scan(2, number),
                filename: &name,
                key: &key,
            };
            let answer = self.teacher.try_upload(upload).await;
            match answer.ok().and_then(|answer| heard(answer, &[202])) {
                Some(answer) => return answer.text("/copy_id"),
                None => pause(since).await,
            }
        }
    }

    /// Sends until there is an answer that says more than that nobody is there: one of these.
    pub(crate) async fn insist(&self, request: impl Fn() -> RequestBuilder, wanted: &[u16]) -> Answer {
        let since = Instant::now();
        loop {
            let answer = Client::try_send(request().timeout(PATIENCE)).await;
            match answer.ok().and_then(|answer| heard(answer, wanted)) {
                Some(answer) => return answer,
                None => pause(since).await,
            }
        }
    }

    /// Waits until the copy is as it should be.
    async fn until(&self, path: &str, is_right: impl Fn(&Answer) -> bool) {
        let since = Instant::now();
        loop {
            let look = || self.teacher.request(Method::GET, path);
            if is_right(&self.insist(look, &[200]).await) {
                return;
            }
            pause(since).await;
        }
    }
}

/// The answer, unless it only says that nobody is there.
fn heard(answer: Answer, wanted: &[u16]) -> Option<Answer> {
    let nobody = [503, 504].contains(&answer.status);
    let again = answer.status == 409 && answer.text("/code") == "in_progress";
    if nobody || again {
        return None;
    }
    let body = String::from_utf8_lossy(&answer.body);
    assert!(wanted.contains(&answer.status), "{}: {body}", answer.status);
    Some(answer)
}

async fn pause(since: Instant) {
    assert!(since.elapsed() < STUBBORNNESS, "nobody has answered for too long");
    tokio::time::sleep(PAUSE).await;
}

impl Desk<'_> {
    fn held(&self, method: Method, below: &str) -> RequestBuilder {
        let path = format!("{}{below}", self.path);
        let request = self.corrector.teacher.request(method, &path);
        request.header("X-Lock-Token", &self.token)
    }

    /// Has the corrected document made.
    pub(crate) async fn finalize(&self) {
        let finalize = || {
            let key = format!("finalize-{}", self.id);
            self.held(Method::POST, "/finalize")
                .header("Idempotency-Key", key)
        };
        self.corrector.insist(finalize, &[202]).await;
    }

    /// Waits for the corrected document. What was acknowledged until then.
    pub(crate) async fn graded(self, written: Written) -> Copy {
        let (corrector, path) = (self.corrector, &self.path);
        corrector
            .until(path, |copy| copy.text("/status") == "GRADED")
            .await;
        let document = || {
            corrector
                .teacher
                .request(Method::GET, &format!("{path}/final.pdf"))
        };
        let document = corrector.insist(document, &[200]).await;
        assert!(document.body.starts_with(b"%PDF"));
        Copy {
            id: self.id,
            exam: corrector.exam.clone(),
            written,
        }
    }

    /// Two annotations stay, one of them changed, and a third is taken away again.
    pub(crate) async fn write(&self, number: u64) -> Written {
        let corrector = self.corrector;
        let mut annotations = Vec::new();
        for place in 0..3 {
            let key = format!("annotation-{place}-of-{}", self.path.replace('/', "-"));
            let words = format!("{WORDS} {place}");
            let annotate = || {
                let request = self.held(Method::POST, "/annotations");
                request.header("Idempotency-Key", &key).json(&comment(&words))
            };
            let made = corrector.insist(annotate, &[201]).await;
            annotations.push((made.text("/id"), words));
        }
        let (erased, _) = annotations.pop().unwrap();
        let erase = || {
            let request = self.held(Method::DELETE, &format!("/annotations/{erased}"));
            request.header("If-Match", "\"0\"")
        };
        corrector.insist(erase, &[204, 404]).await;
        let (amended, words) = annotations.last_mut().unwrap();
        *words = format!("{WORDS}, mieux dit");
        let amend = || {
            let request = self.held(Method::PATCH, &format!("/annotations/{amended}"));
            let request = request.header("If-Match", "\"0\"");
            request.json(&json!({"text": words}))
        };
        corrector.insist(amend, &[200, 412]).await;

        let marks = self.mark(number).await;
        let beat = || self.held(Method::POST, "/lock/heartbeat");
        corrector.insist(beat, &[200]).await;
        Written { annotations, marks }
    }

    /// Points, words about the question and about the whole, and what the window keeps for itself: of each copy others.
    async fn mark(&self, number: u64) -> Marks {
        let points = (number % 20).to_string();
        let (remark, appreciation) = (format!("{WORDS} en {number}"), format!("{WORDS} pour {number}"));
        let draft = json!({"place": number, "words": WORDS});
        for (below, body) in [
            ("/scores/1", json!({"points": points})),
            ("/remarks/1", json!({"text": remark})),
            ("/appreciation", json!({"text": appreciation})),
            (
                "/draft",
                json!({"client_id": "a-window", "version": 0, "payload": draft}),
            ),
        ] {
            let put = || self.held(Method::PUT, below).json(&body);
            self.corrector.insist(put, &[200]).await;
        }
        Marks {
            points,
            remark,
            appreciation,
            draft,
        }
    }
}

fn comment(words: &str) -> Value {
    json!({
        "page_index": 0,
        "rectangle": {"x": 0.1, "y": 0.1, "w": 0.4, "h": 0.1},
        "kind": "COMMENT",
        "text": words,
    })
}
