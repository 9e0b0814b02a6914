//! Who sees what: correctors never who wrote a copy, pupils their own result once it is released.

use domain::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, Newcomer, Reading, System};

use crate::desk::{Desk, Pen, comment, items};

/// What the pupil of the first test is called, and logs in as.
const NAME: &str = "Zéphyrine Canari";
const LOGIN: &str = "zephyrine.canari@school.example";

/// Keys under which an answer could say who wrote a copy, in whole or in part.
const IDENTIFYING: &[&str] = &[
    "student",
    "author",
    "pupil",
    "identity",
    "login",
    "display_name",
    "first_name",
    "last_name",
    "birth",
    "email",
    "filename",
];

#[tokio::test]
async fn a_corrector_finds_nothing_that_says_who_wrote_the_copy() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let pupil = wrote(&desk).await;
    system.database.run(&format!(
        "UPDATE grading.users SET display_name = '{NAME}', login = '{LOGIN}', login_normalized = '{LOGIN}'
         WHERE id = '{}'",
        pupil.id
    ));
    let teacher = system.teacher().await;
    let pen = Pen::take(&teacher, &desk.copy).await;
    Client::send(pen.annotate("an-annotation", &comment("Bien.")))
        .await
        .expect(201);
    Client::send(pen.finalize("finalized-blindly")).await.expect(202);
    system.settle().await;
    // The trail says who fetched the document: the pupil, too.
    desk.release(&system.admin().await).await;
    pupil.client.get(&desk.at("/final.pdf")).await.expect(200);
    assert_eq!(desk.times("EXPORT").await, 1);

    for path in [
        "/copies".to_owned(),
        format!("/copies?exam_id={}", desk.exam),
        "/copies?assigned_to=me".to_owned(),
        format!("/exams/{}", desk.exam),
        format!("/jobs/{}", desk.job),
        desk.at(""),
        desk.at("/annotations"),
        desk.at("/scores"),
        desk.at("/lock"),
        desk.at("/events"),
    ] {
        let answer = teacher.get(&path).await.expect(200);
        let told = String::from_utf8_lossy(&answer.body).into_owned();
        says_nothing_of(&pupil, &path, &told);
        says_nothing_of(&pupil, &path, &format!("{:?}", answer.headers));
        let mut keys = Vec::new();
        collect_keys(&answer.json(), &mut keys);
        // The trail names the server's own file; no other answer has one.
        keys.retain(|key| path != desk.at("/events") || key != "filename");
        // Where on the page the pupils write is a setting of the exam.
        keys.retain(|key| key != "identity_zone");
        let found = keys
            .iter()
            .find(|key| IDENTIFYING.iter().any(|part| key.contains(part)));
        assert_eq!(found, None, "{path}: {told}");
    }
    let document = teacher.get(&desk.at("/final.pdf")).await.expect(200);
    says_nothing_of(&pupil, "the bytes", &String::from_utf8_lossy(&document.body));
    says_nothing_of(&pupil, "the headers", &format!("{:?}", document.headers));
    says_nothing_of(&pupil, "the text", &Reading::of(&document.body).text);
    for size in ["display", "thumb"] {
        let page = desk.at(&format!("/pages/0?size={size}"));
        let page = teacher.get(&page).await.expect(200);
        says_nothing_of(&pupil, size, &String::from_utf8_lossy(&page.body));
    }
}

/// Neither who the pupil is nor any part of what they are called.
fn says_nothing_of(pupil: &Newcomer, what: &str, told: &str) {
    let lower = told.to_lowercase();
    let plain = pupil.id.replace('-', "");
    for secret in [
        pupil.id.as_str(),
        &plain,
        LOGIN,
        "zéphyrine",
        "zephyrine",
        "canari",
    ] {
        assert!(!lower.contains(secret), "{secret} in {what}: {told}");
    }
}

#[tokio::test]
async fn a_copy_of_another_exam_is_not_there() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let (teacher, stranger) = (system.teacher().await, system.stranger().await);
    let theirs = Pen::take(&teacher, &desk.copy).await;
    let made = Client::send(theirs.annotate("an-annotation", &comment("Bien."))).await;
    let annotation = made.expect(201).text("/id");
    // Even whoever came by the token.
    let pen = theirs.held_by(stranger.clone());
    for request in [
        stranger.request(Method::GET, &desk.at("")),
        stranger.request(Method::GET, &desk.at("/annotations")),
        stranger.request(Method::GET, &desk.at("/scores")),
        stranger.request(Method::GET, &desk.at("/draft")),
        stranger.request(Method::GET, &desk.at("/final.pdf")),
        stranger.request(Method::POST, &desk.at("/lock")).json(&json!({})),
        pen.heartbeat(),
        pen.release(),
        pen.annotate("a-strange-annotation", &comment("Intrus.")),
        pen.amend(&annotation, 0, &json!({"text": "Intrus."})),
        pen.erase(&annotation, 0),
        pen.score("2", Some("1")),
        pen.remark("2", "Intrus."),
        pen.appreciate("Intrus."),
        pen.finalize("a-strange-finalize"),
    ] {
        Client::send(request).await.expect_problem(404, "not_found");
    }
    assert!(items(&stranger.get("/copies").await.expect(200).json()).is_empty());
    Client::send(theirs.heartbeat()).await.expect(200);
}

#[tokio::test]
async fn a_pupil_gets_their_own_document_once_the_results_are_released_and_nothing_else() {
    let system = System::start().await;
    let (mine, other) = (Desk::ready(&system).await, Desk::ready(&system).await);
    let pupil = wrote(&mine).await;
    let classmate = wrote(&other).await;
    let teacher = system.teacher().await;
    mine.grade(&teacher).await;
    other.grade(&teacher).await;

    let document = mine.at("/final.pdf");
    pupil.client.get(&document).await.expect_problem(404, "not_found");
    let admin = system.admin().await;
    for desk in [&mine, &other] {
        desk.release(&admin).await;
    }
    let exported = mine.times("EXPORT").await;
    let own = pupil.client.get(&document).await.expect(200);
    assert!(Reading::of(&own.body).text.contains("12,5"));
    assert_eq!(mine.times("EXPORT").await, exported + 1);

    classmate
        .client
        .get(&document)
        .await
        .expect_problem(404, "not_found");
    pupil
        .client
        .get(&other.at("/final.pdf"))
        .await
        .expect_problem(404, "not_found");
    for below in [
        "",
        "/annotations",
        "/scores",
        "/events",
        "/pages/0",
        "/lock",
        "/draft",
    ] {
        pupil
            .client
            .get(&mine.at(below))
            .await
            .expect_problem(404, "not_found");
    }
    assert_eq!(mine.times("EXPORT").await, exported + 1);
}

/// A new pupil who wrote the copy.
async fn wrote(desk: &Desk<'_>) -> Newcomer {
    let pupil = desk.system.newcomers(Role::Student, 1).await.remove(0);
    desk.system.database.wrote(&pupil.id, &desk.copy);
    pupil
}

fn collect_keys(value: &Value, keys: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                keys.push(key.clone());
                collect_keys(value, keys);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect_keys(value, keys)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
