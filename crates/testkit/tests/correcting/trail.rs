//! No event, no change: where the trail cannot be written, nothing happens at all.

use domain::Role;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::{Client, System, Upload, corpus};

use crate::desk::{Desk, Pen, comment};
use crate::finalize;

/// Everything that correcting changes.
const TABLES: &[&str] = &[
    "exams",
    "copies",
    "booklets",
    "pages",
    "jobs",
    "outbox",
    "locks",
    "annotations",
    "scores",
    "remarks",
    "appreciations",
    "documents",
    "idempotency_keys",
    "grading_events",
    "students",
    "identities",
    "releases",
    "release_results",
    "change_sets",
    "adjustments",
    "archives",
    "users",
];

/// What is stored, as one number for each table.
pub(crate) fn all_content(system: &System) -> Vec<(&'static str, i64)> {
    let tables = TABLES.iter();
    tables.map(|table| (*table, content(system, table))).collect()
}

/// Copies in every state in which something can be asked of them.
struct Scene<'a> {
    system: &'a System,
    teacher: Client,
    admin: Client,
    /// Another corrector of all of them.
    colleague: Client,
    staging: Desk<'a>,
    /// A copy in STAGING that has no pages, by its id.
    broken: String,
    ready: Desk<'a>,
    locked: Desk<'a>,
    /// Of the copy that is locked.
    pen: Pen,
    annotation: String,
    /// Its lock is about to end.
    lapsing: Desk<'a>,
    graded: Desk<'a>,
    /// Its document could not be made.
    failed: Desk<'a>,
}

impl<'a> Scene<'a> {
    async fn set(system: &'a System) -> Self {
        let (teacher, admin) = (system.teacher().await, system.admin().await);
        let colleague = system.newcomers(Role::Teacher, 1).await.remove(0);
        let correctors = [system.teacher_id(), colleague.id];
        let staging = Desk::imported_for(system, &correctors).await;
        let broken = broken(&staging, &teacher).await;
        let ready = Desk::ready_for(system, &correctors).await;
        let locked = Desk::ready_for(system, &correctors).await;
        let pen = Pen::take(&teacher, &locked.copy).await;
        let made = Client::send(pen.annotate("an-annotation", &comment("Avant."))).await;
        let lapsing = Desk::ready_for(system, &correctors).await;
        Pen::take(&teacher, &lapsing.copy).await;
        let graded = Desk::ready_for(system, &correctors).await;
        graded.grade(&teacher).await;
        let failed = finalize::failed_for_good(system).await;
        Self {
            system,
            teacher,
            admin,
            colleague: colleague.client,
            staging,
            broken,
            ready,
            locked,
            annotation: made.expect(201).text("/id"),
            pen,
            lapsing,
            graded,
            failed,
        }
    }

    /// Everything that leaves an event.
    fn commands(&self) -> Vec<(&'static str, RequestBuilder)> {
        let mut commands = self.of_the_lock_holder();
        let lapsed = command(&self.colleague, &self.lapsing.at("/lock"), &json!({}));
        let document = self.teacher.request(Method::GET, &self.graded.at("/final.pdf"));
        commands.extend([
            (
                "validate",
                command(&self.teacher, &self.staging.at("/validate"), &json!({})),
            ),
            (
                "lock",
                command(&self.teacher, &self.ready.at("/lock"), &json!({})),
            ),
            ("take over", lapsed),
            ("finalize again", self.finalize_again()),
            ("export", document),
        ]);
        commands.extend(self.of_the_administrator());
        commands
    }

    fn of_the_lock_holder(&self) -> Vec<(&'static str, RequestBuilder)> {
        let pen = &self.pen;
        vec![
            ("annotate", pen.annotate("another-annotation", &comment("Après."))),
            (
                "amend",
                pen.amend(&self.annotation, 0, &json!({"text": "Après."})),
            ),
            ("erase", pen.erase(&self.annotation, 0)),
            ("score", pen.score("2", Some("3"))),
            ("remark", pen.remark("2", "Après.")),
            ("appreciate", pen.appreciate("Après.")),
            ("finalize", pen.finalize("a-finalize-in-vain")),
            ("release", pen.release()),
        ]
    }

    fn of_the_administrator(&self) -> Vec<(&'static str, RequestBuilder)> {
        let reason = json!({"reason": "other"});
        let document = self.admin.request(Method::GET, &self.graded.at("/final.pdf"));
        let command = |path: &str| command(&self.admin, path, &reason);
        vec![
            ("validate all", self.validate_all()),
            ("dispatch", self.dispatch()),
            ("choose", self.choose()),
            ("retry", self.retry_import()),
            ("discard", command(&self.staging.at("/discard"))),
            (
                "discard without pages",
                command(&format!("/copies/{}/discard", self.broken)),
            ),
            ("force", command(&self.locked.at("/lock/force-release"))),
            ("reopen", command(&self.graded.at("/reopen"))),
            ("export whole", document),
        ]
    }

    fn validate_all(&self) -> RequestBuilder {
        let path = format!("/exams/{}/validate-all", self.staging.exam);
        self.admin.request(Method::POST, &path)
    }

    fn dispatch(&self) -> RequestBuilder {
        let path = format!("/exams/{}/dispatch", self.ready.exam);
        self.admin.request(Method::POST, &path)
    }

    fn choose(&self) -> RequestBuilder {
        let choice = json!({"user_id": self.system.teacher_id()});
        let request = self.admin.request(Method::PUT, &self.locked.at("/corrector"));
        request.json(&choice)
    }

    fn retry_import(&self) -> RequestBuilder {
        let path = format!("/copies/{}/retry-import", self.broken);
        self.admin.request(Method::POST, &path)
    }

    /// No lock is needed where the document could not be made.
    fn finalize_again(&self) -> RequestBuilder {
        let path = self.failed.at("/finalize");
        let request = self.teacher.request(Method::POST, &path);
        request.header("Idempotency-Key", "a-second-finalize-in-vain")
    }
}

#[tokio::test]
async fn where_no_event_can_be_written_nothing_changes_and_later_everything_works_without_a_restart() {
    let system = System::start().await;
    let scene = Scene::set(&system).await;
    forbid_events(&system);
    scene.lapsing.expire();
    let before = all_content(&system);
    let mut refused = Vec::new();
    for (what, request) in scene.commands() {
        let answer = Client::send(request).await;
        assert_eq!(
            (answer.status, answer.text("/code").as_str()),
            (503, "unavailable"),
            "{what}"
        );
        assert!(!answer.body.starts_with(b"%PDF"), "{what}");
        assert_eq!(all_content(&system), before, "{what}");
        refused.push(what);
    }
    testkit::evidence(format_args!("503, and nothing changed: {}", refused.join(", ")));

    allow_events(&system);
    let all = Client::send(scene.validate_all()).await.expect(200).json();
    let expected = json!({
        "validated": 1,
        "refused": [{"copy_id": scene.broken, "code": "no_pages"}],
    });
    assert_eq!(all, expected);
    Client::send(scene.retry_import()).await.expect(202);
    Client::send(scene.dispatch()).await.expect(200);
    Client::send(scene.choose()).await.expect(200);
    Client::send(scene.finalize_again()).await.expect(202);
    Pen::take(&scene.colleague, &scene.lapsing.copy).await;
    let pen = &scene.pen;
    Client::send(pen.annotate("another-annotation", &comment("Après.")))
        .await
        .expect(201);
    Client::send(pen.finalize("a-finalize-in-vain")).await.expect(202);
    system.settle().await;
    scene
        .teacher
        .get(&scene.locked.at("/final.pdf"))
        .await
        .expect(200);
    assert_eq!(scene.locked.times("CREATE_ANN").await, 2);
}

fn command(client: &Client, path: &str, body: &Value) -> RequestBuilder {
    client.request(Method::POST, path).json(body)
}

/// A copy of the exam on the desk that could not be imported.
async fn broken(desk: &Desk<'_>, teacher: &Client) -> String {
    let upload = Upload::new(&desk.exam, corpus::zero_pages(), "a-copy-without-pages");
    let copy = teacher.upload(upload).await.expect(202).text("/copy_id");
    desk.system.settle().await;
    copy
}

/// A number that is another one if anything in any row of the table is.
pub(crate) fn content(system: &System, table: &str) -> i64 {
    system.count(&format!(
        "SELECT hashtextextended(coalesce(string_agg(row::text, '' ORDER BY row::text), ''), 0)
         FROM grading.{table} AS row"
    ))
}

/// From now on no event can be inserted.
pub(crate) fn forbid_events(system: &System) {
    system
        .database
        .run("REVOKE INSERT ON grading.grading_events FROM korrigo_app");
}

/// From now on they can be again.
pub(crate) fn allow_events(system: &System) {
    let columns = "(id, copy_id, action, actor_kind, actor_id, operation_id, metadata)";
    let grant = format!("GRANT INSERT {columns} ON grading.grading_events TO korrigo_app");
    system.database.run(&grant);
}
