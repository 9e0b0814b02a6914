//! Several copies of one pupil become one.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Client, Reading, System, Upload, corpus};

use crate::office::{LIST, events, identify, import, pupil};

/// Imported copies of an exam with so many pages, in the order of their uploads.
async fn copies(system: &System, exam: &str, pages: &[u32]) -> Vec<String> {
    let teacher = system.teacher().await;
    let mut copies = Vec::new();
    for (number, pages) in pages.iter().enumerate() {
        let mut document = corpus::text(*pages);
        document.extend(format!("\n%% merged {number}\n").into_bytes());
        let key = format!("merged-{exam}-{number}");
        let accepted = teacher.upload(Upload::new(exam, document, &key)).await;
        copies.push(accepted.expect(202).text("/copy_id"));
    }
    system.settle().await;
    copies
}

async fn merge(client: &Client, copy: &str, other: &str) -> Answer {
    let other = json!({"other_id": other});
    client.post(&format!("/copies/{copy}/merge"), &other).await
}

async fn reorder(client: &Client, copy: &str, booklets: &[&Value]) -> Answer {
    let order = json!({"booklets": booklets});
    client.put(&format!("/copies/{copy}/booklets"), &order).await
}

async fn act(client: &Client, copy: &str, act: &str, status: u16) -> Answer {
    let path = format!("/copies/{copy}/{act}");
    client.post(&path, &json!({})).await.expect(status)
}

/// The tags of the images of all pages: each page of these documents looks different.
async fn images(client: &Client, copy: &str, pages: u32) -> Vec<String> {
    let mut tags = Vec::new();
    for page in 0..pages {
        let image = client.get(&format!("/copies/{copy}/pages/{page}")).await;
        tags.push(image.expect(200).header("etag").to_owned());
    }
    tags
}

/// How many pages each booklet of a copy has.
fn sizes(copy: &Value) -> Vec<u64> {
    let booklets = copy["booklets"].as_array().unwrap().iter();
    booklets
        .map(|booklet| booklet["pages"].as_u64().unwrap())
        .collect()
}

/// A teacher writes on the fifth page of a copy and finalizes it.
async fn corrected(system: &System, copy: &str) {
    let teacher = system.teacher().await;
    let token = act(&teacher, copy, "lock", 201).await.text("/token");
    let note = json!({
        "page_index": 4, "rectangle": {"x": 0.7, "y": 0.8, "w": 0.2, "h": 0.1}, "kind": "COMMENT", "text": "Bien vu.",
    });
    let held = |below: &str, key| {
        let request = teacher.request(Method::POST, &format!("/copies/{copy}/{below}"));
        request
            .header("Idempotency-Key", key)
            .header("X-Lock-Token", &token)
    };
    Client::send(held("annotations", "on-the-last-page").json(&note))
        .await
        .expect(201);
    Client::send(held("finalize", "merged")).await.expect(202);
    system.settle().await;
}

#[tokio::test]
async fn the_pages_of_a_pupil_that_came_in_two_files_are_corrected_as_one_copy() {
    let system = System::start().await;
    let admin = system.admin().await;
    import(&admin, LIST).await.expect(200);
    let exam = system.exam().await;
    let [kept, other] = copies(&system, &exam, &[2, 3]).await.try_into().unwrap();
    let zoe = pupil(&admin, "zoe").await;
    identify(&admin, &other, &zoe).await.expect(200);
    act(&admin, &other, "validate", 200).await;

    let merged = merge(&admin, &kept, &other).await.expect(200).json();
    assert_eq!(
        (&merged["status"], &merged["page_count"]),
        (&json!("STAGING"), &json!(5))
    );
    assert_eq!(merged["identity"]["student_id"], json!(zoe));
    assert_eq!(sizes(&merged), [2, 3]);
    admin
        .get(&format!("/copies/{other}"))
        .await
        .expect_problem(404, "not_found");
    let told = json!({"other_id": other, "part": "kept", "booklets": 1, "pages": 3});
    assert_eq!(events(&admin, &kept, "MERGE").await, [told]);
    let identified = json!({"student_id": zoe, "method": "MANUAL", "undone": false});
    assert_eq!(events(&admin, &kept, "IDENTIFY").await, [identified]);
    let query = format!(
        "SELECT action || ' ' || coalesce(metadata->>'part', metadata->>'undone', '') FROM grading.grading_events
         WHERE copy_id = '{other}' ORDER BY seq DESC LIMIT 2"
    );
    assert_eq!(system.database.texts(&query), ["MERGE emptied", "IDENTIFY true"]);

    let before = images(&admin, &kept, 5).await;
    let [first, second] = [0, 1].map(|place: usize| &merged["booklets"][place]["id"]);
    for _twice in 0..2 {
        let turned = reorder(&admin, &kept, &[second, first]).await.expect(200).json();
        assert_eq!(sizes(&turned), [3, 2]);
    }
    let order = [2, 3, 4, 0, 1].map(|place: usize| before[place].clone());
    assert_eq!(images(&admin, &kept, 5).await, order);
    assert_eq!(
        events(&admin, &kept, "REORDER").await,
        [json!({"booklets": 2, "pages": 5, "order": [1, 0]})]
    );

    act(&admin, &kept, "validate", 200).await;
    corrected(&system, &kept).await;
    let document = admin.get(&format!("/copies/{kept}/final.pdf")).await.expect(200);
    let read = Reading::of(&document.body);
    assert_eq!(read.pages, 6);
    let lines = ["Page 1, line 1 ", "Page 2, line 1 ", "Page 3, line 1 "];
    let places: Vec<Vec<usize>> = lines
        .iter()
        .map(|line| read.text.match_indices(line).map(|(place, _)| place).collect())
        .collect();
    // Three pages of the one file, then two of the other.
    assert_eq!(places.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    assert!(places[2][0] < places[0][1] && places[0][1] < places[1][1]);
    // What was graded is merged with nothing any more.
    reorder(&admin, &kept, &[first, second])
        .await
        .expect_problem(409, "wrong_state");
}

#[tokio::test]
async fn what_is_no_other_copy_of_the_exam_is_refused() {
    let system = System::start().await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    let exam = system.exam().await;
    let [one, two] = copies(&system, &exam, &[1, 1]).await.try_into().unwrap();
    let elsewhere = system.exam().await;
    let foreign = copies(&system, &elsewhere, &[1]).await.remove(0);

    for (other, code) in [
        (one.as_str(), "doubled"),
        (&foreign, "unknown_reference"),
        ("0197c000-0000-7000-8000-0000000000dd", "unknown_reference"),
        ("all", "malformed"),
    ] {
        let refused = merge(&admin, &one, other).await.expect_problem(422, "invalid");
        assert_eq!(refused.text("/errors/0/pointer"), "/other_id");
        assert_eq!(refused.text("/errors/0/code"), code);
    }
    merge(&teacher, &one, &two).await.expect_problem(403, "forbidden");
    let stale = admin.request(Method::POST, &format!("/copies/{one}/merge"));
    let stale = stale.header("If-Match", "\"7\"").json(&json!({"other_id": two}));
    Client::send(stale).await.expect_problem(412, "stale_version");
}

#[tokio::test]
async fn what_cannot_be_one_copy_is_refused_and_stays() {
    let system = System::start().await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    import(&admin, LIST).await.expect(200);
    let exam = system.exam().await;
    let [one, two, three, four] = copies(&system, &exam, &[1, 1, 1, 1]).await.try_into().unwrap();
    // Of two pupils.
    for (copy, name) in [(&one, "zoe"), (&two, "paul")] {
        let pupil = pupil(&admin, name).await;
        identify(&admin, copy, &pupil).await.expect(200);
    }
    merge(&admin, &one, &two).await.expect_problem(409, "wrong_state");
    // Checked and unchecked; locked; begun.
    act(&admin, &one, "validate", 200).await;
    merge(&admin, &one, &three)
        .await
        .expect_problem(409, "wrong_state");
    act(&admin, &three, "validate", 200).await;
    let token = act(&teacher, &three, "lock", 201).await.text("/token");
    merge(&admin, &one, &three)
        .await
        .expect_problem(409, "wrong_state");
    let draft = json!({"client_id": "window", "version": 0, "payload": {"note": "?"}});
    let path = format!("/copies/{three}/draft");
    teacher.put(&path, &draft).await.expect(200);
    let give_back = teacher.request(Method::DELETE, &format!("/copies/{three}/lock"));
    Client::send(give_back.header("X-Lock-Token", &token))
        .await
        .expect(204);
    merge(&admin, &one, &three)
        .await
        .expect_problem(409, "wrong_state");
    teacher.delete(&path).await.expect(204);
    merge(&admin, &one, &three).await.expect(200);
    // Put aside.
    let discard = json!({"reason": "bad_scan"});
    let path = format!("/copies/{four}/discard");
    admin.post(&path, &discard).await.expect(200);
    merge(&admin, &two, &four).await.expect_problem(422, "invalid");
    merge(&admin, &four, &two).await.expect_problem(404, "not_found");

    let seen = admin.get(&format!("/copies/{one}")).await.expect(200).json();
    let [first, second] = [0, 1].map(|place: usize| &seen["booklets"][place]["id"]);
    let stranger = json!("0197c000-0000-7000-8000-0000000000dd");
    for order in [
        &[first][..],
        &[first, first],
        &[first, &stranger],
        &[first, second, second],
    ] {
        let refused = reorder(&admin, &one, order).await.expect_problem(422, "invalid");
        assert_eq!(refused.text("/errors/0/pointer"), "/booklets");
    }
    reorder(&teacher, &one, &[second, first])
        .await
        .expect_problem(403, "forbidden");
}

#[tokio::test]
async fn what_somebody_has_begun_is_neither_merged_nor_put_into_another_order() {
    let system = System::start().await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    let exam = system.exam().await;
    let scheme = json!({"questions": [{"id": "1", "label": "Tout", "max_points": "20"}]});
    let path = format!("/exams/{exam}/marking-scheme");
    let seen = admin.get(&format!("/exams/{exam}")).await.expect(200);
    let request = admin.request(Method::PUT, &path).json(&scheme);
    Client::send(request.header("If-Match", seen.header("etag")))
        .await
        .expect(200);
    let note = json!({
        "page_index": 0, "rectangle": {"x": 0.7, "y": 0.8, "w": 0.2, "h": 0.1}, "kind": "COMMENT", "text": "Bien vu.",
    });
    let begun = [
        (Method::POST, "annotations", note),
        (Method::PUT, "scores/1", json!({"points": "7"})),
        (Method::PUT, "remarks/1", json!({"text": "Bien."})),
        (Method::PUT, "appreciation", json!({"text": "Bien."})),
        (Method::POST, "finalize", Value::Null),
    ];
    let sizes: Vec<u32> = std::iter::repeat_n(1, 2 * begun.len() + 1).collect();
    let mut all = copies(&system, &exam, &sizes).await;
    let other = all.pop().unwrap();
    act(&admin, &other, "validate", 200).await;
    for (pair, (method, below, body)) in all.chunks(2).zip(begun) {
        let (copy, second) = (&pair[0], &pair[1]);
        merge(&admin, copy, second).await.expect(200);
        act(&admin, copy, "validate", 200).await;
        let token = act(&teacher, copy, "lock", 201).await.text("/token");
        let held = |method, below: &str| {
            let request = teacher.request(method, &format!("/copies/{copy}/{below}"));
            request
                .header("Idempotency-Key", below)
                .header("X-Lock-Token", &token)
        };
        let answer = Client::send(held(method, below).json(&body)).await;
        assert!(answer.status < 300, "{below}: {}", answer.status);
        if below == "finalize" {
            system.settle().await;
            let reason = json!({"reason": "marking_error"});
            admin
                .post(&format!("/copies/{copy}/reopen"), &reason)
                .await
                .expect(200);
        } else {
            Client::send(held(Method::DELETE, "lock")).await.expect(204);
        }
        let seen = admin.get(&format!("/copies/{copy}")).await.expect(200).json();
        assert_eq!(seen["status"], "READY", "{below}");
        let [first, second] = [0, 1].map(|place: usize| &seen["booklets"][place]["id"]);
        for refused in [
            merge(&admin, copy, &other).await,
            merge(&admin, &other, copy).await,
            reorder(&admin, copy, &[second, first]).await,
        ] {
            refused.expect_problem(409, "wrong_state");
        }
    }
}

#[tokio::test]
async fn two_who_put_booklets_into_another_order_at_once_leave_them_in_one() {
    let system = System::start().await;
    let admin = system.admin().await;
    let exam = system.exam().await;
    let [copy, second, third] = copies(&system, &exam, &[1, 2, 3]).await.try_into().unwrap();
    for other in [second, third] {
        merge(&admin, &copy, &other).await.expect(200);
    }
    let path = format!("/copies/{copy}");
    let seen = admin.get(&path).await.expect(200);
    let [one, two, three] = [0, 1, 2].map(|place: usize| seen.json()["booklets"][place]["id"].clone());
    let orders = [[&three, &two, &one], [&two, &three, &one]];
    let asked = orders.iter().map(|order| {
        let request = admin.request(Method::PUT, &format!("{path}/booklets"));
        let request = request.header("If-Match", seen.header("etag"));
        Client::send(request.json(&json!({"booklets": order})))
    });
    let mut statuses: Vec<u16> = futures::future::join_all(asked)
        .await
        .iter()
        .map(|answer| answer.status)
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    let now = sizes(&admin.get(&path).await.expect(200).json());
    let told = events(&admin, &copy, "REORDER").await;
    let order = if now == [3, 2, 1] { [2, 1, 0] } else { [1, 2, 0] };
    assert_eq!(told, [json!({"booklets": 3, "pages": 6, "order": order})]);
}

#[tokio::test]
async fn copies_that_are_merged_both_ways_at_once_become_one() {
    let system = System::start().await;
    let admin = system.admin().await;
    let exam = system.exam().await;
    let [one, two] = copies(&system, &exam, &[1, 2]).await.try_into().unwrap();
    let asked = [(&one, &two), (&two, &one), (&one, &two), (&two, &one)];
    let asked = asked.map(|(copy, other)| merge(&admin, copy, other));
    let answers = futures::future::join_all(asked).await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 1);
    let refused = answers
        .iter()
        .filter(|answer| [404, 409, 422].contains(&answer.status));
    assert_eq!(refused.count(), 3);
    let there = "SELECT count(*) FROM grading.copies WHERE NOT discarded AND page_count = 3";
    assert_eq!(system.count(there), 1);
    let events = "SELECT count(*) FROM grading.grading_events WHERE action = 'MERGE'";
    assert_eq!(system.count(events), 2);
}

#[tokio::test]
async fn a_merged_copy_is_put_aside_as_a_whole_and_its_files_may_come_again() {
    let system = System::start().await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    let exam = system.exam().await;
    let [one, two] = copies(&system, &exam, &[1, 2]).await.try_into().unwrap();
    merge(&admin, &one, &two).await.expect(200);
    let mut document = corpus::text(2);
    document.extend(b"\n%% merged 1\n");
    let again = |key| teacher.upload(Upload::new(&exam, document.clone(), key));
    again("too-early").await.expect_problem(409, "duplicate_source");
    let discard = json!({"reason": "bad_scan"});
    let path = format!("/copies/{one}/discard");
    admin.post(&path, &discard).await.expect(200);
    again("again").await.expect(202);
    system.settle().await;
}

#[tokio::test]
async fn a_scan_that_is_put_aside_leaves_copies_that_have_pages_of_something_else() {
    let system = System::start().await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    let exam = system.exam().await;
    let path = format!("/exams/{exam}");
    let seen = admin.get(&path).await.expect(200);
    let change = admin.request(Method::PATCH, &path);
    let change = change.header("If-Match", seen.header("etag"));
    Client::send(change.json(&json!({"pages_per_copy": 1})))
        .await
        .expect(200);
    let alone = copies(&system, &exam, &[1]).await.remove(0);
    let scan = Upload::new(&exam, corpus::scan(4, 1), "a-scan");
    let batch = teacher.upload_batch(scan).await.expect(202).text("/batch_id");
    system.settle().await;
    let path = format!("/batches/{batch}");
    let found = admin.get(&path).await.expect(200);
    let [first, second, third, fourth] =
        [0, 1, 2, 3].map(|place| found.text(&format!("/copies/{place}/copy_id")));
    merge(&admin, &alone, &first).await.expect(200);
    merge(&admin, &second, &fourth).await.expect(200);
    let found = admin.get(&path).await.expect(200).json();
    let shares = found["copies"].as_array().unwrap().iter();
    let shares = shares.map(|copy| {
        (
            copy["copy_id"].as_str().unwrap(),
            copy["pieces"].as_array().unwrap().len(),
        )
    });
    assert_eq!(
        shares.collect::<Vec<_>>(),
        [(alone.as_str(), 1), (&second, 2), (&third, 1)]
    );
    let discard = json!({"reason": "bad_scan"});
    let discarded = admin
        .post(&format!("{path}/discard"), &discard)
        .await
        .expect(200)
        .json();
    let refused = json!([{"copy_id": alone, "code": "wrong_state"}]);
    assert_eq!(
        (&discarded["discarded"], &discarded["refused"]),
        (&json!(2), &refused)
    );
    admin.get(&format!("/copies/{alone}")).await.expect(200);
}
