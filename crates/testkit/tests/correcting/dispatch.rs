//! Sharing copies out: fairly, once, and with an event; by hand; and again when somebody is absent.

use std::collections::{BTreeMap, BTreeSet};

use domain::Role;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Client, Newcomer, System, corpus};

use crate::desk::{Desk, Pen, change_exam, items, text};

/// An exam with copies of one page, and its correctors.
struct Hall<'a> {
    system: &'a System,
    admin: Client,
    exam: String,
    correctors: Vec<Newcomer>,
}

impl<'a> Hall<'a> {
    /// An exam that so many people correct, with so many copies in READY.
    async fn of(system: &'a System, correctors: usize, copies: usize) -> Self {
        let correctors = system.newcomers(Role::Teacher, correctors).await;
        let ids: Vec<String> = correctors.iter().map(|corrector| corrector.id.clone()).collect();
        let hall = Self {
            system,
            admin: system.admin().await,
            exam: system.exam_of(&ids).await,
            correctors,
        };
        hall.filled(copies, "first").await;
        hall
    }

    /// So many more copies in READY.
    async fn filled(&self, copies: usize, key: &str) {
        for number in 0..copies {
            let key = format!("{key}-{number}-of-{}", self.exam);
            let upload = testkit::Upload::new(&self.exam, corpus::marked(&key), &key);
            self.admin.upload(upload).await.expect(202);
        }
        self.system.settle().await;
        let path = format!("/exams/{}/validate-all", self.exam);
        self.admin.post(&path, &Value::Null).await.expect(200);
    }

    async fn dispatch(&self, absent: &[&str]) -> Answer {
        let path = format!("/exams/{}/dispatch", self.exam);
        self.admin.post(&path, &json!({"absent": absent})).await
    }

    async fn choose(&self, copy: &str, corrector: Option<&str>) -> Answer {
        let choice = json!({"user_id": corrector});
        self.admin
            .put(&format!("/copies/{copy}/corrector"), &choice)
            .await
    }

    /// The copies with their corrector, in their order.
    async fn shares(&self) -> Vec<(String, String)> {
        let path = format!("/copies?exam_id={}&limit=100", self.exam);
        let copies = items(&self.admin.get(&path).await.expect(200).json());
        let share = |copy: &Value| (text(copy, "/id"), text(copy, "/corrector_id"));
        copies.iter().map(share).collect()
    }

    /// How many copies each corrector has.
    async fn loads(&self) -> BTreeMap<String, usize> {
        let mut loads = BTreeMap::new();
        for (_, corrector) in self.shares().await {
            *loads.entry(corrector).or_default() += 1;
        }
        loads
    }

    /// The copies that a corrector finds.
    async fn found_by(&self, corrector: usize) -> BTreeSet<String> {
        let found = self.correctors[corrector]
            .client
            .get("/copies?assigned_to=me&limit=100")
            .await;
        let copies = items(&found.expect(200).json());
        copies.iter().map(|copy| text(copy, "/id")).collect()
    }

    fn id(&self, corrector: usize) -> &str {
        &self.correctors[corrector].id
    }

    /// What the trail says of the last time the copy changed hands.
    async fn last_dispatch(&self, copy: &str) -> Value {
        let path = format!("/copies/{copy}/events");
        let events = items(&self.admin.get(&path).await.expect(200).json());
        let mut dispatches = events.iter().filter(|event| text(event, "/action") == "DISPATCH");
        dispatches.next_back().cloned().unwrap_or_default()
    }
}

fn run_of(answer: &Answer) -> (String, BTreeMap<String, u64>) {
    let json = answer.json();
    let assigned = json["assigned"].as_array().unwrap().iter();
    let share = |share: &Value| (text(share, "/user_id"), share["copies"].as_u64().unwrap());
    (answer.text("/run_id"), assigned.map(share).collect())
}

#[tokio::test]
async fn copies_are_shared_out_fairly_once_and_with_an_event_each() {
    let system = System::start().await;
    let hall = Hall::of(&system, 3, 8).await;
    // Nobody has any yet, so everybody sees all.
    assert_eq!(hall.found_by(0).await.len(), 8);
    let first = hall.dispatch(&[]).await.expect(200);
    let (run, assigned) = run_of(&first);
    let mut counts: Vec<u64> = assigned.values().copied().collect();
    counts.sort_unstable();
    assert_eq!(counts, [2, 3, 3]);
    let shares = hall.shares().await;
    for (copy, corrector) in &shares {
        let event = hall.last_dispatch(copy).await;
        let expected = json!({"corrector_id": corrector, "how": "run", "run_id": run});
        assert_eq!(event["metadata"], expected);
        assert_eq!(text(&event, "/actor_type"), "user");
    }
    for corrector in 0..3 {
        let own = shares.iter().filter(|(_, owner)| owner == hall.id(corrector));
        let own: BTreeSet<String> = own.map(|(copy, _)| copy.clone()).collect();
        assert_eq!(hall.found_by(corrector).await, own);
    }
    // In the order of the copies and of the correctors, not by chance.
    let mut correctors: Vec<&str> = (0..3).map(|corrector| hall.id(corrector)).collect();
    correctors.sort_unstable();
    let expected: Vec<&str> = correctors.iter().copied().cycle().take(8).collect();
    let given: Vec<&str> = shares.iter().map(|(_, corrector)| corrector.as_str()).collect();
    assert_eq!(given, expected);

    let (_, again) = run_of(&hall.dispatch(&[]).await.expect(200));
    assert!(again.values().all(|copies| *copies == 0), "{again:?}");
    assert_eq!(hall.shares().await, shares);
    // What comes later goes to who has fewer.
    hall.filled(1, "late").await;
    hall.dispatch(&[]).await.expect(200);
    assert!(hall.loads().await.values().all(|copies| *copies == 3));
}

#[tokio::test]
async fn two_at_once_have_one_effect() {
    let system = System::start().await;
    let hall = Hall::of(&system, 2, 6).await;
    let answers = join_all((0..6).map(|_| hall.dispatch(&[]))).await;
    let given = answers.into_iter().map(|answer| {
        let (_, assigned) = run_of(&answer.expect(200));
        assigned.values().sum::<u64>()
    });
    let mut given: Vec<u64> = given.collect();
    given.sort_unstable();
    assert_eq!(given, [0, 0, 0, 0, 0, 6]);
    assert!(hall.loads().await.values().all(|copies| *copies == 3));
    let events = "SELECT count(*) FROM grading.grading_events WHERE action = 'DISPATCH'";
    assert_eq!(system.count(events), 6);
}

#[tokio::test]
async fn what_somebody_was_given_by_hand_or_holds_counts_as_theirs() {
    let system = System::start().await;
    let hall = Hall::of(&system, 2, 6).await;
    let copies: Vec<String> = hall.shares().await.into_iter().map(|(copy, _)| copy).collect();
    let pen = Pen::take(&hall.correctors[0].client, &copies[5]).await;
    for copy in &copies[3..5] {
        let chosen = hall.choose(copy, Some(hall.id(0))).await.expect(200);
        assert_eq!(chosen.text("/corrector_id"), hall.id(0));
        assert_eq!(hall.last_dispatch(copy).await["metadata"]["how"], "manual");
    }
    // Given to others or not, who has begun goes on.
    Client::send(pen.heartbeat()).await.expect(200);
    let (_, assigned) = run_of(&hall.dispatch(&[]).await.expect(200));
    assert_eq!(assigned[hall.id(0)], 1);
    assert_eq!(assigned[hall.id(1)], 3);
    assert!(hall.loads().await.values().all(|copies| *copies == 3));
    Client::send(pen.score("2", Some("1")))
        .await
        .expect_problem(404, "unknown_question");
    Client::send(pen.release()).await.expect(204);
    assert_eq!(hall.found_by(0).await, copies[3..].iter().cloned().collect());
    assert_eq!(hall.found_by(1).await, copies[..3].iter().cloned().collect());
}

#[tokio::test]
async fn a_copy_is_given_by_hand_to_correctors_of_its_exam_while_nobody_else_has_it() {
    let system = System::start().await;
    let colleague = system.newcomers(Role::Teacher, 1).await.remove(0);
    let correctors = [system.teacher_id(), colleague.id.clone()];
    let desk = Desk::ready_for(&system, &correctors).await;
    let staging = Desk::imported_for(&system, &correctors).await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    let choose = async |desk: &Desk<'_>, user: Value| {
        admin.put(&desk.at("/corrector"), &json!({"user_id": user})).await
    };
    let other = system.newcomers(Role::Teacher, 1).await.remove(0).id;
    for (nobody, code) in [(other.as_str(), "unknown_reference"), ("somebody", "malformed")] {
        let refused = choose(&desk, json!(nobody)).await.expect_problem(422, "invalid");
        assert_eq!(refused.text("/errors/0/pointer"), "/user_id");
        assert_eq!(refused.text("/errors/0/code"), code);
    }
    choose(&staging, json!(colleague.id))
        .await
        .expect_problem(409, "wrong_state");
    let pen = Pen::take(&teacher, &desk.copy).await;
    let refused = choose(&desk, json!(colleague.id)).await;
    refused.expect_problem(409, "already_locked");
    choose(&desk, json!(system.teacher_id())).await.expect(200);
    let events = desk.times("DISPATCH").await;
    choose(&desk, json!(system.teacher_id())).await.expect(200);
    assert_eq!(desk.times("DISPATCH").await, events);
    Client::send(pen.score("2", Some("3"))).await.expect(200);
    // A lock that has ended stands in nobody's way.
    desk.expire();
    choose(&desk, json!(colleague.id)).await.expect(200);
    Client::send(pen.heartbeat())
        .await
        .expect_problem(404, "not_found");
    desk.grade(&colleague.client).await;
    choose(&desk, Value::Null)
        .await
        .expect_problem(409, "already_graded");
    teacher
        .get(&desk.at("/final.pdf"))
        .await
        .expect_problem(404, "not_found");
    colleague.client.get(&desk.at("/final.pdf")).await.expect(200);
}

#[tokio::test]
async fn what_somebody_has_begun_and_given_back_stays_with_them() {
    let system = System::start().await;
    let hall = Hall::of(&system, 3, 6).await;
    let copies: Vec<String> = hall.shares().await.into_iter().map(|(copy, _)| copy).collect();
    for copy in &copies[..2] {
        let pen = Pen::take(&hall.correctors[2].client, copy).await;
        Client::send(pen.appreciate("Un début.")).await.expect(200);
        Client::send(pen.release()).await.expect(204);
    }
    // An administrator who only looks has not begun.
    Client::send(Pen::take(&hall.admin, &copies[1]).await.release())
        .await
        .expect(204);
    hall.dispatch(&[]).await.expect(200);
    let theirs = hall.found_by(2).await;
    assert_eq!(theirs, copies[..2].iter().cloned().collect());
    assert!(hall.loads().await.values().all(|copies| *copies == 2));
}

#[tokio::test]
async fn what_somebody_absent_has_begun_before_anything_was_shared_out_goes_to_the_others() {
    let system = System::start().await;
    let hall = Hall::of(&system, 2, 2).await;
    let copy = hall.shares().await.remove(0).0;
    let pen = Pen::take(&hall.correctors[0].client, &copy).await;
    Client::send(pen.appreciate("Un début.")).await.expect(200);
    Client::send(pen.release()).await.expect(204);
    hall.dispatch(&[hall.id(0)]).await.expect(200);
    assert_eq!(hall.found_by(1).await.len(), 2);
}

#[tokio::test]
async fn what_somebody_absent_has_not_begun_goes_to_the_others_and_the_rest_is_told() {
    let system = System::start().await;
    let hall = Hall::of(&system, 3, 9).await;
    hall.dispatch(&[]).await.expect(200);
    let absent = hall.id(0).to_owned();
    let theirs: Vec<String> = hall.found_by(0).await.into_iter().collect();
    let begun = Pen::take(&hall.correctors[0].client, &theirs[1]).await;
    Client::send(begun.appreciate("Un début.")).await.expect(200);
    Client::send(begun.release()).await.expect(204);

    let answer = hall.dispatch(&[&absent]).await.expect(200);
    assert_eq!(answer.json()["kept"], json!([theirs[1]]));
    let (run, assigned) = run_of(&answer);
    assert!(!assigned.contains_key(&absent));
    assert!(assigned.values().all(|copies| *copies == 1));
    let loads = hall.loads().await;
    assert_eq!((loads[&absent], loads[hall.id(1)], loads[hall.id(2)]), (1, 4, 4));
    let event = hall.last_dispatch(&theirs[0]).await;
    assert_eq!(event["metadata"]["how"], "absent");
    assert_eq!(event["metadata"]["run_id"], run.as_str());
    hall.correctors[0]
        .client
        .get(&format!("/copies/{}", theirs[0]))
        .await
        .expect_problem(404, "not_found");

    let nobody = hall.dispatch(&["00000000-0000-7000-8000-000000000000"]).await;
    assert_eq!(
        nobody.expect_problem(422, "invalid").text("/errors/0/pointer"),
        "/absent"
    );
    hall.filled(1, "late").await;
    let all = [hall.id(0), hall.id(1), hall.id(2)];
    hall.dispatch(&all).await.expect_problem(409, "wrong_state");
}

#[tokio::test]
async fn who_cannot_log_in_is_given_nothing_and_who_has_copies_stays_a_corrector() {
    let system = System::start().await;
    let hall = Hall::of(&system, 2, 2).await;
    let path = format!("/users/{}", hall.id(1));
    hall.admin
        .patch(&path, &json!({"disabled": true}))
        .await
        .expect(200);
    let (_, assigned) = run_of(&hall.dispatch(&[]).await.expect(200));
    assert_eq!(assigned, BTreeMap::from([(hall.id(0).to_owned(), 2)]));

    let only_other = json!({"correctors": [hall.id(1)]});
    let refused = change_exam(&hall.admin, &hall.exam, &only_other).await;
    refused.expect_problem(409, "wrong_state");
    for (copy, _) in hall.shares().await {
        hall.choose(&copy, None).await.expect(200);
    }
    change_exam(&hall.admin, &hall.exam, &only_other)
        .await
        .expect(200);
    assert!(hall.found_by(0).await.is_empty());
}

#[tokio::test]
async fn a_dispatch_that_is_not_well_formed_is_refused() {
    let system = System::start().await;
    let hall = Hall::of(&system, 1, 0).await;
    let path = format!("/exams/{}/dispatch", hall.exam);
    let malformed = hall.admin.post(&path, &json!({"absent": ["nobody"]})).await;
    assert_eq!(
        malformed.expect_problem(422, "invalid").text("/errors/0/code"),
        "malformed"
    );
    let unknown = "/exams/00000000-0000-7000-8000-000000000000/dispatch";
    hall.admin
        .post(unknown, &json!({}))
        .await
        .expect_problem(404, "not_found");
    // Nothing to share out is nothing wrong, and no body is one, too.
    let bare = Client::send(hall.admin.request(Method::POST, &path))
        .await
        .expect(200);
    let (_, assigned) = run_of(&bare);
    assert_eq!(assigned, BTreeMap::from([(hall.id(0).to_owned(), 0)]));
}
