//! Logging in and out, and how a request proves who sends it.

use contracts::{Code, Problem};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::gateway::{Answer, Gateway};
use crate::peer::{ADMIN, TEACHER};

fn login(gateway: &Gateway, password: &str) -> RequestBuilder {
    gateway
        .request(Method::POST, "/api/v1/session")
        .json(&json!({"login": "admin", "password": password}))
}

fn cookie() -> String {
    format!("__Host-korrigo_session={ADMIN}")
}

#[tokio::test]
async fn a_login_answers_a_token_and_sets_it_as_a_guarded_cookie() {
    let gateway = Gateway::start().await;
    let answer = Answer::of(login(&gateway, "correct horse")).await;
    assert_eq!(answer.status, 201);
    let set = answer.header("set-cookie");
    assert_eq!(
        set,
        format!("__Host-korrigo_session={ADMIN}; HttpOnly; SameSite=Strict; Secure; Path=/")
    );
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "expires_at": "2026-06-15T08:30:00.000000Z",
      "token": "token-of-the-administrator",
      "user": {
        "display_name": "Camille Exemple",
        "id": "0197c000-0000-7000-8000-0000000000aa",
        "must_change_password": false,
        "role": "ADMIN"
      }
    }
    "#);
}

#[tokio::test]
async fn without_tls_the_cookie_has_a_name_that_browsers_take() {
    let gateway = Gateway::start_with(&["--insecure-cookies"]).await;
    let answer = Answer::of(login(&gateway, "correct horse")).await;
    assert_eq!(
        answer.header("set-cookie"),
        format!("korrigo_session={ADMIN}; HttpOnly; SameSite=Strict; Path=/")
    );
    assert_eq!(answer.header("strict-transport-security"), "");
    let current = gateway
        .request(Method::GET, "/api/v1/session")
        .header("cookie", format!("korrigo_session={ADMIN}"));
    assert_eq!(Answer::of(current).await.status, 200);
}

#[tokio::test]
async fn a_refused_login_says_nothing_more() {
    let gateway = Gateway::start().await;
    let answer = Answer::of(login(&gateway, "hunter2")).await;
    answer.assert_refused(401, "bad_credentials");
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    assert!(!answer.text().contains("hunter2"));
}

#[tokio::test]
async fn too_many_logins_are_told_when_to_come_back() {
    let gateway = Gateway::start().await;
    let slow_down = Problem::of(Code::SlowDown).with("retry_after_seconds", "42".to_owned());
    gateway.peer.known.refuse("open", slow_down);
    let answer = Answer::of(login(&gateway, "correct horse")).await;
    answer.assert_refused(429, "slow_down");
    assert_eq!(answer.header("retry-after"), "42");
}

#[tokio::test]
async fn a_session_is_proven_by_bearer_or_cookie_and_the_bearer_wins() {
    let gateway = Gateway::start().await;
    let current = || gateway.request(Method::GET, "/api/v1/session");
    Answer::of(current()).await.assert_refused(401, "unauthenticated");
    Answer::of(current().header("authorization", "Basic YTpi"))
        .await
        .assert_refused(401, "unauthenticated");
    Answer::of(current().bearer_auth("some other token"))
        .await
        .assert_refused(401, "unauthenticated");
    Answer::of(current().bearer_auth("ended"))
        .await
        .assert_refused(401, "unauthenticated");
    let by_cookie = Answer::of(current().header("cookie", cookie())).await;
    assert_eq!(by_cookie.json()["user"]["role"], "ADMIN");
    let both = Answer::of(current().header("cookie", cookie()).bearer_auth(TEACHER)).await;
    assert_eq!(both.json()["user"]["role"], "TEACHER");
}

#[tokio::test]
async fn a_cookie_changes_something_only_from_our_own_pages() {
    let gateway = Gateway::start().await;
    let create = || {
        let request = gateway
            .request(Method::POST, "/api/v1/exams")
            .header("cookie", cookie());
        request.json(&json!({"name": "Physique", "date": "2026-06-15"}))
    };
    Answer::of(create()).await.assert_refused(403, "csrf");
    Answer::of(create().header("sec-fetch-site", "cross-site"))
        .await
        .assert_refused(403, "csrf");
    Answer::of(create().header("origin", "https://elsewhere.test"))
        .await
        .assert_refused(403, "csrf");
    assert!(gateway.peer.known.calls("create_exam").is_empty());
    assert_eq!(
        Answer::of(create().header("sec-fetch-site", "same-origin"))
            .await
            .status,
        201
    );
    let origin = format!("http://{}", gateway.authority());
    assert_eq!(Answer::of(create().header("origin", origin)).await.status, 201);
}

#[tokio::test]
async fn nobody_is_logged_in_by_a_page_of_another_site() {
    let gateway = Gateway::start().await;
    let forced = login(&gateway, "correct horse").header("sec-fetch-site", "cross-site");
    Answer::of(forced).await.assert_refused(403, "csrf");
}

#[tokio::test]
async fn a_logout_ends_the_session_and_forgets_the_cookie() {
    let gateway = Gateway::start().await;
    let answer = Answer::of(gateway.admin(Method::DELETE, "/api/v1/session")).await;
    assert_eq!(answer.status, 204);
    assert!(
        answer
            .header("set-cookie")
            .starts_with("__Host-korrigo_session=; "),
        "{}",
        answer.header("set-cookie")
    );
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(gateway.peer.known.calls("close").len(), 1);
}
