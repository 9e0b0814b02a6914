//! People come, choose passwords, log in, guess, and are shut out.

#![expect(
    clippy::tests_outside_test_module,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Client, System};

const TEACHER: &str = "teacher@school.example";
const PASSWORD: &str = "correct horse battery staple";
const OTHER_PASSWORD: &str = "le phare au bout du chemin";

async fn log_in(client: &Client, login: &str, password: &str) -> Answer {
    client
        .post("/session", &json!({"login": login, "password": password}))
        .await
}

/// A login that says that it comes from elsewhere.
async fn log_in_from(client: &Client, address: &str, login: &str) -> Answer {
    let body = json!({"login": login, "password": "a wrong password"});
    let request = client.request(Method::POST, "/session").json(&body);
    Client::send(request.header("X-Forwarded-For", address)).await
}

async fn accept(client: &Client, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "password": password});
    client.post("/session/invitation", &body).await
}

fn newcomer() -> Value {
    json!({"login": "Dominique@School.example", "display_name": "Dominique Exemple", "role": "TEACHER"})
}

#[tokio::test]
async fn a_person_is_made_invited_and_let_in_once() {
    let system = System::start().await;
    let (admin, anybody) = (system.admin().await, system.client());
    let made = admin.post("/users", &newcomer()).await.expect(201);
    let (person, token) = (made.header("location").to_owned(), made.text("/invitation/token"));
    let path = person.trim_start_matches("/api/v1");
    let twin = admin
        .post("/users", &newcomer())
        .await
        .expect_problem(422, "invalid");
    assert_eq!(twin.text("/errors/0/code"), "taken");
    assert!(admin.get(path).await.expect(200).json()["invited"] == true);
    log_in(&anybody, "dominique@school.example", PASSWORD)
        .await
        .expect_problem(401, "bad_credentials");

    for (password, code) in [
        ("short", "too_short"),
        ("dominiqueexemple", "too_personal"),
        ("MotDePasse2026!", "too_common"),
    ] {
        let weak = accept(&anybody, &token, password)
            .await
            .expect_problem(422, "invalid");
        assert_eq!(
            (weak.text("/errors/0/pointer"), weak.text("/errors/0/code")),
            ("/password".into(), code.into())
        );
    }
    accept(&anybody, &token, OTHER_PASSWORD).await.expect(204);
    accept(&anybody, &token, PASSWORD)
        .await
        .expect_problem(404, "not_found");
    let session = log_in(&anybody, "dominique@school.example", OTHER_PASSWORD)
        .await
        .expect(201);
    assert_eq!(session.text("/user/role"), "TEACHER");
    let listed = admin
        .get("/users?role=TEACHER&limit=100")
        .await
        .expect(200)
        .json();
    let found = listed["items"].as_array().and_then(|items| {
        items
            .iter()
            .find(|item| item["login"] == "Dominique@School.example")
            .cloned()
    });
    assert!(found.is_some_and(|person| person["invited"] == false && person["disabled"] == false));
}

#[tokio::test]
async fn an_expired_or_replaced_invitation_invites_nobody() {
    let system = System::start().await;
    let (admin, anybody) = (system.admin().await, system.client());
    let path = format!("/users/{}/invitation", system.teacher_id());
    let first = admin.post(&path, &json!({})).await.expect(201).text("/token");
    let second = admin.post(&path, &json!({})).await.expect(201).text("/token");
    accept(&anybody, &first, OTHER_PASSWORD)
        .await
        .expect_problem(404, "not_found");
    system.database.run(
        "UPDATE grading.invitations SET created_at = now() - interval '8 days', expires_at = now() - interval '1 s'",
    );
    accept(&anybody, &second, OTHER_PASSWORD)
        .await
        .expect_problem(404, "not_found");
    log_in(&anybody, TEACHER, PASSWORD).await.expect(201);

    let third = admin.post(&path, &json!({})).await.expect(201).text("/token");
    let teacher = system.teacher().await;
    accept(&anybody, &third, OTHER_PASSWORD).await.expect(204);
    teacher
        .get("/session")
        .await
        .expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn only_administrators_manage_people_and_none_shuts_themselves_out() {
    let system = System::start().await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    let person = format!("/users/{}", system.teacher_id());
    teacher.get("/users").await.expect_problem(403, "forbidden");
    teacher.get(&person).await.expect_problem(403, "forbidden");
    teacher
        .patch(&person, &json!({"role": "ADMIN"}))
        .await
        .expect_problem(403, "forbidden");
    let me = admin.get("/session").await.expect(200).text("/user/id");
    for (change, pointer) in [
        (json!({"disabled": true}), "/disabled"),
        (json!({"role": "STUDENT"}), "/role"),
    ] {
        let refused = admin.patch(&format!("/users/{me}"), &change).await;
        let refused = refused.expect_problem(422, "invalid");
        assert_eq!(
            (refused.text("/errors/0/pointer"), refused.text("/errors/0/code")),
            (pointer.into(), "yourself".into())
        );
    }
    let promoted = admin
        .patch(
            &person,
            &json!({"role": "ADMIN", "display_name": "Maxime Exemple"}),
        )
        .await;
    assert_eq!(promoted.expect(200).text("/display_name"), "Maxime Exemple");
    teacher.get("/users").await.expect(200);
}

#[tokio::test]
async fn whoever_is_disabled_is_out_at_once_and_stays_out() {
    let system = System::start().await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    let person = format!("/users/{}", system.teacher_id());
    let invitation = admin.post(&format!("{person}/invitation"), &json!({})).await;
    let invitation = invitation.expect(201).text("/token");
    teacher.get("/session").await.expect(200);
    admin.patch(&person, &json!({"disabled": true})).await.expect(200);
    teacher
        .get("/session")
        .await
        .expect_problem(401, "unauthenticated");
    log_in(&system.client(), TEACHER, PASSWORD)
        .await
        .expect_problem(401, "bad_credentials");
    accept(&system.client(), &invitation, OTHER_PASSWORD)
        .await
        .expect_problem(404, "not_found");
    admin
        .patch(&person, &json!({"disabled": false}))
        .await
        .expect(200);
    teacher
        .get("/session")
        .await
        .expect_problem(401, "unauthenticated");
    log_in(&system.client(), TEACHER, PASSWORD).await.expect(201);
}

#[tokio::test]
async fn a_new_password_ends_every_session_of_the_person_and_no_other() {
    let system = System::start().await;
    let (here, elsewhere, stranger) = (
        system.teacher().await,
        system.teacher().await,
        system.stranger().await,
    );
    let change = |current: &'static str, new: &'static str| {
        let here = &here;
        async move {
            let body = json!({"current": current, "new": new});
            here.post("/session/password", &body).await
        }
    };
    change("not the password", OTHER_PASSWORD)
        .await
        .expect_problem(401, "bad_credentials");
    let same = change(PASSWORD, PASSWORD).await.expect_problem(422, "invalid");
    assert_eq!(same.text("/errors/0/code"), "unchanged");
    let weak = change(PASSWORD, "azertyuiop2026")
        .await
        .expect_problem(422, "invalid");
    assert_eq!(
        (weak.text("/errors/0/pointer"), weak.text("/errors/0/code")),
        ("/new".into(), "too_common".into())
    );
    elsewhere.get("/session").await.expect(200);

    change(PASSWORD, OTHER_PASSWORD).await.expect(204);
    for dead in [&here, &elsewhere] {
        dead.get("/session").await.expect_problem(401, "unauthenticated");
    }
    stranger.get("/session").await.expect(200);
    log_in(&system.client(), TEACHER, PASSWORD)
        .await
        .expect_problem(401, "bad_credentials");
    let token = log_in(&system.client(), TEACHER, OTHER_PASSWORD)
        .await
        .expect(201)
        .text("/token");
    let user = system.client().holding(&token).get("/session").await.expect(200);
    assert_eq!(user.json()["user"]["must_change_password"], false);
}

#[tokio::test]
async fn whoever_fails_too_often_waits_and_an_unknown_login_shows_nothing_else() {
    let system = System::builder()
        .setting("KORRIGO_LOGIN_FAILURES", "2")
        .start()
        .await;
    let client = system.client();
    let mut stories = Vec::new();
    for login in [TEACHER, "nobody@school.example"] {
        let mut story = Vec::new();
        for _ in 0..4 {
            let answer = log_in(&client, login, "a wrong password").await;
            let wait: u32 = answer.header("retry-after").parse().unwrap_or(0);
            assert!(wait <= 31, "{wait}");
            story.push((
                answer.status,
                answer.text("/code"),
                answer.text("/detail"),
                wait > 0,
            ));
        }
        stories.push(story);
    }
    assert_eq!(stories[0], stories[1]);
    let statuses: Vec<u16> = stories[0].iter().map(|(status, ..)| *status).collect();
    assert_eq!(statuses, [401, 401, 401, 429]);

    // Not even the right password is heard, and others are not concerned.
    log_in(&client, TEACHER, PASSWORD)
        .await
        .expect_problem(429, "slow_down");
    system.stranger().await;
    let over = "UPDATE grading.throttles SET blocked_until = now() - interval '1 s'";
    system.database.run(over);
    log_in(&client, TEACHER, PASSWORD).await.expect(201);
    let left = "SELECT count(*) FROM grading.throttles WHERE scope = 'account'";
    assert_eq!(
        system.count(left),
        1,
        "a success clears the failures of its account only"
    );
}

#[tokio::test]
async fn guesses_at_the_current_password_are_throttled_like_logins() {
    let system = System::builder()
        .setting("KORRIGO_LOGIN_FAILURES", "2")
        .start()
        .await;
    let teacher = system.teacher().await;
    let guess = json!({"current": "a wrong password", "new": OTHER_PASSWORD});
    for expected in [401, 401, 401, 429] {
        teacher.post("/session/password", &guess).await.expect(expected);
    }
    let admin = system.admin().await;
    let path = format!("/users/{}/invitation", system.teacher_id());
    let token = admin.post(&path, &json!({})).await.expect(201).text("/token");
    accept(&system.client(), &token, OTHER_PASSWORD).await.expect(204);
    log_in(&system.client(), TEACHER, OTHER_PASSWORD)
        .await
        .expect(201);
}

#[tokio::test]
async fn a_header_that_nobody_trusts_does_not_hide_where_guesses_come_from() {
    let system = System::builder()
        .setting("KORRIGO_ADDRESS_FAILURES", "3")
        .start()
        .await;
    let client = system.client();
    for (attempt, expected) in [401, 401, 401, 401, 429].into_iter().enumerate() {
        let (address, login) = (format!("198.51.100.{attempt}"), format!("login{attempt}"));
        log_in_from(&client, &address, &login).await.expect(expected);
    }
    // An unknown invitation is a guess too.
    accept(&client, "a token of nobody", PASSWORD)
        .await
        .expect_problem(429, "slow_down");
    system
        .database
        .run("UPDATE grading.throttles SET begun_at = now() - interval '1 day', blocked_until = NULL");
    for expected in [404, 404, 404, 404, 429] {
        accept(&client, "a token of nobody", PASSWORD)
            .await
            .expect(expected);
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_is_counted_for_itself() {
    let system = System::builder()
        .setting("KORRIGO_ADDRESS_FAILURES", "2")
        .setting("KORRIGO_TRUSTED_PROXIES", "127.0.0.0/8")
        .start()
        .await;
    let client = system.client();
    for expected in [401, 401, 401, 429] {
        // What the client writes itself stands to the left.
        log_in_from(&client, "203.0.113.1, 198.51.100.1", "nobody")
            .await
            .expect(expected);
    }
    log_in_from(&client, "198.51.100.2", "somebody").await.expect(401);
    let plain = "SELECT count(*) FROM grading.throttles WHERE encode(key, 'escape') LIKE '%198.51%'";
    assert_eq!(system.count(plain), 0);
}

#[tokio::test]
async fn refusals_speak_french_and_english() {
    let system = System::builder()
        .setting("KORRIGO_LOGIN_FAILURES", "1")
        .start()
        .await;
    let client = system.client();
    let attempt = |language: &'static str| {
        let body = json!({"login": TEACHER, "password": "a wrong password"});
        let request = client.request(Method::POST, "/session").json(&body);
        Client::send(request.header("Accept-Language", language))
    };
    let expected = [
        ("fr", 401, "L'identifiant ou le mot de passe est incorrect."),
        ("en", 401, "The login or the password is wrong."),
        (
            "fr",
            429,
            "Trop de requêtes ; attendez le temps indiqué par Retry-After.",
        ),
        ("en", 429, "Too many requests; wait as long as Retry-After says."),
    ];
    for (language, status, sentence) in expected {
        let answer = attempt(language).await.expect(status);
        assert_eq!(answer.text("/detail"), sentence);
        assert_eq!(answer.header("content-language"), language);
    }
}

#[tokio::test]
async fn nothing_about_people_reaches_the_logs() {
    let system = System::start().await;
    let admin = system.admin().await;
    let made = admin.post("/users", &newcomer()).await.expect(201);
    let token = made.text("/invitation/token");
    accept(&system.client(), &token, OTHER_PASSWORD).await.expect(204);
    log_in(&system.client(), "dominique@school.example", "a wrong password")
        .await
        .expect(401);
    let id = made.text("/user/id");
    admin
        .patch(&format!("/users/{id}"), &json!({"disabled": true}))
        .await
        .expect(200);
    for event in [
        "user.created",
        "user.invitation_accepted",
        "session.refused",
        "user.updated",
        "user.disabled",
    ] {
        system.logged(event).await;
    }
    let lines = system.log_lines();
    let text = lines
        .iter()
        .map(Value::to_string)
        .collect::<String>()
        .to_lowercase();
    for personal in [
        "dominique",
        &token,
        OTHER_PASSWORD,
        "a wrong password",
        "127.0.0.1",
    ] {
        assert!(!text.contains(personal), "{personal}");
    }
}
