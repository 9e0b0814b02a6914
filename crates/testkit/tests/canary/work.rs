//! The work of a school, with a canary in everything that people type, name or upload.

use domain::Role;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::{Client, System, corpus};

use crate::driver::{Driver, json};
use crate::kinds::{
    ANNOTATION, APPRECIATION, AUTHOR, BROKEN, CLASS, DRAFT, EMAIL, FILE, KEY, LABEL, LOGIN, NAME, PAGE,
    PASSWORD, PHONE, PUPIL, REMARK, TITLE, TOKEN, WINDOW,
};

/// What the work leaves to ask about.
pub(crate) struct Office {
    pub(crate) admin: Client,
    /// Somebody with a name, an address and a password to look for.
    pub(crate) teacher: Client,
    pub(crate) person: String,
    pub(crate) exam: String,
    pub(crate) batch: String,
    /// A copy that the teacher has a lock of.
    pub(crate) copy: String,
    pub(crate) lock: String,
    pub(crate) annotation: String,
    pub(crate) job: String,
    pub(crate) student: String,
}

/// A document that says who wrote it, in its page and beside it, in one encoding or another.
pub(crate) fn talkative(number: u32) -> Vec<u8> {
    let strings = corpus::Strings::ALL[usize::try_from(number).unwrap() % corpus::Strings::ALL.len()];
    let mut document = corpus::saying(&corpus::Said {
        title: TITLE,
        author: AUTHOR,
        page: PAGE,
        strings,
    });
    // Another file each time.
    document.extend(format!("\n%% {number}\n").into_bytes());
    document
}

/// Bytes that begin like a document and are none.
pub(crate) fn broken() -> Vec<u8> {
    format!("%PDF-1.7\n1 0 obj << /Title ({BROKEN}) >> endobj {BROKEN}").into_bytes()
}

impl Driver {
    /// Everything that the API offers, once, as it is meant to be used.
    pub(crate) async fn work(&mut self, system: &System) -> Office {
        let admin = system.admin().await;
        let (teacher, person) = self.people(system, &admin).await;
        let exam = self.exam(system, &admin, &person).await;
        let batch = self.batches(system, &admin, &teacher, &exam).await;
        self.imports(system, &admin, &teacher, &exam).await;
        let (graded, job) = self.uploaded(system, &teacher, &exam, talkative(1)).await;
        self.graded(system, &admin, &teacher, &graded).await;
        self.dispatched(system, &admin, (&exam, &graded, &person)).await;
        let (copy, _) = self.uploaded(system, &teacher, &exam, talkative(2)).await;
        let (lock, annotation) = self.corrected(system, &teacher, &copy).await;
        let student = self.pupils(system, &admin, &exam, &copy).await;
        self.merged(system, (&admin, &teacher), &exam).await;
        self.read(system, &admin, &exam, &copy, &job).await;
        self.named(system, &teacher, &exam).await;
        Office {
            admin,
            teacher,
            person,
            exam,
            batch,
            copy,
            lock,
            annotation,
            job,
            student,
        }
    }

    async fn people(&mut self, system: &System, admin: &Client) -> (Client, String) {
        let new = json!({"login": EMAIL, "display_name": NAME, "role": "TEACHER"});
        let made = self
            .send(system, json(admin, Method::POST, "/users", &new))
            .await
            .expect(201);
        let invitation = self.secret("invitation", made.text("/invitation/token"));
        let person = made.text("/user/id");
        let again = json(admin, Method::POST, "/users", &new);
        self.send(system, again).await.expect(422);
        for token in [TOKEN, &invitation] {
            let body = json!({"token": token, "password": PASSWORD});
            let request = json(&system.client(), Method::POST, "/session/invitation", &body);
            self.send(system, request).await;
        }
        let user = format!("/users/{person}");
        let name = json!({"display_name": format!("{NAME} Marie")});
        self.send(system, json(admin, Method::PATCH, &user, &name))
            .await
            .expect(200);
        let again = admin.request(Method::POST, &format!("{user}/invitation"));
        let again = self.send(system, again).await.expect(201);
        self.secret("invitation", again.text("/token"));
        for path in ["/users", &user] {
            self.send(system, admin.request(Method::GET, path))
                .await
                .expect(200);
        }
        for login in [LOGIN, EMAIL] {
            let body = json!({"login": login, "password": format!("{PASSWORD}, wrong")});
            let wrong = json(&system.client(), Method::POST, "/session", &body);
            self.send(system, wrong).await.expect(401);
        }
        (self.logged_in(system).await, person)
    }

    async fn logged_in(&mut self, system: &System) -> Client {
        let body = json!({"login": EMAIL, "password": PASSWORD});
        let opened = json(&system.client(), Method::POST, "/session", &body);
        let opened = self.send(system, opened).await.expect(201);
        let token = self.secret("session", opened.text("/token"));
        system.client().holding(&token)
    }

    /// An exam with an identity zone, whose questions are called something.
    async fn exam(&mut self, system: &System, admin: &Client, person: &str) -> String {
        let new = json!({
            "name": CLASS,
            "date": "2026-06-15",
            "correctors": [person],
            "pages_per_copy": 1,
            "identity_zone": {"pages": "first", "x": 0, "y": 0, "w": 1, "h": 0.2},
        });
        let made = self
            .send(system, json(admin, Method::POST, "/exams", &new))
            .await
            .expect(201);
        let exam = format!("/exams/{}", made.text("/id"));
        let scheme = json!({"questions": [{"id": "1", "label": LABEL, "max_points": "20"}]});
        let scheme = json(admin, Method::PUT, &format!("{exam}/marking-scheme"), &scheme);
        let changed = self
            .send(system, scheme.header("If-Match", "\"0\""))
            .await
            .expect(200);
        let change = json(
            admin,
            Method::PATCH,
            &exam,
            &json!({"name": format!("{CLASS}, blanc")}),
        );
        let change = change.header("If-Match", changed.header("etag"));
        self.send(system, change).await.expect(200);
        made.text("/id")
    }

    async fn batches(&mut self, system: &System, admin: &Client, teacher: &Client, exam: &str) -> String {
        let upload = uploading(teacher, &format!("/exams/{exam}/batches"), talkative(3));
        let accepted = self.send(system, upload).await.expect(202);
        self.ended(system, teacher, &accepted.text("/job/id")).await;
        let batch = accepted.text("/batch_id");
        for path in [format!("/exams/{exam}/batches"), format!("/batches/{batch}")] {
            self.send(system, teacher.request(Method::GET, &path))
                .await
                .expect(200);
        }
        system.settle().await;
        let discard = json(
            admin,
            Method::POST,
            &format!("/batches/{batch}/discard"),
            &json!({"reason": "other"}),
        );
        self.send(system, discard).await.expect(200);
        let upload = uploading(teacher, &format!("/exams/{exam}/batches"), broken());
        let accepted = self.send(system, upload).await.expect(202);
        self.ended(system, teacher, &accepted.text("/job/id")).await;
        batch
    }

    /// Imports that fail: retried, and put aside.
    async fn imports(&mut self, system: &System, admin: &Client, teacher: &Client, exam: &str) {
        let (copy, _) = self.uploaded(system, teacher, exam, broken()).await;
        let retry = admin.request(Method::POST, &format!("/copies/{copy}/retry-import"));
        let retried = self.send(system, retry).await.expect(202);
        self.ended(system, admin, &retried.text("/job/id")).await;
        let discard = json(
            admin,
            Method::POST,
            &format!("/copies/{copy}/discard"),
            &json!({"reason": "bad_scan"}),
        );
        self.send(system, discard).await.expect(200);
        self.unfit(system, teacher, exam).await;
        let all = admin.request(Method::POST, &format!("/exams/{exam}/validate-all"));
        self.send(system, all).await.expect(200);
    }

    /// A copy whose import has ended, and its job.
    pub(crate) async fn uploaded(
        &mut self,
        system: &System,
        teacher: &Client,
        exam: &str,
        document: Vec<u8>,
    ) -> (String, String) {
        let upload = uploading(teacher, &format!("/exams/{exam}/copies"), document);
        let accepted = self.send(system, upload).await.expect(202);
        let job = accepted.text("/job/id");
        self.ended(system, teacher, &job).await;
        (accepted.text("/copy_id"), job)
    }

    /// Watches a job to its end, and the processes that work on it.
    pub(crate) async fn ended(&mut self, system: &System, owner: &Client, job: &str) {
        loop {
            let found = self
                .send(system, owner.request(Method::GET, &format!("/jobs/{job}")))
                .await;
            if ["SUCCEEDED", "FAILED"].contains(&found.expect(200).text("/state").as_str()) {
                return;
            }
        }
    }

    /// The one copy that is READY is dispatched, taken back, given by hand and taken back: the teacher goes on with all.
    async fn dispatched(
        &mut self,
        system: &System,
        admin: &Client,
        (exam, copy, person): (&str, &str, &str),
    ) {
        let dispatch = admin.request(Method::POST, &format!("/exams/{exam}/dispatch"));
        self.send(system, dispatch).await.expect(200);
        for user in [json!(null), json!(person), json!(null)] {
            let choice = json!({"user_id": user});
            let choose = json(admin, Method::PUT, &format!("/copies/{copy}/corrector"), &choice);
            self.send(system, choose).await.expect(200);
        }
        for below in ["progress", "statistics"] {
            let request = admin.request(Method::GET, &format!("/exams/{exam}/{below}"));
            self.send(system, request).await.expect(200);
        }
    }

    /// A copy on its whole way, and back.
    async fn graded(&mut self, system: &System, admin: &Client, teacher: &Client, copy: &str) {
        let (lock, _) = self.corrected(system, teacher, copy).await;
        let path = format!("/copies/{copy}");
        let finalize = held(teacher, Method::POST, &format!("{path}/finalize"), &lock);
        let finalized = self
            .send(system, finalize.header("Idempotency-Key", key()))
            .await
            .expect(202);
        self.ended(system, teacher, &finalized.text("/job/id")).await;
        for below in ["/final.pdf", "/final.pdf?download=1", "/events"] {
            let request = teacher.request(Method::GET, &format!("{path}{below}"));
            self.send(system, request).await.expect(200);
        }
        self.released(system, admin, copy).await;
        let reopen = json(
            admin,
            Method::POST,
            &format!("{path}/reopen"),
            &json!({"reason": "appeal"}),
        );
        self.send(system, reopen).await.expect(200);
        let taken = self.locked(system, teacher, copy).await;
        let force = json(
            admin,
            Method::POST,
            &format!("{path}/lock/force-release"),
            &json!({"reason": "other"}),
        );
        self.send(system, force).await.expect(200);
        let again = self.locked(system, teacher, copy).await;
        assert_ne!(taken, again);
        let release = held(teacher, Method::DELETE, &format!("{path}/lock"), &again);
        self.send(system, release).await.expect(204);
    }

    /// The results of the exam of a graded copy: released, read by who wrote it and by who counts, withdrawn.
    async fn released(&mut self, system: &System, admin: &Client, copy: &str) {
        let found = admin.request(Method::GET, &format!("/copies/{copy}"));
        let exam = self.send(system, found).await.expect(200).text("/exam_id");
        let exam = format!("/exams/{exam}");
        let change = json!({
            "reason_code": "marking_error", "reason": format!("{REMARK}, {PUPIL}"), "delta": "0.5",
        });
        let change = json(admin, Method::POST, &format!("{exam}/change-sets"), &change);
        let changed = self
            .send(system, change.header("Idempotency-Key", key()))
            .await
            .expect(201);
        self.ended(system, admin, &changed.text("/changed/0/job_id"))
            .await;
        let listed = admin.request(Method::GET, &format!("{exam}/change-sets"));
        self.send(system, listed).await.expect(200);
        let pupil = author(system, copy).await;
        let release = admin.request(Method::POST, &format!("{exam}/release"));
        let release = release.header("Idempotency-Key", key());
        self.send(system, release).await.expect(201);
        for below in ["releases", "releases/1", "results.csv", "pronote.csv"] {
            let request = admin.request(Method::GET, &format!("{exam}/{below}"));
            self.send(system, request).await.expect(200);
        }
        let order = admin.request(Method::POST, &format!("{exam}/archive"));
        let ordered = self.send(system, order.header("Idempotency-Key", key())).await;
        let job = ordered.expect(202).text("/job/id");
        self.ended(system, admin, &job).await;
        for below in ["archive", "archive.zip"] {
            let request = admin.request(Method::GET, &format!("{exam}/{below}"));
            self.send(system, request).await.expect(200);
        }
        for path in [
            "/me/copies".to_owned(),
            format!("/me/copies/{copy}"),
            format!("/copies/{copy}/final.pdf"),
        ] {
            self.send(system, pupil.request(Method::GET, &path))
                .await
                .expect(200);
        }
        let withdraw = admin.request(Method::DELETE, &format!("{exam}/release"));
        self.send(system, withdraw).await.expect(204);
    }

    pub(crate) async fn locked(&mut self, system: &System, teacher: &Client, copy: &str) -> String {
        let take = json(teacher, Method::POST, &format!("/copies/{copy}/lock"), &json!({}));
        let taken = self.send(system, take).await.expect(201);
        self.secret("lock", taken.text("/token"))
    }

    /// Takes a copy and says all that can be said about it. The lock and an annotation that is left.
    async fn corrected(&mut self, system: &System, teacher: &Client, copy: &str) -> (String, String) {
        let path = format!("/copies/{copy}");
        let validate = teacher.request(Method::POST, &format!("{path}/validate"));
        self.send(system, validate).await.expect(200);
        let lock = self.locked(system, teacher, copy).await;
        let mut made = Vec::new();
        for _ in 0..2 {
            let annotate = held(teacher, Method::POST, &format!("{path}/annotations"), &lock);
            let annotate = annotate.header("Idempotency-Key", key()).json(&annotation());
            made.push(self.send(system, annotate).await.expect(201).text("/id"));
        }
        let [first, second] = made.try_into().unwrap();
        let amend = held(
            teacher,
            Method::PATCH,
            &format!("{path}/annotations/{first}"),
            &lock,
        );
        let amend = amend
            .header("If-Match", "\"0\"")
            .json(&json!({"text": format!("{ANNOTATION}, relu")}));
        self.send(system, amend).await.expect(200);
        let erase = held(
            teacher,
            Method::DELETE,
            &format!("{path}/annotations/{second}"),
            &lock,
        );
        self.send(system, erase.header("If-Match", "\"0\""))
            .await
            .expect(204);
        for (below, body) in [
            ("scores/1", json!({"points": "12.5"})),
            ("remarks/1", json!({"text": format!("{REMARK}, {PHONE}")})),
            ("appreciation", json!({"text": APPRECIATION})),
            (
                "draft",
                json!({"client_id": WINDOW, "version": 0, "payload": {"words": DRAFT}}),
            ),
        ] {
            let put = held(teacher, Method::PUT, &format!("{path}/{below}"), &lock).json(&body);
            self.send(system, put).await.expect(200);
        }
        let beat = held(teacher, Method::POST, &format!("{path}/lock/heartbeat"), &lock);
        self.send(system, beat).await.expect(200);
        (lock, first)
    }

    /// Everything that is only read.
    async fn read(&mut self, system: &System, admin: &Client, exam: &str, copy: &str, job: &str) {
        let anybody = system.client();
        for (client, path) in [
            (admin, "/session".to_owned()),
            (admin, "/exams".to_owned()),
            (admin, format!("/exams/{exam}")),
            (admin, format!("/copies?exam_id={exam}")),
            (admin, format!("/copies/{copy}")),
            (admin, format!("/copies/{copy}/pages/0?size=thumb")),
            (admin, format!("/copies/{copy}/annotations")),
            (admin, format!("/copies/{copy}/scores")),
            (admin, format!("/copies/{copy}/lock")),
            (admin, format!("/copies/{copy}/draft")),
            (admin, format!("/jobs/{job}")),
            (admin, format!("/jobs/{job}/events")),
            (&anybody, "/problems/not_found".to_owned()),
            (&anybody, "/openapi.json".to_owned()),
        ] {
            let answer = self.send(system, client.request(Method::GET, &path)).await;
            assert!(answer.status < 300, "{path}");
        }
        for path in ["/api/health", "/metrics"] {
            self.send(system, admin.request_at(Method::GET, path))
                .await
                .expect(200);
        }
    }

    /// What ends: the draft, the password, the session.
    pub(crate) async fn leave(&mut self, system: &System, office: &Office) {
        let draft = office
            .teacher
            .request(Method::DELETE, &format!("/copies/{}/draft", office.copy));
        self.send(system, draft).await.expect(204);
        let teacher = self.logged_in(system).await;
        let body = json!({"current": PASSWORD, "new": format!("{PASSWORD}, another")});
        let change = json(&teacher, Method::POST, "/session/password", &body);
        self.send(system, change).await.expect(204);
        let body = json!({"login": LOGIN, "password": PASSWORD});
        let mut status = 401;
        while status == 401 {
            let guess = json(&system.client(), Method::POST, "/session", &body);
            status = self.send(system, guess).await.status;
        }
        assert_eq!(status, 429);
        let user = format!("/users/{}", office.person);
        let disable = json(&office.admin, Method::PATCH, &user, &json!({"disabled": true}));
        self.send(system, disable).await.expect(200);
        let end = office.admin.request(Method::DELETE, "/session");
        self.send(system, end).await.expect(204);
    }
}

/// A pupil with a name to look for and with access, who wrote the copy.
async fn author(system: &System, copy: &str) -> Client {
    let pupil = system.newcomers(Role::Student, 1).await.remove(0);
    system.database.wrote(&pupil.id, copy);
    let named = format!(
        "UPDATE grading.students SET surname = '{PUPIL}' WHERE user_id = '{}'",
        pupil.id
    );
    system.database.run(&named);
    pupil.client
}

/// A request of who has the lock.
pub(crate) fn held(client: &Client, method: Method, path: &str, lock: &str) -> RequestBuilder {
    client.request(method, path).header("X-Lock-Token", lock)
}

pub(crate) fn annotation() -> Value {
    json!({
        "page_index": 0,
        "rectangle": {"x": 0.1, "y": 0.1, "w": 0.4, "h": 0.1},
        "kind": "COMMENT",
        "text": ANNOTATION,
    })
}

pub(crate) fn uploading(client: &Client, path: &str, document: Vec<u8>) -> RequestBuilder {
    let part = Part::bytes(document).file_name(FILE);
    client
        .request(Method::POST, path)
        .header("Idempotency-Key", key())
        .multipart(Form::new().part("file", part))
}

/// A name of a request that nobody else has, with a pupil's in it.
pub(crate) fn key() -> String {
    format!("{KEY}-{}", domain::Ids::time_ordered().next::<domain::JobId>())
}
