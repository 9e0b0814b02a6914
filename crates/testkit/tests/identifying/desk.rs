//! Copies get their names.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, System, Upload, corpus};

use crate::office::{LIST, copies, events, identify, import, pupil};

/// The ids of the copies that wait, over all pages.
async fn waiting(client: &Client, exam: &str) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = format!("/exams/{exam}/identification?limit=1&cursor={cursor}");
        let page = client.get(&page).await.expect(200);
        found.extend(page.json()["items"].as_array().into_iter().flatten().cloned());
        cursor = page.text("/next_cursor");
        if cursor.is_empty() {
            break;
        }
    }
    let id = |copy: &Value| copy["id"].as_str().unwrap().to_owned();
    found.iter().map(id).collect()
}

#[tokio::test]
async fn copies_get_their_pupils_one_by_one_and_only_administrators_see_it() {
    let system = System::start().await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    import(&admin, LIST).await.expect(200);
    let exam = system.exam().await;
    let [first, second, third] = copies(&system, &exam, 3).await.try_into().unwrap();
    assert_eq!(waiting(&admin, &exam).await, [first.as_str(), &second, &third]);

    let zoe = pupil(&admin, "zoe").await;
    let identified = identify(&admin, &first, &zoe).await.expect(200).json();
    let expected = json!({"student_id": zoe, "surname": "LÉCUYER", "given_names": "Zoé", "class": "1re B"});
    assert_eq!(identified["identity"], expected);
    // Said again, it is nothing new.
    identify(&admin, &first, &zoe).await.expect(200);
    assert_eq!(
        events(&admin, &first, "IDENTIFY").await,
        [json!({"student_id": zoe, "method": "MANUAL", "undone": false})]
    );
    assert_eq!(waiting(&admin, &exam).await, [second.as_str(), &third]);
    let listed = format!("/copies?exam_id={exam}");
    let seen = admin.get(&listed).await.expect(200).json();
    assert_eq!(seen["items"][0]["identity"], expected);

    // Neither copies nor their trails tell a corrector, not even by an id that is the same in the next exam.
    for path in [
        listed,
        format!("/copies/{first}"),
        format!("/copies/{first}/events"),
    ] {
        let told = teacher.get(&path).await.expect(200);
        let told = String::from_utf8_lossy(&told.body).into_owned();
        for secret in [zoe.as_str(), "LÉCUYER", "Zoé", "identity\""] {
            assert!(!told.contains(secret), "{secret} in {path}");
        }
    }
}

#[tokio::test]
async fn a_wrong_identification_is_refused_or_taken_back() {
    let system = System::start().await;
    let admin = system.admin().await;
    import(&admin, LIST).await.expect(200);
    let exam = system.exam().await;
    let [first, second, third] = copies(&system, &exam, 3).await.try_into().unwrap();
    let (zoe, paul) = (pupil(&admin, "zoe").await, pupil(&admin, "paul").await);
    let nobody = "0197c000-0000-7000-8000-0000000000dd";
    let unknown = identify(&admin, &first, nobody)
        .await
        .expect_problem(422, "invalid");
    assert_eq!(unknown.text("/errors/0/code"), "unknown_reference");
    let guessed = json!({"student_id": zoe, "method": "GUESSED"});
    let guessed = admin.post(&format!("/copies/{first}/identity"), &guessed).await;
    assert_eq!(
        guessed.expect_problem(422, "invalid").text("/errors/0/pointer"),
        "/method"
    );

    identify(&admin, &first, &zoe).await.expect(200);
    identify(&admin, &second, &zoe)
        .await
        .expect_problem(409, "student_has_copy");
    identify(&admin, &first, &paul)
        .await
        .expect_problem(409, "wrong_state");
    let path = format!("/copies/{first}/identity");
    system.database.run(&format!(
        "UPDATE grading.exams SET released_at = now() WHERE id = '{exam}'"
    ));
    admin.delete(&path).await.expect_problem(409, "wrong_state");
    identify(&admin, &second, &paul)
        .await
        .expect_problem(409, "wrong_state");
    system.database.run(&format!(
        "UPDATE grading.exams SET released_at = NULL WHERE id = '{exam}'"
    ));
    for _twice in 0..2 {
        let undone = admin.delete(&path).await.expect(200).json();
        assert!(undone.get("identity").is_none());
    }
    identify(&admin, &second, &zoe).await.expect(200);
    let undone: Vec<_> = events(&admin, &first, "IDENTIFY").await;
    let undone: Vec<_> = undone.iter().map(|event| event["undone"].clone()).collect();
    assert_eq!(undone, [json!(false), json!(true)]);

    // What is put aside is nobody's: its pupil may have another copy.
    identify(&admin, &first, &paul).await.expect(200);
    let discard = json!({"reason": "bad_scan"});
    admin
        .post(&format!("/copies/{first}/discard"), &discard)
        .await
        .expect(200);
    identify(&admin, &first, &paul)
        .await
        .expect_problem(404, "not_found");
    assert_eq!(waiting(&admin, &exam).await, [third.as_str()]);
    identify(&admin, &third, &paul).await.expect(200);
    let last = format!(
        "SELECT action || ' ' || coalesce(metadata ->> 'undone', '') FROM grading.grading_events
         WHERE copy_id = '{first}' ORDER BY seq DESC LIMIT 2"
    );
    assert_eq!(system.database.texts(&last), ["DISCARD ", "IDENTIFY true"]);
}

/// A teacher corrects a copy of which somebody has looked through the pages.
async fn graded(system: &System, teacher: &Client, copy: &str) {
    let path = format!("/copies/{copy}");
    let admin = system.admin().await;
    admin
        .post(&format!("{path}/validate"), &json!({}))
        .await
        .expect(200);
    let lock = teacher
        .post(&format!("{path}/lock"), &json!({}))
        .await
        .expect(201);
    let finalize = teacher
        .request(Method::POST, &format!("{path}/finalize"))
        .header("Idempotency-Key", "graded")
        .header("X-Lock-Token", lock.text("/token"));
    Client::send(finalize).await.expect(202);
    system.settle().await;
}

#[tokio::test]
async fn a_graded_copy_changes_hands() {
    let system = System::start().await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    import(&admin, LIST).await.expect(200);
    let exam = system.exam().await;
    let copy = copies(&system, &exam, 1).await.remove(0);
    let path = format!("/copies/{copy}");
    let (zoe, paul) = (pupil(&admin, "zoe").await, pupil(&admin, "paul").await);
    identify(&admin, &copy, &paul).await.expect(200);
    graded(&system, &teacher, &copy).await;
    admin.delete(&format!("{path}/identity")).await.expect(200);
    let graded = identify(&admin, &copy, &zoe).await.expect(200);
    assert_eq!(
        (graded.text("/status"), graded.text("/identity/student_id")),
        ("GRADED".to_owned(), zoe)
    );
}

#[tokio::test]
async fn two_copies_that_are_said_to_be_one_pupils_at_once_have_one_answer() {
    let system = System::start().await;
    let admin = system.admin().await;
    import(&admin, LIST).await.expect(200);
    let exam = system.exam().await;
    let copies = copies(&system, &exam, 4).await;
    let zoe = pupil(&admin, "zoe").await;
    let asked = copies.iter().map(|copy| identify(&admin, copy, &zoe));
    let answers = futures::future::join_all(asked).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409]);
    assert_eq!(system.count("SELECT count(*) FROM grading.identities"), 1);
    let events = "SELECT count(*) FROM grading.grading_events WHERE action = 'IDENTIFY'";
    assert_eq!(system.count(events), 1);
}

#[tokio::test]
async fn what_is_done_to_one_copy_at_once_is_done_once() {
    let system = System::start().await;
    let admin = system.admin().await;
    import(&admin, LIST).await.expect(200);
    let exam = system.exam().await;
    let [copy, other] = copies(&system, &exam, 2).await.try_into().unwrap();
    let (zoe, paul) = (pupil(&admin, "zoe").await, pupil(&admin, "paul").await);
    let both = tokio::join!(identify(&admin, &copy, &zoe), identify(&admin, &copy, &paul));
    let mut statuses = [both.0.status, both.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(events(&admin, &copy, "IDENTIFY").await.len(), 1);
    admin
        .delete(&format!("/copies/{copy}/identity"))
        .await
        .expect(200);

    // Whoever comes second finds what the first did: the pages are one pupil's, and nobody has two copies.
    let merged = json!({"other_id": other});
    let merge = format!("/copies/{copy}/merge");
    let both = tokio::join!(admin.post(&merge, &merged), identify(&admin, &other, &zoe));
    both.0.expect(200);
    assert!([200, 404, 409].contains(&both.1.status), "{}", both.1.status);
    let known = admin.get(&format!("/copies/{copy}")).await.expect(200).json();
    assert_eq!(known["page_count"], 2);
    let identified = known.get("identity").is_some_and(Value::is_object);
    assert_eq!(identified, both.1.status == 200);
    let left =
        "SELECT count(*) FROM grading.identities JOIN grading.copies ON copies.id = copy_id WHERE discarded";
    assert_eq!(system.count(left), 0);
}

#[tokio::test]
async fn whose_copy_it_is_is_said_before_results_are_released_or_after() {
    let system = System::start().await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    import(&admin, LIST).await.expect(200);
    let exam = system.exam().await;
    let copy = copies(&system, &exam, 1).await.remove(0);
    graded(&system, &teacher, &copy).await;
    let zoe = pupil(&admin, "zoe").await;
    let release = format!("/exams/{exam}/release");
    let asked = json!({});
    let (identified, released) = tokio::join!(identify(&admin, &copy, &zoe), admin.post(&release, &asked));
    let nobodys = released.expect(201).json()["without_pupil"].clone();
    if identified.status == 200 {
        assert_eq!(nobodys, json!([]));
    } else {
        identified.expect_problem(409, "wrong_state");
        assert_eq!(nobodys, json!([copy]));
    }
}

#[tokio::test]
async fn a_copy_without_pages_and_one_that_is_not_there_are_refused() {
    let system = System::start().await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    import(&admin, LIST).await.expect(200);
    let exam = system.exam().await;
    let whole = copies(&system, &exam, 1).await.remove(0);
    let upload = Upload::new(&exam, corpus::truncated(), "no-document");
    let broken = teacher.upload(upload).await.expect(202).text("/copy_id");
    system.settle().await;
    let zoe = pupil(&admin, "zoe").await;
    identify(&admin, &broken, &zoe)
        .await
        .expect_problem(409, "no_pages");
    let image = |copy: &str| format!("/copies/{copy}/identity-image");
    admin.get(&image(&broken)).await.expect_problem(409, "no_pages");
    let nobody = "0197c000-0000-7000-8000-0000000000dd";
    admin.get(&image(nobody)).await.expect_problem(404, "not_found");
    for (copy, other) in [(&whole, &broken), (&broken, &whole)] {
        let merged = json!({"other_id": other});
        let refused = admin.post(&format!("/copies/{copy}/merge"), &merged).await;
        refused.expect_problem(409, "no_pages");
    }
    let student = format!("/students/{nobody}");
    for refused in [
        admin.get(&student).await,
        admin.patch(&student, &json!({"surname": "PERSONNE"})).await,
        admin
            .post(
                &format!("{student}/invite"),
                &json!({"login": "nobody@school.example"}),
            )
            .await,
        admin.delete(&student).await,
    ] {
        refused.expect_problem(404, "not_found");
    }
}

#[tokio::test]
async fn who_wrote_a_copy_is_shown_with_an_event_each_time() {
    let system = System::start().await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    let exam = system.exam().await;
    let copy = copies(&system, &exam, 1).await.remove(0);
    let path = format!("/copies/{copy}/identity-image");
    for _twice in 0..2 {
        let shown = admin.get(&path).await.expect(200);
        assert_eq!(shown.header("cache-control"), "private, no-store");
        assert!(shown.header("content-type").starts_with("image/"));
    }
    teacher.get(&path).await.expect_problem(403, "forbidden");
    let shown = events(&admin, &copy, "EXPORT").await;
    assert_eq!((shown.len(), &shown[0]["variant"]), (2, &json!("identity")));
    // While nothing can be recorded, nothing is shown.
    system
        .database
        .run("REVOKE INSERT ON grading.grading_events FROM korrigo_app");
    admin.get(&path).await.expect_problem(503, "unavailable");
}

#[tokio::test]
async fn an_exam_knows_the_classes_that_write_it() {
    let system = System::start().await;
    let admin = system.admin().await;
    let new = json!({"name": "Histoire", "date": "2026-06-17", "classes": ["1re B", "1re A", "1re B"]});
    let made = admin.post("/exams", &new).await.expect(201);
    assert_eq!(made.json()["classes"], json!(["1re A", "1re B"]));
    let path = format!("/exams/{}", made.text("/id"));
    let change = |classes: Value| {
        let change = admin.request(Method::PATCH, &path).json(&classes);
        change.header("If-Match", "\"0\"")
    };
    let refused = Client::send(change(json!({"classes": [""]}))).await;
    assert_eq!(
        refused.expect_problem(422, "invalid").text("/errors/0/pointer"),
        "/classes"
    );
    Client::send(change(json!({"classes": []}))).await.expect(200);
    let seen = admin.get(&path).await.expect(200).json();
    assert_eq!((&seen["classes"], &seen["version"]), (&json!([]), &json!(1)));
    let listed = admin.get("/exams").await.expect(200).json();
    assert_eq!(listed["items"][0]["classes"], json!([]));
}
