//! Locks: they end by themselves, they are taken over, and a write that comes too late writes nothing.

use reqwest::Method;
use serde_json::json;
use testkit::{Client, Proxy, System, eventually};

use crate::desk::{Desk, Pen, comment, text};

#[tokio::test]
async fn a_write_under_a_lock_that_expired_a_moment_ago_is_refused_and_nothing_is_written() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let pen = Pen::take(&system.teacher().await, &desk.copy).await;
    desk.expire();
    for request in [
        pen.annotate("a-late-annotation", &comment("Trop tard.")),
        pen.score("2", Some("1")),
        pen.remark("2", "Trop tard."),
        pen.appreciate("Trop tard."),
        pen.heartbeat(),
        pen.finalize("a-late-finalize"),
    ] {
        Client::send(request).await.expect_problem(409, "expired");
    }
    nothing_written(&desk);
    assert_eq!(desk.rows("jobs"), 1, "the import and nothing else");
}

#[tokio::test]
async fn a_write_that_was_held_back_on_its_way_until_the_lock_expired_writes_nothing() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let proxy = Proxy::start(system.gateway().socket()).await;
    let teacher = system.teacher().await;
    let pen = Pen::take(&teacher, &desk.copy).await;
    let slow = pen.held_by(teacher.through(&proxy));
    proxy.pause(true);
    let sent = Client::send(slow.annotate("a-slow-annotation", &comment("En route.")));
    let meanwhile = async {
        proxy.wait_for_connections(1).await;
        desk.expire();
        proxy.pause(false);
    };
    let (answer, ()) = tokio::join!(sent, meanwhile);
    answer.expect_problem(409, "expired");
    nothing_written(&desk);
}

fn nothing_written(desk: &Desk<'_>) {
    for table in ["annotations", "scores", "remarks", "appreciations"] {
        assert_eq!(desk.rows(table), 0, "{table}");
    }
}

#[tokio::test]
async fn an_expired_lock_is_taken_over_at_once_and_its_owner_is_told() {
    let system = System::start().await;
    let other = system.newcomers(domain::Role::Teacher, 1).await.remove(0);
    let desk = Desk::ready_for(&system, &[system.teacher_id(), other.id]).await;
    let teacher = system.teacher().await;
    let first = Pen::take(&teacher, &desk.copy).await;
    let taken = other.client.post(&desk.at("/lock"), &json!({})).await;
    let refused = taken.expect_problem(409, "already_locked");
    assert!(!refused.text("/expires_at").is_empty());

    desk.expire();
    let second = Pen::take(&other.client, &desk.copy).await;
    Client::send(first.annotate("a-late-annotation", &comment("Trop tard.")))
        .await
        .expect_problem(409, "already_locked");
    Client::send(first.release())
        .await
        .expect_problem(403, "token_mismatch");
    Client::send(second.annotate("a-fine-annotation", &comment("À temps.")))
        .await
        .expect(201);
    assert_eq!(desk.rows("annotations"), 1);

    let events = desk.events().await;
    let locks: Vec<_> = events
        .iter()
        .filter(|event| text(event, "/action").ends_with("LOCK"))
        .map(|event| {
            (
                text(event, "/action"),
                event.pointer("/metadata").cloned().unwrap_or_default(),
            )
        })
        .collect();
    let expected = [
        ("LOCK", json!({"fence": 1})),
        ("UNLOCK", json!({"fence": 1, "reason": "expired"})),
        ("LOCK", json!({"fence": 2})),
    ]
    .map(|(action, said)| (action.to_owned(), said));
    assert_eq!(locks, expected);
}

#[tokio::test]
async fn a_lock_whose_owner_is_gone_is_tidied_up() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let teacher = system.teacher().await;
    let _gone = Pen::take(&teacher, &desk.copy).await;
    desk.expire();
    eventually("the copy to be free", async || {
        let status = text(&desk.seen_by(&teacher).await, "/status");
        if status == "READY" { Ok(()) } else { Err(status) }
    })
    .await;
    let events = desk.events().await;
    let last = events.last().unwrap();
    let seen = ["/action", "/actor_type", "/metadata/reason"].map(|part| text(last, part));
    assert_eq!(seen, ["UNLOCK", "service", "expired"]);
}

#[tokio::test]
async fn a_corrector_who_comes_back_after_a_break_finds_the_draft_and_goes_on() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let teacher = system.teacher().await;
    let before = Pen::take(&teacher, &desk.copy).await;
    Client::send(before.score("2", Some("3"))).await.expect(200);
    let draft = json!({"client_id": "window-1", "version": 0, "payload": {"text": "à finir"}});
    teacher.put(&desk.at("/draft"), &draft).await.expect(200);
    desk.expire();

    let other_window = json!({"client_id": "window-2", "version": 0, "payload": {"text": "écrasé"}});
    teacher
        .put(&desk.at("/draft"), &other_window)
        .await
        .expect_problem(409, "newer_draft");
    let found = teacher.get(&desk.at("/draft")).await.expect(200);
    assert_eq!(found.text("/payload/text"), "à finir");

    let after = Pen::take(&teacher, &desk.copy).await;
    assert_ne!(before.token, after.token);
    Client::send(before.score("2", Some("4")))
        .await
        .expect_problem(403, "token_mismatch");
    Client::send(after.score("2", Some("4"))).await.expect(200);
    teacher.delete(&desk.at("/draft")).await.expect(204);
    teacher.get(&desk.at("/draft")).await.expect(204);
}

#[tokio::test]
async fn a_lock_is_renewed_released_and_forced_open() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let (teacher, admin) = (system.teacher().await, system.admin().await);
    for ttl in [59, 3601] {
        let asked = teacher
            .post(&desk.at("/lock"), &json!({"ttl_seconds": ttl}))
            .await;
        assert_eq!(
            asked.expect_problem(422, "invalid").text("/errors/0/pointer"),
            "/ttl_seconds"
        );
    }
    let old = Pen::take(&teacher, &desk.copy).await;
    let renewed = teacher.post(&desk.at("/lock"), &json!({"ttl_seconds": 60})).await;
    let renewed = renewed.expect(200);
    assert_eq!(renewed.json().pointer("/fence"), Some(&json!(1)));
    let pen = Pen {
        token: renewed.text("/token"),
        ..old.clone()
    };
    Client::send(old.heartbeat())
        .await
        .expect_problem(403, "token_mismatch");
    let tokenless = teacher.request(Method::POST, &desk.at("/lock/heartbeat"));
    Client::send(tokenless)
        .await
        .expect_problem(403, "token_mismatch");
    Client::send(pen.heartbeat()).await.expect(200);
    let status = teacher.get(&desk.at("/lock")).await.expect(200).json();
    assert_eq!(
        (status.pointer("/locked"), status.pointer("/mine")),
        (Some(&json!(true)), Some(&json!(true)))
    );

    Client::send(pen.release()).await.expect(204);
    Client::send(pen.release()).await.expect(204);
    let again = Pen::take(&teacher, &desk.copy).await;
    teacher
        .post(
            &desk.at("/lock/force-release"),
            &json!({"reason": "corrector_absent"}),
        )
        .await
        .expect_problem(403, "forbidden");
    let reason = json!({"reason": "corrector_absent"});
    let freed = admin.post(&desk.at("/lock/force-release"), &reason).await;
    assert_eq!(freed.expect(200).text("/status"), "READY");
    Client::send(again.score("2", Some("1")))
        .await
        .expect_problem(409, "expired");
    assert_eq!(
        desk.actions().await,
        ["IMPORT", "VALIDATE", "LOCK", "UNLOCK", "LOCK", "FORCE_UNLOCK"]
    );
}
