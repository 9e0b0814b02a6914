//! Results: released as they are, withdrawn, released again, and what pupils and administrators get of them.

use domain::{Digest, Role};
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Client, Newcomer, Reading, System, Upload, corpus, evidence};

use crate::desk::{Desk, Pen, items, text};

/// Publishes the results of the exam.
pub(crate) async fn release(admin: &Client, exam: &str, key: &str) -> Answer {
    let request = admin.request(Method::POST, &format!("/exams/{exam}/release"));
    Client::send(request.header("Idempotency-Key", key)).await
}

pub(crate) async fn withdraw(admin: &Client, exam: &str) {
    admin.delete(&format!("/exams/{exam}/release")).await.expect(204);
}

/// A pupil with access, called so, who wrote the copy.
pub(crate) async fn author(system: &System, copy: &str, surname: &str) -> Newcomer {
    let pupil = system.newcomers(Role::Student, 1).await.remove(0);
    system.database.wrote(&pupil.id, copy);
    system.database.run(&format!(
        "UPDATE grading.students SET surname = '{surname}', given_names = 'Zoé', class_name = '1re B'
         WHERE user_id = '{}'",
        pupil.id
    ));
    pupil
}

/// Another copy of the exam of the desk, graded with these points.
pub(crate) async fn graded(desk: &Desk<'_>, number: u32, points: &str) -> String {
    let key = format!("another-{number}");
    let copy = desk.another(&key).await;
    correct(desk.system, &copy, points, &key).await;
    copy
}

pub(crate) async fn correct(system: &System, copy: &str, points: &str, key: &str) {
    let pen = Pen::take(&system.teacher().await, copy).await;
    Client::send(pen.score("2", Some(points))).await.expect(200);
    Client::send(pen.remark("2", "Une remarque.")).await.expect(200);
    Client::send(pen.appreciate("Bien ; à poursuivre."))
        .await
        .expect(200);
    Client::send(pen.finalize(&format!("corrected-{key}")))
        .await
        .expect(202);
    system.settle().await;
}

/// What the trail of the copy says of releases.
async fn told(system: &System, copy: &str) -> Vec<Value> {
    let admin = system.admin().await;
    let events = admin.get(&format!("/copies/{copy}/events?limit=100")).await;
    let events = items(&events.expect(200).json()).into_iter();
    let releases = events.filter(|event| text(event, "/action") == "RELEASE");
    releases.map(|event| event["metadata"].clone()).collect()
}

/// What an event of a release says of a copy.
fn said(number: u32, withdrawn: bool, score: &str) -> Value {
    json!({"number": number, "withdrawn": withdrawn, "score": score, "max": "20"})
}

#[tokio::test]
async fn a_release_has_every_graded_copy_and_cannot_be_changed() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let (admin, exam) = (system.admin().await, desk.exam.clone());
    release(&admin, &exam, "too-early")
        .await
        .expect_problem(409, "not_graded");
    correct(&system, &desk.copy, "12.5", "first").await;
    let other = graded(&desk, 3, "7").await;
    let upload = Upload::new(&exam, corpus::text(4), "left-out");
    let left = system.teacher().await.upload(upload).await.expect(202);
    let left = left.text("/copy_id");
    system.settle().await;

    let first = release(&admin, &exam, "first").await.expect(201);
    let expected = json!({
        "number": 1, "released": 2, "left_out": [{"copy_id": left, "code": "not_graded"}],
        "without_pupil": [desk.copy, other],
    });
    assert_eq!(first.json(), expected);
    let again = release(&admin, &exam, "first").await.expect(201);
    assert_eq!(again.json(), expected);
    release(&admin, &exam, "twice")
        .await
        .expect_problem(409, "wrong_state");
    admin
        .post(&desk.at("/reopen"), &json!({"reason": "marking_error"}))
        .await
        .expect_problem(409, "wrong_state");
    assert_eq!(told(&system, &desk.copy).await, [said(1, false, "12.5")]);
}

#[tokio::test]
async fn results_are_withdrawn_and_the_next_release_says_what_changed() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let (admin, exam) = (system.admin().await, desk.exam.clone());
    correct(&system, &desk.copy, "12.5", "first").await;
    graded(&desk, 3, "7").await;
    release(&admin, &exam, "first").await.expect(201);
    withdraw(&admin, &exam).await;
    withdraw(&admin, &exam).await;
    let reason = json!({"reason": "marking_error"});
    admin.post(&desk.at("/reopen"), &reason).await.expect(200);
    correct(&system, &desk.copy, "13", "second").await;
    let late = graded(&desk, 5, "3").await;
    let second = release(&admin, &exam, "second").await.expect(201);
    let path = format!("/exams/{exam}/releases");
    assert_eq!(second.header("location"), format!("/api/v1{path}/2"));

    let report = admin.get(&format!("{path}/2")).await.expect(200).json();
    let (corrected, max) = (&desk.copy, "20");
    let changes = json!([
        {"copy_id": corrected, "previous": "12.5", "previous_max": max, "score": "13", "max": max,
            "points_changed": true, "document_changed": true},
        {"copy_id": late, "previous": null, "previous_max": null, "score": "3", "max": max,
            "points_changed": true, "document_changed": true},
    ]);
    assert_eq!((&report["results"], &report["changes"]), (&json!(3), &changes));
    let releases = items(&admin.get(&path).await.expect(200).json());
    let withdrawn = releases.iter().map(|release| release["withdrawn_at"].is_string());
    assert_eq!(withdrawn.collect::<Vec<_>>(), [true, false]);
    assert_eq!(
        told(&system, &desk.copy).await,
        [
            said(1, false, "12.5"),
            said(1, true, "12.5"),
            said(2, false, "13")
        ]
    );
    admin
        .get(&format!("{path}/3"))
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_release_needs_no_key_and_names_copies_that_look_different_for_the_same_score() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let (admin, exam) = (system.admin().await, desk.exam.clone());
    correct(&system, &desk.copy, "12.5", "first").await;
    graded(&desk, 3, "7").await;
    let path = format!("/exams/{exam}/release");
    let keyless = || Client::send(admin.request(Method::POST, &path));
    keyless().await.expect(201);
    keyless().await.expect_problem(409, "wrong_state");
    let both = tokio::join!(admin.delete(&path), admin.delete(&path));
    assert_eq!([both.0.status, both.1.status], [204, 204]);
    let withdrawn = told(&system, &desk.copy).await;
    assert_eq!(withdrawn, [said(1, false, "12.5"), said(1, true, "12.5")]);
    let reason = json!({"reason": "marking_error"});
    admin.post(&desk.at("/reopen"), &reason).await.expect(200);
    correct(&system, &desk.copy, "12.5", "second").await;
    keyless().await.expect(201);
    let report = admin.get(&format!("/exams/{exam}/releases/2")).await.expect(200);
    let changes = json!([{
        "copy_id": desk.copy, "previous": "12.5", "previous_max": "20", "score": "12.5", "max": "20",
        "points_changed": false, "document_changed": true,
    }]);
    assert_eq!(report.json()["changes"], changes);
}

#[tokio::test]
async fn a_pupil_reads_their_own_result_while_it_is_released_and_nobody_elses_under_any_id() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let (admin, exam) = (system.admin().await, desk.exam.clone());
    correct(&system, &desk.copy, "12.5", "first").await;
    let other = graded(&desk, 3, "7").await;
    let pupil = author(&system, &desk.copy, "DURAND").await;
    let classmate = author(&system, &other, "MARTIN").await;
    let own = format!("/me/copies/{}", desk.copy);
    let document = desk.at("/final.pdf");
    let nothing = async || {
        pupil.client.get(&own).await.expect_problem(404, "not_found");
        pupil.client.get(&document).await.expect_problem(404, "not_found");
        assert!(items(&pupil.client.get("/me/copies").await.expect(200).json()).is_empty());
    };
    nothing().await;
    release(&admin, &exam, "released").await.expect(201);

    let listed = items(&pupil.client.get("/me/copies").await.expect(200).json());
    let [listed] = listed.as_slice() else {
        panic!("one copy is theirs")
    };
    assert_eq!(
        (text(listed, "/id"), text(listed, "/score")),
        (desk.copy.clone(), "12.5".to_owned())
    );
    let answer = pupil.client.get(&own).await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let result = answer.json();
    assert_eq!(result["scores"], json!([{"question_id": "2", "points": "12.5"}]));
    assert_eq!(
        result["remarks"],
        json!([{"question_id": "2", "text": "Une remarque."}])
    );
    assert_eq!(text(&result, "/appreciation"), "Bien ; à poursuivre.");
    assert_eq!(text(&result, "/marking_scheme/questions/1/label"), "Dissertation");
    let exported = desk.times("EXPORT").await;
    let bytes = pupil.client.get(&document).await.expect(200).body;
    assert!(Reading::of(&bytes).text.contains("12,5"));
    assert_eq!(desk.times("EXPORT").await, exported + 1);

    let teacher = system.teacher().await;
    for (caller, status) in [(&classmate.client, 404), (&teacher, 403), (&admin, 404)] {
        assert_eq!(caller.get(&own).await.status, status);
    }
    pupil
        .client
        .get(&format!("/me/copies/{other}"))
        .await
        .expect_problem(404, "not_found");
    assert!(items(&teacher.get("/me/copies").await.expect(200).json()).is_empty());
    withdraw(&admin, &exam).await;
    nothing().await;
}

#[tokio::test]
async fn of_many_who_release_at_once_one_does_and_each_copy_is_told_once() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let (admin, exam) = (system.admin().await, desk.exam.clone());
    correct(&system, &desk.copy, "12.5", "first").await;
    let keys: Vec<String> = (0..8).map(|number| format!("racer-{number}")).collect();
    let answers = join_all(keys.iter().map(|key| release(&admin, &exam, key))).await;
    let won = answers.iter().filter(|answer| answer.status == 201).count();
    let told_so = answers
        .iter()
        .filter(|answer| answer.text("/code") == "wrong_state");
    assert_eq!((won, told_so.count()), (1, keys.len() - 1));
    assert_eq!(told(&system, &desk.copy).await.len(), 1);

    // Whoever comes first, no copy is released that is corrected again.
    withdraw(&admin, &exam).await;
    let reason = json!({"reason": "other"});
    let (reopen, path) = (desk.at("/reopen"), "/exams");
    let (reopened, released) = tokio::join!(admin.post(&reopen, &reason), release(&admin, &exam, "against"));
    let expected = match (reopened.status, released.status) {
        (200, 409) => ("READY", Value::Null),
        (409, 201) => ("GRADED", json!(true)),
        other => panic!("{other:?}"),
    };
    let seen = admin.get(&format!("{path}/{exam}")).await.expect(200).json();
    let since = if seen["released_at"].is_null() {
        Value::Null
    } else {
        json!(true)
    };
    let status = text(&desk.seen_by(&admin).await, "/status");
    assert_eq!((status.as_str(), since), expected);
    evidence(format_args!(
        "{} requests released one exam at once, one did",
        keys.len()
    ));
}

#[tokio::test]
async fn tables_have_what_was_released_and_each_copy_is_told_before_they_leave() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let (admin, exam) = (system.admin().await, desk.exam.clone());
    correct(&system, &desk.copy, "12.5", "first").await;
    let other = graded(&desk, 3, "7").await;
    author(&system, &desk.copy, "=ÉCUYER").await;
    let [results, pronote] = ["results", "pronote"].map(|name| format!("/exams/{exam}/{name}.csv"));
    for path in [&results, &pronote] {
        admin.get(path).await.expect_problem(409, "wrong_state");
    }
    release(&admin, &exam, "released").await.expect(201);

    let table = admin.get(&pronote).await.expect(200);
    let expected = "\u{feff}NOM;PRENOM;CLASSE;NE(E) LE;NUMERO;NOTE;APPRECIATION\r\n\
                    '=ÉCUYER;Zoé;1re B;;;12,50;\"Bien ; à poursuivre.\"\r\n";
    assert_eq!(String::from_utf8_lossy(&table.body), expected);
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
    let exports = exports(&desk).await;
    let digest = Digest::of(expected.as_bytes()).to_string();
    assert_eq!(exports, [json!({"variant": "results", "sha256": digest})]);

    let table = admin.get(&results).await.expect(200);
    let anonymous = |copy: &str| {
        let row = format!("SELECT anonymous_id FROM grading.copies WHERE id = '{copy}'");
        system.database.texts(&row).remove(0)
    };
    let [mine, theirs] = [&desk.copy, &other].map(|copy| format!("{copy},{}", anonymous(copy)));
    let expected = format!(
        "copy_id,anonymous_id,surname,given_names,class,birth_date,number,score,max,appreciation,1.a,2\r\n\
         {mine},'=ÉCUYER,Zoé,1re B,,,12.5,20,Bien ; à poursuivre.,,12.5\r\n\
         {theirs},,,,,,7,20,Bien ; à poursuivre.,,7\r\n"
    );
    assert_eq!(String::from_utf8_lossy(&table.body), expected);
    withdraw(&admin, &exam).await;
    admin.get(&results).await.expect_problem(409, "wrong_state");
}

/// What the trail says of tables.
pub(crate) async fn exports(desk: &Desk<'_>) -> Vec<Value> {
    let events = desk.events().await.into_iter();
    let exports = events.filter(|event| text(event, "/action") == "EXPORT");
    exports.map(|event| event["metadata"].clone()).collect()
}
