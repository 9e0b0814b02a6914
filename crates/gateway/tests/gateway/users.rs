//! People as administrators see them, and choosing a password.

mod audit;
mod identities;
mod students;

use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::gateway::{Answer, Gateway};
use crate::peer::{PUPIL, TEACHER, USER};

fn person() -> String {
    format!("/api/v1/users/{USER}")
}

#[tokio::test]
async fn a_new_person_comes_with_their_place_and_an_invitation() {
    let gateway = Gateway::start().await;
    let new = json!({"login": "dominique", "display_name": "Dominique Exemple", "role": "TEACHER"});
    let answer = Answer::of(gateway.admin(Method::POST, "/api/v1/users").json(&new)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (201, person().as_str())
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "invitation": {
        "expires_at": "2026-06-22T08:30:00.000000Z",
        "token": "token-of-an-invitation"
      },
      "user": {
        "created_at": "2026-06-15T08:30:00.000000Z",
        "disabled": false,
        "display_name": "Dominique Exemple",
        "id": "0197c000-0000-7000-8000-0000000000cc",
        "invited": true,
        "login": "dominique",
        "role": "TEACHER"
      }
    }
    "#);
    let taken = json!({"login": "admin", "display_name": "Dominique Exemple", "role": "TEACHER"});
    let answer = Answer::of(gateway.admin(Method::POST, "/api/v1/users").json(&taken)).await;
    answer.assert_invalid(&["/login"]);
    assert_eq!(answer.json()["errors"][0]["code"], "taken");
}

#[tokio::test]
async fn the_list_of_people_is_filtered_and_goes_on() {
    let gateway = Gateway::start().await;
    let answer = gateway.get("/api/v1/users?role=TEACHER&limit=1").await;
    assert_eq!(
        answer.header("link"),
        "</api/v1/users?limit=1&cursor=more&role=TEACHER>; rel=\"next\""
    );
    assert_eq!(answer.json()["items"][0]["id"], USER);
    let asked = gateway.peer.known.calls("list_users");
    assert!(asked[0].message.contains("role: \"TEACHER\""));
}

#[tokio::test]
async fn a_person_is_read_changed_and_invited_under_their_own_path() {
    let gateway = Gateway::start().await;
    assert_eq!(gateway.get(&person()).await.json()["login"], "dominique");
    let change = gateway
        .admin(Method::PATCH, &person())
        .json(&json!({"disabled": true}));
    assert_eq!(Answer::of(change).await.json()["disabled"], true);
    let asked = gateway.peer.known.calls("update_user");
    assert!(
        asked[0]
            .message
            .contains("display_name: None, role: None, disabled: Some(true)")
    );
    let invited = Answer::of(gateway.admin(Method::POST, &format!("{}/invitation", person()))).await;
    assert_eq!(invited.status, 201);
    assert_eq!(invited.json()["token"], "token-of-an-invitation");
    gateway
        .get("/api/v1/users/0197c000-0000-7000-8000-0000000000dd")
        .await
        .assert_refused(404, "not_found");
    let odd = gateway
        .admin(Method::PATCH, &person())
        .json(&json!({"login": "other"}));
    Answer::of(odd).await.assert_refused(400, "invalid_json");
}

#[tokio::test]
async fn people_are_none_of_a_teachers_business() {
    let gateway = Gateway::start().await;
    let teacher = |method, path: &str| gateway.request(method, path).bearer_auth(TEACHER);
    let new = json!({"login": "x", "display_name": "x", "role": "ADMIN"});
    for request in [
        teacher(Method::GET, "/api/v1/users"),
        teacher(Method::POST, "/api/v1/users").json(&new),
        teacher(Method::GET, &person()),
        teacher(Method::PATCH, &person()).json(&json!({})),
        teacher(Method::POST, &format!("{}/invitation", person())),
    ] {
        Answer::of(request).await.assert_refused(403, "forbidden");
    }
}

#[tokio::test]
async fn a_new_password_forgets_the_cookie_and_a_bad_one_is_explained() {
    let gateway = Gateway::start().await;
    let change = |current: &str, new: &str| {
        let body = json!({"current": current, "new": new});
        gateway
            .admin(Method::POST, "/api/v1/session/password")
            .json(&body)
    };
    let changed = Answer::of(change("correct horse", "correct horse battery")).await;
    assert_eq!(changed.status, 204);
    assert!(changed.header("set-cookie").contains("Max-Age=0"));
    let wrong = Answer::of(change("hunter2hunter2", "correct horse battery")).await;
    wrong.assert_refused(401, "bad_credentials");
    let weak = Answer::of(change("correct horse", "short")).await;
    weak.assert_invalid(&["/new"]);
    assert_eq!(weak.json()["errors"][0]["code"], "too_short");
    let unsigned = gateway.request(Method::POST, "/api/v1/session/password");
    let unsigned = unsigned.json(&json!({"current": "a", "new": "b"}));
    Answer::of(unsigned).await.assert_refused(401, "unauthenticated");
}

fn accept(gateway: &Gateway, token: &str) -> RequestBuilder {
    gateway
        .request(Method::POST, "/api/v1/session/invitation")
        .json(&json!({"token": token, "password": "correct horse battery"}))
}

#[tokio::test]
async fn an_invitation_is_accepted_without_a_session_but_not_from_another_site() {
    let gateway = Gateway::start().await;
    let accepted = Answer::of(accept(&gateway, "token-of-an-invitation")).await;
    assert_eq!(
        (accepted.status.as_u16(), accepted.header("set-cookie")),
        (204, "")
    );
    Answer::of(accept(&gateway, "another"))
        .await
        .assert_refused(404, "not_found");
    let forced = accept(&gateway, "token-of-an-invitation").header("sec-fetch-site", "cross-site");
    Answer::of(forced).await.assert_refused(403, "csrf");
}

#[tokio::test]
async fn grading_is_told_the_address_of_the_client_which_only_our_proxies_may_say() {
    let seen = async |options: &[&str], method: &str, header: (&'static str, &'static str)| {
        let gateway = Gateway::start_with(options).await;
        let request = match method {
            "open" => gateway
                .request(Method::POST, "/api/v1/session")
                .json(&json!({"login": "admin", "password": "correct horse"})),
            _ => accept(&gateway, "token-of-an-invitation"),
        };
        Answer::of(request.header(header.0, header.1)).await;
        let calls = gateway.peer.known.calls(method);
        let message = calls[0].message.clone();
        message.rsplit_once("client_address: ").unwrap().1.to_owned()
    };
    let said = ("x-forwarded-for", "198.51.100.9, 192.0.2.7");
    for method in ["open", "accept_invitation"] {
        assert_eq!(seen(&[], method, said).await, "\"127.0.0.1\" }");
        let trusting = ["--trusted-proxies=10.0.0.0/8,127.0.0.1"];
        assert_eq!(seen(&trusting, method, said).await, "\"192.0.2.7\" }");
    }
    let standard = ["--trusted-proxies=127.0.0.0/8", "--proxy-header=forwarded"];
    assert_eq!(seen(&standard, "open", said).await, "\"127.0.0.1\" }");
    let said = ("forwarded", "for=192.0.2.8;proto=https");
    assert_eq!(seen(&standard, "open", said).await, "\"192.0.2.8\" }");
}

#[tokio::test]
async fn a_pupil_is_erased_by_administrators_only() {
    let gateway = Gateway::start().await;
    let pupil = format!("/api/v1/students/{PUPIL}");
    Answer::of(gateway.request(Method::DELETE, &pupil).bearer_auth(TEACHER))
        .await
        .assert_refused(403, "forbidden");
    let unknown = "/api/v1/students/0197c000-0000-7000-8000-0000000000dd";
    Answer::of(gateway.admin(Method::DELETE, unknown))
        .await
        .assert_refused(404, "not_found");
    assert_eq!(
        Answer::of(gateway.admin(Method::DELETE, &pupil)).await.status,
        204
    );
}
