//! What happens to people is in their trails, and without an event nothing happens to them.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::{Client, System};

use crate::audit::{verified, verified_by_others};
use crate::desk::items;
use crate::trail::{allow_events, content, forbid_events};

const PASSWORD: &str = "correct horse battery staple";
const OTHER_PASSWORD: &str = "le phare au bout du chemin";
const NAME: &str = "Dominique Exemple";

fn newcomer(login: &str) -> Value {
    json!({"login": format!("{login}@school.example"), "display_name": NAME, "role": "TEACHER"})
}

/// Actor, action and metadata of each event of a person, as administrators read them.
async fn told(admin: &Client, user: &str) -> Vec<(String, String, Value)> {
    let listed = admin.get(&format!("/audit/events?user_id={user}")).await;
    let listed = items(&listed.expect(200).json());
    assert!(
        listed
            .iter()
            .all(|event| event["user_id"] == user && event["copy_id"].is_null())
    );
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    listed
        .iter()
        .map(|event| {
            let action = text(&event["action"]);
            (text(&event["actor_id"]), action, event["metadata"].clone())
        })
        .collect()
}

fn id_of(system: &System, login: &str) -> String {
    let id = format!("SELECT id::text FROM grading.users WHERE login_normalized = '{login}@school.example'");
    system.database.texts(&id).concat()
}

/// Somebody with access to whom everything has happened that does.
async fn somebody(system: &System, admin: &Client) -> String {
    let anybody = system.client();
    let made = admin.post("/users", &newcomer("dominique")).await.expect(201);
    let person = made.text("/user/id");
    let accept = json!({"token": made.text("/invitation/token"), "password": PASSWORD});
    anybody.post("/session/invitation", &accept).await.expect(204);
    let log_in = json!({"login": "dominique@school.example", "password": PASSWORD});
    let session = anybody.post("/session", &log_in).await.expect(201);
    let themselves = system.client().holding(&session.text("/token"));
    let change = json!({"current": PASSWORD, "new": OTHER_PASSWORD});
    themselves.post("/session/password", &change).await.expect(204);
    let path = format!("/users/{person}");
    for change in [
        json!({"role": "ADMIN"}),
        json!({"display_name": "Camille Exemple"}),
        json!({"disabled": true}),
        json!({"disabled": false}),
    ] {
        admin.patch(&path, &change).await.expect(200);
    }
    let invite = format!("{path}/invitation");
    admin.post(&invite, &json!({})).await.expect(201);
    person
}

/// The account of a pupil who was given access, invited again and forgotten.
async fn forgotten(system: &System, admin: &Client) -> String {
    let pupil = system.database.pupil();
    let access = format!("/students/{pupil}/invite");
    let login = json!({"login": "pupil@school.example"});
    let invited = admin.post(&access, &login).await.expect(201);
    admin.post(&access, &json!({})).await.expect(201);
    admin.delete(&format!("/students/{pupil}")).await.expect(204);
    invited.text("/user/id")
}

#[tokio::test]
async fn each_change_of_a_person_is_one_event_with_who_did_it_and_what_they_are() {
    let system = System::start().await;
    let admin = system.admin().await;
    let person = somebody(&system, &admin).await;
    let pupil = forgotten(&system, &admin).await;
    system.vouched().await;
    let head = id_of(&system, "admin");
    let by = |actor: &str, action: &str, said: Value| (actor.to_owned(), action.to_owned(), said);
    let became = |disabled: bool, renamed: bool| {
        let said = json!({"role": "ADMIN", "disabled": disabled, "renamed": renamed, "sessions_ended": 0});
        by(&head, "CHANGE_USER", said)
    };
    let chose = |how: &str, ended: u8| {
        let said = json!({"how": how, "sessions_ended": ended});
        by(&person, "SET_PASSWORD", said)
    };
    assert_eq!(
        told(&admin, &person).await,
        [
            by(&head, "ADD_USER", json!({"role": "TEACHER", "how": "invited"})),
            chose("invitation", 0),
            chose("own", 1),
            became(false, false),
            became(false, true),
            became(true, false),
            became(false, false),
            by(&head, "INVITE_USER", json!({})),
        ]
    );
    assert_eq!(
        told(&admin, &pupil).await,
        [
            by(&head, "ADD_USER", json!({"role": "STUDENT", "how": "invited"})),
            by(&head, "INVITE_USER", json!({})),
            by(&head, "ERASE_USER", json!({"cause": "pupil"})),
        ]
    );
    handed_out(&system);
}

/// The trails of people are handed out with the others, and nothing in them says who anybody is.
fn handed_out(system: &System) {
    assert_eq!(verified(system)["people"], 2);
    let login = system.admin_login();
    let exported = system.operate(&["audit", "export", "--to", "trail", "--operator", login]);
    assert!(exported.status.success(), "{exported:?}");
    assert_eq!(
        verified_by_others(system, "trail"),
        "OK: 11 events of 0 copies and 2 people are what was written\n"
    );
    let lines = std::fs::read_to_string(system.path("trail")).unwrap();
    for personal in ["Exemple", "school.example", "Dominique", "EXEMPLE"] {
        assert!(!lines.contains(personal), "{personal}");
    }
}

/// Everything about people that leaves an event.
fn commands(system: &System, token: &str, pupil: &str) -> Vec<(&'static str, Who, Method, String, Value)> {
    let teacher = format!("/users/{}", system.teacher_id());
    let login = json!({"login": "pupil@school.example"});
    let accept = json!({"token": token, "password": OTHER_PASSWORD});
    let change = json!({"current": PASSWORD, "new": OTHER_PASSWORD});
    let post = Method::POST;
    vec![
        (
            "add",
            Who::Admin,
            post.clone(),
            "/users".into(),
            newcomer("another"),
        ),
        (
            "promote",
            Who::Admin,
            Method::PATCH,
            teacher.clone(),
            json!({"role": "ADMIN"}),
        ),
        (
            "lock out",
            Who::Admin,
            Method::PATCH,
            teacher.clone(),
            json!({"disabled": true}),
        ),
        (
            "invite",
            Who::Admin,
            post.clone(),
            format!("{teacher}/invitation"),
            json!({}),
        ),
        (
            "invite a pupil",
            Who::Admin,
            post.clone(),
            format!("/students/{pupil}/invite"),
            login,
        ),
        (
            "accept",
            Who::Anybody,
            post.clone(),
            "/session/invitation".into(),
            accept,
        ),
        (
            "choose a password",
            Who::Teacher,
            post,
            "/session/password".into(),
            change,
        ),
    ]
}

#[derive(Clone, Copy)]
enum Who {
    Admin,
    Teacher,
    Anybody,
}

#[tokio::test]
async fn where_no_event_can_be_written_nothing_happens_to_people() {
    let system = System::start().await;
    let (admin, teacher, anybody) = (system.admin().await, system.teacher().await, system.client());
    let invited = admin.post("/users", &newcomer("dominique")).await.expect(201);
    let token = invited.text("/invitation/token");
    let (pupil, known) = (system.database.pupil(), system.database.pupil());
    let access = format!("/students/{known}/invite");
    let login = json!({"login": "known@school.example"});
    admin.post(&access, &login).await.expect(201);
    let request = |who: Who, method: &Method, path: &str, body: &Value| -> RequestBuilder {
        let client = match who {
            Who::Admin => &admin,
            Who::Teacher => &teacher,
            Who::Anybody => &anybody,
        };
        client.request(method.clone(), path).json(body)
    };
    let all = || ["users", "invitations", "students", "grading_events"].map(|table| content(&system, table));
    let (before, commands) = (all(), commands(&system, &token, &pupil));
    forbid_events(&system);
    for (what, who, method, path, body) in &commands {
        let answer = Client::send(request(*who, method, path, body)).await;
        assert_eq!(
            (answer.status, answer.text("/code").as_str()),
            (503, "unavailable"),
            "{what}"
        );
        assert_eq!(all(), before, "{what}");
    }
    let forgotten = admin.delete(&format!("/students/{known}")).await;
    assert_eq!((forgotten.status, all()), (503, before));
    allow_events(&system);
    // Who is locked out chooses no password, so the last comes before that.
    for (what, who, method, path, body) in commands.iter().rev() {
        let answer = Client::send(request(*who, method, path, body)).await;
        assert!(answer.status < 300, "{what}: {}", answer.status);
    }
    admin.delete(&format!("/students/{known}")).await.expect(204);
}
