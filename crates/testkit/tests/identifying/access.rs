//! Pupils are found, changed, and given access.

use reqwest::Method;
use serde_json::json;
use testkit::{Client, System};

use crate::office::{LIST, copies, find, identify, import, pupil};

const PASSWORD: &str = "le phare au bout du chemin";

#[tokio::test]
async fn pupils_are_listed_by_name_searched_and_changed() {
    let system = System::start().await;
    let admin = system.admin().await;
    import(&admin, LIST).await.expect(200);
    let first = admin.get("/students?limit=2").await.expect(200);
    let rest = format!("/students?limit=2&cursor={}", first.text("/next_cursor"));
    let rest = admin.get(&rest).await.expect(200).json();
    assert_eq!(first.text("/items/0/surname"), "DURAND");
    assert_eq!(
        (&rest["items"][0]["surname"], &rest["next_cursor"]),
        (&json!("MARTIN"), &json!(null))
    );
    for (search, count) in [
        ("DUR anne", 1),
        ("sophie", 1),
        ("lecu", 1),
        ("urand", 0),
        ("1re b", 2),
    ] {
        assert_eq!(find(&admin, &[("search", search)]).await.len(), count, "{search}");
    }
    assert_eq!(find(&admin, &[("class", "1re B")]).await.len(), 2);
    let long = format!("/students?search={}", "a".repeat(201));
    admin.get(&long).await.expect_problem(422, "invalid");

    let path = format!("/students/{}", pupil(&admin, "martin").await);
    let change = json!({"surname": "Martin-Dubois", "class": null, "birth_date": "2008-12-30"});
    let changed = admin.patch(&path, &change).await.expect(200).json();
    assert_eq!(changed, admin.get(&path).await.expect(200).json());
    assert_eq!(
        (&changed["surname"], &changed["class"], &changed["number"]),
        (&json!("Martin-Dubois"), &json!(null), &json!("070803"))
    );
    assert_eq!(find(&admin, &[("search", "dubois")]).await.len(), 1);
    for (change, pointer) in [
        (json!({"number": "070801"}), "/number"),
        (json!({"birth_date": "30/12/2008"}), "/birth_date"),
        (json!({"surname": " "}), "/surname"),
        (
            json!({"surname": "Lécuyer", "given_names": "Zoe", "birth_date": "2009-03-01"}),
            "/surname",
        ),
    ] {
        let refused = admin.patch(&path, &change).await.expect_problem(422, "invalid");
        assert_eq!(refused.text("/errors/0/pointer"), pointer);
    }
}

#[tokio::test]
async fn a_pupil_who_was_invited_gets_their_own_document_once_results_are_released() {
    let system = System::start().await;
    let (admin, anybody) = (system.admin().await, system.client());
    import(&admin, LIST).await.expect(200);
    let student = pupil(&admin, "zoe").await;
    let path = format!("/students/{student}/invite");
    for login in ["", " "] {
        let refused = admin.post(&path, &json!({"login": login})).await;
        assert_eq!(
            refused.expect_problem(422, "invalid").text("/errors/0/pointer"),
            "/login"
        );
    }
    let taken = admin
        .post(&path, &json!({"login": "teacher@school.example"}))
        .await;
    assert_eq!(
        taken.expect_problem(422, "invalid").text("/errors/0/code"),
        "taken"
    );
    let first = admin
        .post(&path, &json!({"login": "zoe@school.example"}))
        .await
        .expect(201);
    assert_eq!(
        (first.text("/user/role"), first.text("/user/display_name")),
        ("STUDENT".to_owned(), "LÉCUYER Zoé".to_owned())
    );
    let other = admin.post(&path, &json!({"login": "other@school.example"})).await;
    other.expect_problem(422, "invalid");
    let second = admin.post(&path, &json!({})).await.expect(201);
    assert_eq!(first.text("/user/id"), second.text("/user/id"));
    let accept = |token: String| json!({"token": token, "password": PASSWORD});
    let (old, new) = (first.text("/invitation/token"), second.text("/invitation/token"));
    anybody
        .post("/session/invitation", &accept(old))
        .await
        .expect_problem(404, "not_found");
    anybody
        .post("/session/invitation", &accept(new))
        .await
        .expect(204);
    let login = json!({"login": "Zoe@school.example", "password": PASSWORD});
    let session = anybody.post("/session", &login).await.expect(201);
    let zoe = anybody.holding(&session.text("/token"));

    let exam = system.exam().await;
    let [copy, other] = copies(&system, &exam, 2).await.try_into().unwrap();
    identify(&admin, &copy, &student).await.expect(200);
    let document = |copy: &str| format!("/copies/{copy}/final.pdf");
    grade(&system, &copy).await;
    zoe.get(&document(&copy)).await.expect_problem(404, "not_found");
    let release = admin.request(Method::POST, &format!("/exams/{exam}/release"));
    Client::send(release.header("Idempotency-Key", "released-once"))
        .await
        .expect(201);
    zoe.get(&document(&copy)).await.expect(200);
    zoe.get(&document(&other)).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn who_is_called_otherwise_has_access_under_that_name() {
    let system = System::start().await;
    let admin = system.admin().await;
    import(&admin, LIST).await.expect(200);
    let path = format!("/students/{}", pupil(&admin, "zoe").await);
    let login = json!({"login": "zoe@school.example"});
    let invited = admin.post(&format!("{path}/invite"), &login).await.expect(201);
    let access = format!("/users/{}", invited.text("/user/id"));
    let name = async || admin.get(&access).await.expect(200).text("/display_name");
    let changed = json!({"surname": "Lécuyer-Roy"});
    admin.patch(&path, &changed).await.expect(200);
    assert_eq!(name().await, "Lécuyer-Roy Zoé");
    import(&admin, LIST).await.expect(200);
    assert_eq!(name().await, "LÉCUYER Zoé");
}

/// Corrects the copy without a mark, down to its document.
async fn grade(system: &System, copy: &str) {
    let teacher = system.teacher().await;
    let path = format!("/copies/{copy}");
    teacher
        .post(&format!("{path}/validate"), &json!({}))
        .await
        .expect(200);
    let lock = teacher
        .post(&format!("{path}/lock"), &json!({}))
        .await
        .expect(201);
    let finalize = teacher
        .request(Method::POST, &format!("{path}/finalize"))
        .header("X-Lock-Token", lock.text("/token"))
        .header("Idempotency-Key", "graded-once");
    Client::send(finalize).await.expect(202);
    system.settle().await;
}
