//! A request for each reason to refuse one that the wrong requests to every operation do not come by, with a canary in
//! whatever is wrong with it.

use contracts::Code;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::System;

use crate::driver::{Driver, json};
use crate::kinds::{DRAFT, FILE, HEADER, LABEL, LOGIN, PASSWORD, PATH, TOKEN, WINDOW};
use crate::work::{Office, annotation, broken, held, key, talkative, uploading};

impl Driver {
    pub(crate) async fn refuse(&mut self, system: &System, office: &Office) {
        self.strangers(system, office).await;
        self.files(system, office).await;
        let (copy, _) = self
            .uploaded(system, &office.teacher, &office.exam, talkative(60))
            .await;
        let path = format!("/copies/{copy}");
        self.without_lock(system, office, &path).await;
        let lock = self.locked(system, &office.teacher, &copy).await;
        self.with_lock(system, office, (&path, &lock)).await;
        self.at_the_end(system, office, (&path, &lock)).await;
    }

    async fn refused(&mut self, system: &System, code: Code, request: RequestBuilder) {
        let answer = self.send(system, request).await;
        answer.expect_problem(code.http(), code.as_str());
    }

    /// What has nothing to do with a copy.
    async fn strangers(&mut self, system: &System, office: &Office) {
        let exams = office.admin.request(Method::GET, "/exams");
        let accept = format!("text/{}", HEADER.replace('é', "e"));
        self.refused(system, Code::NotAcceptable, exams.header("Accept", accept))
            .await;
        let body = json!({"login": LOGIN, "password": PASSWORD});
        let login = json(&system.client(), Method::POST, "/session", &body);
        let login = login.header("Sec-Fetch-Site", "cross-site");
        self.refused(system, Code::Csrf, login).await;
    }

    async fn files(&mut self, system: &System, office: &Office) {
        let uploads = format!("/exams/{}/copies", office.exam);
        let text = format!("{FILE} is no document").into_bytes();
        let again = [broken(), b"\n%% again\n".to_vec()].concat();
        for (code, file) in [
            (Code::EmptyFile, Vec::new()),
            (Code::NotAPdf, text),
            (Code::DuplicateSource, talkative(2)),
        ] {
            let upload = uploading(&office.teacher, &uploads, file);
            self.refused(system, code, upload).await;
        }
        let (copy, _) = self.uploaded(system, &office.teacher, &office.exam, again).await;
        let validate = office
            .teacher
            .request(Method::POST, &format!("/copies/{copy}/validate"));
        self.refused(system, Code::NoPages, validate).await;
    }

    /// A copy that nobody has.
    async fn without_lock(&mut self, system: &System, office: &Office, path: &str) {
        let (teacher, admin) = (&office.teacher, &office.admin);
        let validate = teacher.request(Method::POST, &format!("{path}/validate"));
        self.send(system, validate).await.expect(200);
        let score = format!("{path}/scores/1");
        let score = || json(teacher, Method::PUT, &score, &json!({"points": "1"}));
        self.refused(system, Code::LockRequired, score()).await;
        self.refused(system, Code::Expired, score().header("X-Lock-Token", TOKEN))
            .await;
        let document = teacher.request(Method::GET, &format!("{path}/final.pdf"));
        self.refused(system, Code::NotGraded, document).await;
        let retry = admin.request(Method::POST, &format!("{path}/retry-import"));
        self.refused(system, Code::WrongState, retry).await;
        let identity = json!({"student_id": office.student, "method": "MANUAL"});
        let first = format!("/copies/{}/identity", office.copy);
        self.send(system, json(admin, Method::POST, &first, &identity))
            .await
            .expect(200);
        let second = json(admin, Method::POST, &format!("{path}/identity"), &identity);
        self.refused(system, Code::StudentHasCopy, second).await;
    }

    /// A copy that the teacher has.
    async fn with_lock(&mut self, system: &System, office: &Office, (path, lock): (&str, &str)) {
        let teacher = &office.teacher;
        let beat = held(teacher, Method::POST, &format!("{path}/lock/heartbeat"), TOKEN);
        self.refused(system, Code::TokenMismatch, beat).await;
        let take = json(&office.admin, Method::POST, &format!("{path}/lock"), &json!({}));
        self.refused(system, Code::AlreadyLocked, take).await;
        let score = format!("{path}/scores/{PATH}");
        let score = held(teacher, Method::PUT, &score, lock).json(&json!({"points": "1"}));
        self.refused(system, Code::UnknownQuestion, score).await;
        for client in [WINDOW.to_owned(), format!("{WINDOW} II")] {
            let draft = json!({"client_id": client, "version": 0, "payload": DRAFT});
            let draft = held(teacher, Method::PUT, &format!("{path}/draft"), lock).json(&draft);
            if client == WINDOW {
                self.send(system, draft).await.expect(200);
            } else {
                self.refused(system, Code::NewerDraft, draft).await;
            }
        }
        self.annotations(system, office, (path, lock)).await;
    }

    async fn annotations(&mut self, system: &System, office: &Office, (path, lock): (&str, &str)) {
        let path = format!("{path}/annotations");
        let annotate = |body: &Value| held(&office.teacher, Method::POST, &path, lock).json(body);
        self.refused(system, Code::MissingIdempotencyKey, annotate(&annotation()))
            .await;
        let beyond = with("page_index", json!(99));
        let beyond = annotate(&beyond).header("Idempotency-Key", key());
        self.refused(system, Code::PageOutOfRange, beyond).await;
        let twice = key();
        let generous = annotate(&with("score_delta", json!("99"))).header("Idempotency-Key", &twice);
        let made = self.send(system, generous).await.expect(201).text("/id");
        let other = annotate(&with("score_delta", json!("98"))).header("Idempotency-Key", &twice);
        self.refused(system, Code::IdempotencyMismatch, other).await;
        let finalize = path.replace("annotations", "finalize");
        let finalize = held(&office.teacher, Method::POST, &finalize, lock).header("Idempotency-Key", key());
        self.refused(system, Code::ScoreOutOfRange, finalize).await;
        let erase = || held(&office.teacher, Method::DELETE, &format!("{path}/{made}"), lock);
        self.refused(system, Code::VersionRequired, erase()).await;
        self.refused(system, Code::StaleVersion, erase().header("If-Match", "\"99\""))
            .await;
        self.send(system, erase().header("If-Match", "\"0\""))
            .await
            .expect(204);
    }

    /// A copy with a score and a document.
    async fn at_the_end(&mut self, system: &System, office: &Office, (path, lock): (&str, &str)) {
        let (teacher, admin) = (&office.teacher, &office.admin);
        let score = held(teacher, Method::PUT, &format!("{path}/scores/1"), lock);
        self.send(system, score.json(&json!({"points": "12"})))
            .await
            .expect(200);
        let exam = format!("/exams/{}", office.exam);
        let seen = self.send(system, admin.request(Method::GET, &exam)).await;
        let scheme = json!({"questions": [{"id": "2", "label": LABEL, "max_points": "20"}]});
        let scheme = json(admin, Method::PUT, &format!("{exam}/marking-scheme"), &scheme);
        let scheme = scheme.header("If-Match", seen.expect(200).header("etag"));
        self.refused(system, Code::SchemeInUse, scheme).await;

        let finalize = format!("{path}/finalize");
        let finalize =
            |key: &str| held(teacher, Method::POST, &finalize, lock).header("Idempotency-Key", key);
        let once = key();
        let job = self
            .send(system, finalize(&once))
            .await
            .expect(202)
            .text("/job/id");
        self.ended(system, teacher, &job).await;
        // The first one has not ended, as far as anybody can see; what it answered cannot be read.
        for (answer, code) in [("NULL", Code::InProgress), ("'\\xff'", Code::Internal)] {
            system.database.run(&format!(
                "UPDATE grading.idempotency_keys SET answer = {answer} WHERE (operation, created_at) IN
                 (SELECT operation, max(created_at) FROM grading.idempotency_keys
                  WHERE operation = 'finalize_copy' GROUP BY operation)"
            ));
            self.refused(system, code, finalize(&once)).await;
        }
        self.refused(system, Code::AlreadyGraded, finalize(&key())).await;
        let document = teacher.request(Method::GET, &format!("{path}/final.pdf"));
        let document = document.header("Range", "bytes=999999999-");
        self.refused(system, Code::RangeNotSatisfiable, document).await;
    }
}

/// An annotation with a field that is not as usual.
fn with(field: &str, value: Value) -> Value {
    let mut annotation = annotation();
    annotation[field] = value;
    annotation
}
