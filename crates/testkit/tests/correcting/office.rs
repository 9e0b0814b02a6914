//! The exam office: where the trail cannot be written, nothing happens there either, and nobody is shown anything.

use domain::Role;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::{Client, System};

use crate::desk::Desk;
use crate::trail::{all_content, allow_events, forbid_events};

/// Exams of which something can be asked.
struct Office<'a> {
    admin: Client,
    /// Checked, of two booklets, and nobody's.
    merged: Desk<'a>,
    /// Of the same exam as `merged`, and to be merged with it.
    loose: String,
    /// Somebody's, and not graded.
    known: Desk<'a>,
    /// Graded.
    graded: Desk<'a>,
    /// Graded and released, with its archive.
    released: Desk<'a>,
}

impl<'a> Office<'a> {
    async fn of(system: &'a System) -> Self {
        let (admin, teacher) = (system.admin().await, system.teacher().await);
        let merged = Desk::ready(system).await;
        let [second, loose] = [merged.another("second").await, merged.another("loose").await];
        let other = json!({"other_id": second});
        admin.post(&merged.at("/merge"), &other).await.expect(200);
        let (known, graded, released) =
            tokio::join!(Desk::ready(system), Desk::ready(system), Desk::ready(system));
        for desk in [&graded, &released] {
            desk.grade(&teacher).await;
        }
        for (desk, pupil) in [&known, &released]
            .into_iter()
            .zip(system.newcomers(Role::Student, 2).await)
        {
            system.database.wrote(&pupil.id, &desk.copy);
        }
        released.release(&admin).await;
        let archive = admin.request(Method::POST, &format!("/exams/{}/archive", released.exam));
        Client::send(archive.header("Idempotency-Key", "an-archive"))
            .await
            .expect(202);
        system.settle().await;
        Self {
            admin,
            merged,
            loose,
            known,
            graded,
            released,
        }
    }

    /// Everything that leaves an event.
    fn commands(&self, system: &System) -> Vec<(&'static str, RequestBuilder)> {
        let pupil = pupil_of(system, &self.known);
        let change = json!({"reason_code": "other", "delta": "0.5", "question_id": "1.a"});
        let change = self
            .post(&format!("/exams/{}/change-sets", self.graded.exam), &change)
            .header("Idempotency-Key", "a-change");
        let get = |path: &str| self.admin.request(Method::GET, path);
        let of_release = |below: &str| get(&format!("/exams/{}/{below}", self.released.exam));
        let identity = json!({"student_id": pupil, "method": "MANUAL"});
        vec![
            ("identify", self.post(&self.merged.at("/identity"), &identity)),
            (
                "take back",
                self.admin.request(Method::DELETE, &self.known.at("/identity")),
            ),
            ("reorder", self.reorder(system)),
            (
                "merge",
                self.post(&self.merged.at("/merge"), &json!({"other_id": self.loose})),
            ),
            ("change", change),
            (
                "release",
                self.post(&format!("/exams/{}/release", self.graded.exam), &json!({})),
            ),
            (
                "withdraw",
                self.admin
                    .request(Method::DELETE, &format!("/exams/{}/release", self.released.exam)),
            ),
            (
                "erase",
                self.admin.request(Method::DELETE, &format!("/students/{pupil}")),
            ),
            ("show who", get(&self.known.at("/identity-image"))),
            ("results", of_release("results.csv")),
            ("for the school", of_release("pronote.csv")),
            ("archive", of_release("archive.zip")),
        ]
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.admin.request(Method::POST, path).json(body)
    }

    fn reorder(&self, system: &System) -> RequestBuilder {
        let query = format!(
            "SELECT id::text FROM grading.booklets WHERE copy_id = '{}' ORDER BY position DESC",
            self.merged.copy
        );
        let order = json!({"booklets": system.database.texts(&query)});
        self.admin
            .request(Method::PUT, &self.merged.at("/booklets"))
            .json(&order)
    }
}

fn pupil_of(system: &System, desk: &Desk<'_>) -> String {
    let query = format!(
        "SELECT student_id::text FROM grading.identities WHERE copy_id = '{}'",
        desk.copy
    );
    system.database.texts(&query).concat()
}

#[tokio::test]
async fn where_no_event_can_be_written_the_office_changes_and_shows_nothing() {
    let system = System::start().await;
    let office = Office::of(&system).await;
    forbid_events(&system);
    let before = all_content(&system);
    let mut refused = Vec::new();
    for (what, request) in office.commands(&system) {
        let answer = Client::send(request).await;
        assert_eq!(
            (answer.status, answer.text("/code").as_str()),
            (503, "unavailable"),
            "{what}"
        );
        assert_eq!(all_content(&system), before, "{what}");
        refused.push(what);
    }
    testkit::evidence(format_args!("503, and nothing changed: {}", refused.join(", ")));

    allow_events(&system);
    for (what, request) in office.commands(&system) {
        let answer = Client::send(request).await;
        // What came first has made some of the rest impossible, and told.
        let is_answered = answer.status < 300 || [404, 409].contains(&answer.status);
        assert!(is_answered, "{what}: {}", answer.status);
    }
    system.settle().await;
}
