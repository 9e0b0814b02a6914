//! The trails of people: each change leaves an event, and what protects the trails of copies protects theirs.

use chrono::TimeDelta;
use domain::audit::{Action, Actor, Deed, EraseCause, PasswordHow, Place, Recorded, Subject, Tampering};
use domain::secret::Secret;
use domain::user::{AccountChange, Change, Invite};
use domain::{Caller, Digest, PasswordHash, Role, Through, TrailId, User, UserId};
use store::{Config, Database, Entry, Error, Scope, migrations, verify};

use crate::harness::{Bench, attempt, steps_from, user};

fn invite() -> Invite {
    Invite {
        token: Digest::of(b"a token"),
        lifetime: TimeDelta::days(7),
    }
}

async fn change(bench: &Bench, change: AccountChange) -> Entry {
    let changed = bench.tx(move |tx| tx.change_account(&change)).await;
    changed.expect("the change is stored").entry
}

async fn person(bench: &Bench, id: UserId) -> User {
    let found = bench.tx(move |tx| tx.users().get(id)).await;
    found.expect("a look").expect("somebody")
}

async fn trail(bench: &Bench, id: impl Into<TrailId>) -> Vec<Recorded> {
    let id = id.into();
    let chained = bench.tx(move |tx| tx.trails().of(id)).await.expect("a trail");
    chained.into_iter().map(|chained| chained.event).collect()
}

/// Somebody with all that can happen to a person.
async fn somebody(bench: &Bench) -> UserId {
    let new = user(bench.ids.next(), "new", Role::Teacher);
    let id = new.id;
    let _entry = change(bench, new.add(Some(invite()), bench.by())).await;
    let hash = PasswordHash::restore("$argon2id$v=19$another");
    let chosen = AccountChange::choose_password(id, hash, PasswordHow::Invitation, bench.by());
    let _entry = change(bench, chosen).await;
    let promoted = Change {
        role: Some(Role::Admin),
        ..Change::default()
    };
    let before = person(bench, id).await;
    let _entry = change(bench, before.change(promoted, bench.by())).await;
    let _entry = change(bench, AccountChange::invite(id, invite(), bench.by())).await;
    id
}

/// Has all events in the tree.
async fn grown(bench: &Bench) {
    let grown = bench.tx(|tx| tx.audit_tree().grow(100)).await;
    grown.expect("the tree grows");
}

#[tokio::test]
async fn each_change_of_a_person_leaves_one_event_in_a_chain_of_their_own() {
    let bench = Bench::new().await;
    let copy = bench.ready(b"scan").await.id;
    let id = somebody(&bench).await;
    let entry = change(&bench, AccountChange::erase(id, EraseCause::Pupil, bench.by())).await;
    assert_eq!(
        (entry.action, entry.subject, entry.seq),
        (Action::EraseUser, Subject::User(id), 5)
    );
    let events = trail(&bench, id).await;
    let said: Vec<_> = events
        .iter()
        .map(|event| (event.seq, event.action.as_str(), event.metadata.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            (1, "ADD_USER", r#"{"how": "invited", "role": "TEACHER"}"#),
            (2, "SET_PASSWORD", r#"{"how": "invitation", "sessions_ended": 0}"#),
            (
                3,
                "CHANGE_USER",
                r#"{"role": "ADMIN", "renamed": false, "disabled": false, "sessions_ended": 0}"#
            ),
            (4, "INVITE_USER", "{}"),
            (5, "ERASE_USER", r#"{"cause": "pupil"}"#),
        ]
    );
    assert!(events.iter().all(|event| event.version == 0));
    assert!(
        events
            .iter()
            .all(|event| event.subject() == Some(Subject::User(id)))
    );
    let ends = bench.tx(move |tx| Ok((tx.events().end(id.into())?, tx.events().end(copy.into())?)));
    let (of_person, of_copy) = ends.await.expect("both end somewhere");
    assert_eq!(
        (
            of_person.map(|end| (end.subject, end.link.seq)),
            of_copy.map(|end| end.subject)
        ),
        (Some((Subject::User(id), 5)), Some(Subject::Copy(copy)))
    );
    assert_eq!(bench.database.verify_chains(), Ok(()));
    grown(&bench).await;
    let verified = verify(&bench.store, Scope::default())
        .await
        .expect("it is verified");
    assert_eq!(
        (
            verified.finding,
            verified.copies,
            verified.people,
            verified.events
        ),
        (None, 1, 1, 7)
    );
    let people = bench.tx(|tx| tx.trails().people(None, 10)).await;
    assert_eq!(people, Ok(vec![id]), "who has no event has no trail");
}

#[tokio::test]
async fn what_happens_to_people_stands_in_no_trail_of_a_copy_and_the_other_way_round() {
    let bench = Bench::new().await;
    let copy = bench.ready(b"scan").await.id;
    let event = |id: TrailId, action: Action, metadata: &str| {
        let sql = format!(
            "INSERT INTO grading.grading_events (id, copy_id, action, actor_kind, actor_id, operation_id, metadata)
             VALUES (gen_random_uuid(), '{id}', '{action}', 'user', gen_random_uuid(), gen_random_uuid(), '{metadata}')"
        );
        attempt(&bench.database.app_url(), &sql)
    };
    let (copy, person) = (TrailId::from(copy), TrailId::from(bench.teacher));
    for action in Action::ALL {
        let wrong = if action.happens_to_people() { copy } else { person };
        let refused = event(wrong, *action, "{}").expect_err(action.as_str());
        assert_eq!(
            refused, "this does not happen to whoever the trail is of",
            "{action}"
        );
    }
    assert_eq!(event(person, Action::InviteUser, "{}"), Ok(()));
    let nobody = event(bench.ids.next(), Action::InviteUser, "{}");
    assert_eq!(nobody, Err("an event belongs to a copy or a person".to_owned()));
}

#[tokio::test]
async fn the_trail_of_a_person_is_moved_by_events_only_and_they_stay() {
    let bench = Bench::new().await;
    let id = somebody(&bench).await;
    let app = bench.database.app_url();
    for attack in [
        "UPDATE grading.users SET ev_seq = 0",
        "UPDATE grading.users SET ev_head = sha256('x')",
        "DELETE FROM grading.users",
        "INSERT INTO grading.users (id, ev_seq) VALUES (gen_random_uuid(), 7)",
    ] {
        let answer = attempt(&app, attack).expect_err(attack);
        assert!(answer.starts_with("permission denied"), "{attack}: {answer}");
    }
    let superuser = bench.database.superuser_url();
    for (attack, answer) in [
        (
            "DELETE FROM grading.users WHERE ev_seq > 0",
            "whoever has a trail stays",
        ),
        ("DELETE FROM grading.copies", "whoever has a trail stays"),
        (
            "UPDATE grading.users SET id = gen_random_uuid() WHERE ev_seq > 0",
            "a person stays who they are",
        ),
        (
            "UPDATE grading.users SET ev_seq = ev_seq + 2",
            "a trail grows by one event",
        ),
        (
            "UPDATE grading.users SET ev_head = sha256('x')",
            "a trail grows by one event",
        ),
        (
            "UPDATE grading.users SET ev_seq = ev_seq + 1",
            "a trail ends with its last event",
        ),
        (
            "INSERT INTO grading.users (id, login_normalized, login, display_name, role, ev_seq)
             VALUES (gen_random_uuid(), 'x', 'x', 'x', 'TEACHER', 7)",
            "a person begins without a trail",
        ),
    ] {
        bench.ready(attack.as_bytes()).await;
        assert_eq!(attempt(&superuser, attack), Err(answer.to_owned()), "{attack}");
    }
    // Who never had an event can go.
    let other = bench.ids.next();
    bench.database.add_person(&user(other, "other", Role::Teacher));
    let gone = format!("DELETE FROM grading.users WHERE id = '{other}'");
    assert_eq!(attempt(&superuser, &gone), Ok(()));
    assert_eq!(trail(&bench, id).await.len(), 4);
}

#[tokio::test]
async fn the_migration_is_not_taken_back_once_people_have_a_trail() {
    let bench = Bench::new().await;
    let owner = Secret::new(&bench.database.owner_url());
    let before = bench.database.schema();
    let steps = steps_from("0027");
    assert!(migrations::down(&owner, steps).is_ok(), "nobody has one yet");
    migrations::up(&owner).expect("up again");
    assert_eq!(bench.database.schema(), before);

    let id = somebody(&bench).await;
    assert_eq!(migrations::down(&owner, steps), Err(Error::WouldLose));
    assert_eq!(bench.database.schema(), before, "nothing was touched");
    assert_eq!(trail(&bench, id).await.len(), 4);
}

#[tokio::test]
async fn what_somebody_did_to_the_system_stands_in_their_own_trail_and_is_not_taken_out() {
    let bench = Bench::new().await;
    let owner = Secret::new(&bench.database.owner_url());
    let caller = Caller {
        user: bench.teacher,
        role: Role::Admin,
        through: Through::Commands,
    };
    let (job, operation) = (bench.ids.next(), bench.ids.next());
    let entry = bench
        .tx(move |tx| tx.operate(Deed::CancelJob(job), caller, operation))
        .await
        .expect("it is recorded");
    assert_eq!(
        (entry.action, entry.subject, entry.seq, entry.actor),
        (
            Action::Operate,
            Subject::User(bench.teacher),
            1,
            Actor::Operator(bench.teacher)
        )
    );
    let events = trail(&bench, bench.teacher).await;
    assert_eq!(
        events.first().map(|event| event.metadata.clone()),
        Some(format!(r#"{{"on": "{job}", "act": "cancel_job"}}"#))
    );
    let agreed = bench
        .tx(|tx| tx.reconciliation().run())
        .await
        .expect("a comparison");
    assert!(agreed.iter().all(|(_, found)| *found == 0), "{agreed:?}");
    let before = bench.database.schema();
    let refused = migrations::down(&owner, steps_from("0029"));
    assert_eq!(refused, Err(Error::WouldLose));
    assert_eq!(bench.database.schema(), before, "nothing was touched");
    assert_eq!(bench.database.verify_chains(), Ok(()));
}

#[tokio::test]
async fn whatever_is_done_to_the_trail_of_a_person_is_found_and_named() {
    for (harm, seq, kind) in [
        (
            "UPDATE grading.grading_events SET metadata = '{\"how\": \"password\", \"role\": \"ADMIN\"}'
             WHERE action = 'ADD_USER'",
            1,
            Tampering::Edited,
        ),
        (
            "DELETE FROM grading.grading_events WHERE action = 'CHANGE_USER'",
            3,
            Tampering::MissingMiddle,
        ),
        (
            "DELETE FROM grading.grading_events WHERE action = 'INVITE_USER'",
            4,
            Tampering::MissingLast,
        ),
        ("DELETE FROM grading.grading_events", 1, Tampering::MissingFirst),
        (
            "UPDATE grading.users SET ev_seq = 2 WHERE ev_seq > 0",
            2,
            Tampering::HeadMoved,
        ),
    ] {
        let bench = Bench::new().await;
        let id = somebody(&bench).await;
        grown(&bench).await;
        let harm = format!("SET session_replication_role = replica; {harm}");
        bench.database.run(&harm);
        for trail in [None, Some(id.into())] {
            let scope = Scope {
                trail,
                ..Scope::default()
            };
            let verified = verify(&bench.store, scope).await.expect("it is verified");
            let finding = verified.finding.expect(&harm);
            assert_eq!(finding.kind, kind, "{harm}");
            assert_eq!(finding.place, Place::Event(Subject::User(id), seq), "{harm}");
            assert!(
                finding
                    .to_string()
                    .starts_with(&format!("person {id}, event {seq}: "))
            );
        }
    }
}

#[tokio::test]
async fn a_trail_of_which_nobody_knows_whose_it_was_is_found_too() {
    let bench = Bench::new().await;
    let id = somebody(&bench).await;
    grown(&bench).await;
    bench.database.run(
        "SET session_replication_role = replica;
         DELETE FROM grading.grading_events; DELETE FROM grading.users WHERE ev_seq > 0",
    );
    let verified = verify(&bench.store, Scope::default())
        .await
        .expect("it is verified");
    let finding = verified.finding.expect("the leaves are left");
    assert_eq!(finding.place, Place::Trail(id.into(), 1));
    assert_eq!(
        finding.to_string(),
        format!("trail {id} of nobody, event 1: missing_first")
    );
}

#[tokio::test]
async fn who_may_only_look_can_verify_the_trails_of_people() {
    let bench = Bench::new().await;
    let _somebody = somebody(&bench).await;
    grown(&bench).await;
    let read = Config::new(Secret::new(&bench.database.read_url()));
    let reader = Database::connect(read).await.expect("it may connect");
    let verified = verify(&reader, Scope::default()).await.expect("it is verified");
    assert_eq!(verified.finding, None);
}
