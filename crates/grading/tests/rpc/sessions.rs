//! Who may come in, and for how long.

use contracts::Code;
use contracts::grading as pb;
use domain::PasswordHash;
use domain::User;
use domain::secret::Secret;
use tonic::Request;

use crate::harness::{Grading, code, problem, signed, user};

const LOGIN: &str = "camille@school.example";
const PASSWORD: &str = "correct horse battery staple";

#[tokio::test]
async fn wrong_credentials_are_all_told_the_same_and_a_closed_session_opens_nothing() {
    let grading = Grading::start().await;
    people(&grading);
    let open = async |login: &str, password: &str| {
        let request = pb::OpenSessionRequest {
            login: login.to_owned(),
            password: password.to_owned(),
            client_address: "192.0.2.7".to_owned(),
        };
        grading.sessions().open(request).await
    };
    for (login, password) in [
        (LOGIN, "another password"),
        (LOGIN, ""),
        ("nobody@school.example", PASSWORD),
        ("disabled@school.example", PASSWORD),
        ("", ""),
    ] {
        let told = problem(open(login, password).await);
        assert_eq!(told, Code::BadCredentials.into(), "{login:?}");
    }

    let opened = open(LOGIN, PASSWORD).await.expect("a session").into_inner();
    let current = signed(pb::CurrentSessionRequest {}, &opened.token);
    let current = grading.sessions().current(current).await;
    assert_eq!(Some(current.expect("a person").into_inner()), opened.user);
    let other = open(LOGIN, PASSWORD).await.expect("another session").into_inner();

    let closing = signed(pb::CloseSessionRequest {}, &opened.token);
    grading.sessions().close(closing).await.expect("the session ends");
    for token in [opened.token.as_str(), "", "f00d"] {
        let current = signed(pb::CurrentSessionRequest {}, token);
        let refused = grading.sessions().current(current).await;
        assert_eq!(code(refused), Code::Unauthenticated);
        let closing = signed(pb::CloseSessionRequest {}, token);
        let refused = grading.sessions().close(closing).await;
        assert_eq!(code(refused), Code::Unauthenticated);
        let request = signed(grading.registration(b"scan", "key-1"), token);
        assert_eq!(
            code(grading.copies().register(request).await),
            Code::Unauthenticated
        );
    }
    let unsigned = Request::new(pb::CurrentSessionRequest {});
    assert_eq!(
        code(grading.sessions().current(unsigned).await),
        Code::Unauthenticated
    );
    let current = signed(pb::CurrentSessionRequest {}, &other.token);
    let still_open = grading.sessions().current(current).await;
    assert!(still_open.is_ok(), "the other session goes on");
}

/// Somebody with access, and somebody who has it no more.
fn people(grading: &Grading) {
    let hash = PasswordHash::of(&Secret::new(PASSWORD)).expect("the password can be hashed");
    let camille = user(grading.ids.next(), LOGIN, hash.clone());
    let disabled = User {
        disabled: true,
        ..user(grading.ids.next(), "disabled@school.example", hash)
    };
    grading.database.add_person(&camille);
    grading.database.add_person(&disabled);
}
