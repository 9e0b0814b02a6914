//! Every route of the OpenAPI document, asked by everybody: who is let through, and who learns what.

use std::collections::BTreeSet;

use domain::Role;
use reqwest::RequestBuilder;
use reqwest::multipart::{Form, Part};
use serde_json::json;
use testkit::{Answer, Client, System, Upload, api, corpus};

use crate::desk::{Desk, Pen, change_exam, comment, items, text};

/// What an answer says about the caller's rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Let through, whatever came of it then.
    Open,
    /// Who are you?
    Login,
    /// It is there, and not for you.
    Forbidden,
    /// There is no such thing.
    Hidden,
}

use Class::{Forbidden, Hidden, Login, Open};

/// Who asks, in the order of the table.
const CALLERS: [&str; 6] = [
    "anonymous",
    "admin",
    "teacher of the exam",
    "other teacher",
    "author of the copy",
    "other student",
];

type Expected = [Class; 6];

const PUBLIC: Expected = [Open; 6];
const WITH_SESSION: Expected = [Login, Open, Open, Open, Open, Open];
const ADMIN: Expected = [Login, Open, Forbidden, Forbidden, Forbidden, Forbidden];
const ADMIN_OF_EXAM: Expected = [Login, Open, Forbidden, Hidden, Hidden, Hidden];
const CORRECTOR: Expected = [Login, Open, Open, Hidden, Hidden, Hidden];
const DOCUMENT: Expected = [Login, Open, Open, Hidden, Open, Hidden];
const AUTHOR: Expected = [Login, Hidden, Forbidden, Hidden, Open, Hidden];
const BY_SECRET: Expected = [Hidden; 6];

const REASON: &str = r#"{"reason": "other"}"#;
const ANNOTATION: &str =
    r#"{"page_index": 0, "rectangle": {"x": 0.1, "y": 0.1, "w": 0.1, "h": 0.1}, "kind": "HIGHLIGHT"}"#;
const DRAFT: &str = r#"{"client_id": "window", "version": 0, "payload": {}}"#;
const SCHEME: &str = r#"{"questions": [{"id": "1", "label": "Une question", "max_points": "20"}]}"#;
const FILE: &str = "a file";
const ROSTER: &str = "Nom;Prénom\nEXEMPLE;Alix\n";
const IDENTITY: &str = r#"{"student_id": "0197c000-0000-7000-8000-0000000000dd", "method": "MANUAL"}"#;
const OTHER_COPY: &str = r#"{"other_id": "0197c000-0000-7000-8000-0000000000dd"}"#;

/// Each route, a body that is well-formed, and who is let through. What ends a session comes last.
const TABLE: &[(&str, &str, Expected)] = &[
    (
        "POST /api/v1/session",
        r#"{"login": "nobody@school.example", "password": "no password"}"#,
        PUBLIC,
    ),
    ("GET /api/v1/session", "", WITH_SESSION),
    (
        "POST /api/v1/session/password",
        r#"{"current": "no password", "new": "a long enough password"}"#,
        WITH_SESSION,
    ),
    (
        "POST /api/v1/session/invitation",
        r#"{"token": "none", "password": "a long enough password"}"#,
        BY_SECRET,
    ),
    ("GET /api/v1/users", "", ADMIN),
    (
        "POST /api/v1/users",
        r#"{"login": "new@school.example", "display_name": "Alex", "role": "TEACHER"}"#,
        ADMIN,
    ),
    ("GET /api/v1/users/{id}", "", ADMIN),
    (
        "PATCH /api/v1/users/{id}",
        r#"{"display_name": "Claude Exemple"}"#,
        ADMIN,
    ),
    ("POST /api/v1/users/{id}/invitation", "", ADMIN),
    ("GET /api/v1/students", "", ADMIN),
    ("POST /api/v1/students/import", ROSTER, ADMIN),
    ("GET /api/v1/students/{id}", "", ADMIN),
    ("PATCH /api/v1/students/{id}", r#"{"class": "1re B"}"#, ADMIN),
    ("POST /api/v1/students/{id}/invite", "{}", ADMIN),
    ("GET /api/v1/exams", "", WITH_SESSION),
    (
        "POST /api/v1/exams",
        r#"{"name": "Histoire", "date": "2026-06-17"}"#,
        ADMIN,
    ),
    ("GET /api/v1/exams/{id}", "", CORRECTOR),
    (
        "PATCH /api/v1/exams/{id}",
        r#"{"name": "Histoire"}"#,
        ADMIN_OF_EXAM,
    ),
    ("PUT /api/v1/exams/{id}/marking-scheme", SCHEME, ADMIN_OF_EXAM),
    ("POST /api/v1/exams/{id}/copies", FILE, CORRECTOR),
    ("POST /api/v1/exams/{id}/validate-all", "", ADMIN_OF_EXAM),
    ("POST /api/v1/exams/{id}/dispatch", "", ADMIN_OF_EXAM),
    ("GET /api/v1/exams/{id}/progress", "", CORRECTOR),
    ("GET /api/v1/exams/{id}/statistics", "", CORRECTOR),
    ("GET /api/v1/exams/{id}/identification", "", ADMIN_OF_EXAM),
    (
        "POST /api/v1/exams/{id}/identification/suggestions",
        "",
        ADMIN_OF_EXAM,
    ),
    ("POST /api/v1/exams/{id}/batches", FILE, CORRECTOR),
    ("GET /api/v1/exams/{id}/batches", "", CORRECTOR),
    ("GET /api/v1/batches/{id}", "", CORRECTOR),
    ("POST /api/v1/batches/{id}/discard", REASON, ADMIN_OF_EXAM),
    ("POST /api/v1/exams/{id}/release", "", ADMIN_OF_EXAM),
    ("GET /api/v1/exams/{id}/change-sets", "", CORRECTOR),
    (
        "POST /api/v1/exams/{id}/change-sets",
        r#"{"reason_code": "other", "delta": "1"}"#,
        ADMIN_OF_EXAM,
    ),
    ("GET /api/v1/exams/{id}/releases", "", ADMIN_OF_EXAM),
    ("GET /api/v1/exams/{id}/releases/{number}", "", ADMIN_OF_EXAM),
    ("GET /api/v1/exams/{id}/results.csv", "", ADMIN_OF_EXAM),
    ("GET /api/v1/exams/{id}/pronote.csv", "", ADMIN_OF_EXAM),
    ("POST /api/v1/exams/{id}/archive", "", ADMIN_OF_EXAM),
    ("GET /api/v1/exams/{id}/archive", "", ADMIN_OF_EXAM),
    ("GET /api/v1/exams/{id}/archive.zip", "", ADMIN_OF_EXAM),
    ("GET /api/v1/me/copies", "", WITH_SESSION),
    ("GET /api/v1/me/copies/{id}", "", AUTHOR),
    ("GET /api/v1/copies", "", WITH_SESSION),
    ("GET /api/v1/copies/{id}", "", CORRECTOR),
    ("GET /api/v1/copies/{id}/pages/{index}", "", CORRECTOR),
    ("GET /api/v1/copies/{id}/identity-image", "", ADMIN_OF_EXAM),
    ("POST /api/v1/copies/{id}/identity", IDENTITY, ADMIN_OF_EXAM),
    ("DELETE /api/v1/copies/{id}/identity", "", ADMIN_OF_EXAM),
    ("POST /api/v1/copies/{id}/merge", OTHER_COPY, ADMIN_OF_EXAM),
    (
        "PUT /api/v1/copies/{id}/booklets",
        r#"{"booklets": []}"#,
        ADMIN_OF_EXAM,
    ),
    ("POST /api/v1/copies/{id}/identity/suggestions", "", ADMIN_OF_EXAM),
    ("GET /api/v1/copies/{id}/identity/suggestions", "", ADMIN_OF_EXAM),
    ("GET /api/v1/copies/{id}/events", "", CORRECTOR),
    ("GET /api/v1/copies/{id}/final.pdf", "", DOCUMENT),
    ("POST /api/v1/copies/{id}/validate", "", CORRECTOR),
    ("POST /api/v1/copies/{id}/retry-import", "", ADMIN_OF_EXAM),
    ("POST /api/v1/copies/{id}/discard", REASON, ADMIN_OF_EXAM),
    (
        "PUT /api/v1/copies/{id}/corrector",
        r#"{"user_id": null}"#,
        ADMIN_OF_EXAM,
    ),
    ("POST /api/v1/copies/{id}/reopen", REASON, ADMIN_OF_EXAM),
    ("GET /api/v1/copies/{id}/lock", "", CORRECTOR),
    ("POST /api/v1/copies/{id}/lock", "{}", CORRECTOR),
    ("DELETE /api/v1/copies/{id}/lock", "", CORRECTOR),
    ("POST /api/v1/copies/{id}/lock/heartbeat", "", CORRECTOR),
    (
        "POST /api/v1/copies/{id}/lock/force-release",
        REASON,
        ADMIN_OF_EXAM,
    ),
    ("GET /api/v1/copies/{id}/annotations", "", CORRECTOR),
    ("POST /api/v1/copies/{id}/annotations", ANNOTATION, CORRECTOR),
    (
        "PATCH /api/v1/copies/{id}/annotations/{annotation_id}",
        r#"{"kind": "ERROR"}"#,
        CORRECTOR,
    ),
    (
        "DELETE /api/v1/copies/{id}/annotations/{annotation_id}",
        "",
        CORRECTOR,
    ),
    ("GET /api/v1/copies/{id}/scores", "", CORRECTOR),
    (
        "PUT /api/v1/copies/{id}/scores/{question_id}",
        r#"{"points": "1"}"#,
        CORRECTOR,
    ),
    (
        "PUT /api/v1/copies/{id}/remarks/{question_id}",
        r#"{"text": "Relisez."}"#,
        CORRECTOR,
    ),
    (
        "PUT /api/v1/copies/{id}/appreciation",
        r#"{"text": "Bien."}"#,
        CORRECTOR,
    ),
    ("GET /api/v1/copies/{id}/draft", "", CORRECTOR),
    ("PUT /api/v1/copies/{id}/draft", DRAFT, CORRECTOR),
    ("DELETE /api/v1/copies/{id}/draft", "", CORRECTOR),
    ("POST /api/v1/copies/{id}/finalize", "", CORRECTOR),
    ("GET /api/v1/jobs/{id}", "", CORRECTOR),
    ("GET /api/v1/jobs/{id}/events", "", CORRECTOR),
    // Its own has ended; whoever may see it may call it off.
    ("POST /api/v1/jobs/{id}/cancel", "", CORRECTOR),
    ("GET /api/v1/audit/events", "", ADMIN),
    ("GET /api/v1/audit/checkpoints", "", ADMIN),
    ("GET /api/v1/audit/export", "", ADMIN),
    ("GET /api/health", "", PUBLIC),
    ("GET /metrics", "", ADMIN),
    ("GET /api/v1/openapi.json", "", PUBLIC),
    ("GET /api/v1/problems/{code}", "", PUBLIC),
    // What ends something comes last.
    ("DELETE /api/v1/students/{id}", "", ADMIN),
    // What the author sees ends with it.
    ("DELETE /api/v1/exams/{id}/release", "", ADMIN_OF_EXAM),
    ("DELETE /api/v1/session", "", WITH_SESSION),
];

#[tokio::test]
async fn every_route_lets_through_whom_the_table_says_and_no_route_is_missing_from_it() {
    let system = System::start().await;
    let document = system.client().get("/openapi.json").await.expect(200).json();
    let expected: BTreeSet<_> = TABLE.iter().map(|(route, ..)| (*route).to_owned()).collect();
    let documented = api::operations(&document).into_iter();
    let documented = documented.map(|(method, path)| format!("{method} {path}"));
    assert_eq!(
        shapes(documented.collect()),
        shapes(expected),
        "the document and the table name other routes"
    );

    let things = Things::of(&system).await;
    let callers = things.callers(&system).await;
    let mut wrong = Vec::new();
    for (route, body, expected) in TABLE {
        for ((name, caller), expected) in CALLERS.iter().zip(&callers).zip(expected) {
            let answer = Client::send(things.request(caller, route, body)).await;
            let found = class(&answer);
            if found != Some(*expected) {
                let (status, code) = (answer.status, answer.text("/code"));
                wrong.push(format!("{route} by {name}: {status} {code}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Whoever was let through may have started something.
    system.settle().await;
}

#[tokio::test]
async fn a_copy_that_is_another_correctors_is_not_there_on_any_route() {
    let system = System::start().await;
    let things = Things::of(&system).await;
    let of_the_copy = TABLE
        .iter()
        .filter(|(route, ..)| route.contains(" /api/v1/copies/{id}") || route.contains(" /api/v1/jobs/{id}"));
    let (mut asked, mut wrong) = (0, Vec::new());
    for (route, body, expected) in of_the_copy {
        let by = |client: &Client| Client::send(things.request(client, route, body));
        let (teacher, colleague) = (system.teacher().await, &things.colleague);
        let found = (class(&by(&teacher).await), class(&by(colleague).await));
        if found != (Some(expected[2]), Some(Hidden)) {
            wrong.push(format!("{route}: {found:?}"));
        }
        asked += 1;
    }
    assert!(wrong.is_empty() && asked > 20, "of {asked}: {}", wrong.join("\n"));
    let (own, others) = (
        "/copies?assigned_to=me",
        format!("/copies?exam_id={}", things.exam),
    );
    for path in [own, &others] {
        let theirs = items(&things.colleague.get(path).await.expect(200).json());
        assert!(
            theirs.iter().all(|copy| text(copy, "/id") != things.copy),
            "{path}"
        );
        let mine = items(&system.teacher().await.get(path).await.expect(200).json());
        assert!(mine.iter().any(|copy| text(copy, "/id") == things.copy), "{path}");
    }
    let exam = format!("/exams/{}", things.exam);
    things.colleague.get(&exam).await.expect(200);
    system.settle().await;
}

/// Routes without what their parameters are called.
fn shapes(routes: BTreeSet<String>) -> BTreeSet<String> {
    let shape = |segment: &str| if segment.starts_with('{') { "{}" } else { segment }.to_owned();
    let routes = routes.into_iter();
    routes
        .map(|route| route.split('/').map(shape).collect::<Vec<_>>().join("/"))
        .collect()
}

fn class(answer: &Answer) -> Option<Class> {
    match (answer.status, answer.text("/code").as_str()) {
        (401, "unauthenticated") => Some(Login),
        (403, "forbidden") => Some(Forbidden),
        (404, "not_found") => Some(Hidden),
        (200..500, _) => Some(Open),
        _ => None,
    }
}

/// One of everything that a path can name.
struct Things {
    exam: String,
    batch: String,
    copy: String,
    job: String,
    annotation: String,
    user: String,
    student: String,
    author: Client,
    /// Corrects the exam, and not this copy.
    colleague: Client,
}

impl Things {
    /// A graded copy with an annotation, in a released exam.
    async fn of(system: &System) -> Self {
        let colleague = system.newcomers(Role::Teacher, 1).await.remove(0);
        let desk = Desk::ready_for(system, &[system.teacher_id(), colleague.id]).await;
        let choice = json!({"user_id": system.teacher_id()});
        let admin = system.admin().await;
        admin.put(&desk.at("/corrector"), &choice).await.expect(200);
        let pen = Pen::take(&system.teacher().await, &desk.copy).await;
        let made = Client::send(pen.annotate("for-the-matrix", &comment("Bien."))).await;
        Client::send(pen.finalize("for-the-matrix")).await.expect(202);
        change_exam(&system.admin().await, &desk.exam, &json!({"pages_per_copy": 1}))
            .await
            .expect(200);
        let scan = Upload {
            exam: &desk.exam,
            bytes: corpus::scan(1, 1),
            filename: "lot.pdf",
            key: "for-the-matrix",
        };
        let batch = system.teacher().await.upload_batch(scan).await.expect(202);
        system.settle().await;
        let [pupil, somebody] = system.newcomers(Role::Student, 2).await.try_into().ok().unwrap();
        system.database.wrote(&pupil.id, &desk.copy);
        desk.release(&system.admin().await).await;
        Self {
            annotation: made.expect(201).text("/id"),
            // Not one of the callers: what happens to people may end their sessions.
            user: somebody.id,
            student: system.database.pupil(),
            author: pupil.client,
            colleague: colleague.client,
            batch: batch.text("/batch_id"),
            exam: desk.exam,
            copy: desk.copy,
            job: desk.job,
        }
    }

    /// In the order of [`CALLERS`].
    async fn callers(&self, system: &System) -> [Client; 6] {
        let classmate = system.newcomers(Role::Student, 1).await.remove(0);
        [
            system.client(),
            system.admin().await,
            system.teacher().await,
            system.stranger().await,
            self.author.clone(),
            classmate.client,
        ]
    }

    /// With everything that any route may ask for, and a version that nothing has: what is refused for that was let
    /// through before.
    fn request(&self, caller: &Client, route: &str, body: &'static str) -> RequestBuilder {
        let (method, path) = route.split_once(' ').unwrap();
        let key = format!("matrix-{}", domain::Ids::time_ordered().next::<domain::JobId>());
        let request = caller
            .request_at(method.parse().unwrap(), &self.fill(path))
            .header("Idempotency-Key", key)
            .header("If-Match", "\"999999\"")
            .header("X-Lock-Token", "no token of any lock");
        match body {
            "" => request,
            FILE => {
                let part = Part::bytes(b"not a document".to_vec()).file_name("copie.pdf");
                request.multipart(Form::new().part("file", part))
            }
            ROSTER => request.header("Content-Type", "text/csv").body(ROSTER),
            json => request.header("Content-Type", "application/json").body(json),
        }
    }

    /// The path with its parameters replaced, each by what the segment before it says.
    fn fill<'a>(&'a self, path: &'a str) -> String {
        api::fill(path, |kind| match kind {
            "exams" => &self.exam,
            "batches" => &self.batch,
            "copies" => &self.copy,
            "jobs" => &self.job,
            "annotations" => &self.annotation,
            "users" => &self.user,
            "students" => &self.student,
            "pages" => "0",
            "releases" => "1",
            "scores" | "remarks" => "2",
            "problems" => "not_found",
            other => panic!("what is a thing of {other}?"),
        })
    }
}
