//! The trails of people among those of copies: they verify, are handed out, are proven and come back from a backup like
//! those, and what was altered in them is named.

use serde_json::json;
use testkit::{TestDatabase, text};

use crate::restores::{restore, said, scene, take};
use crate::trail::Trail;

/// What was told of the administrator of the scene.
const TOLD: &str = r#"
    INSERT INTO grading.grading_events (id, copy_id, action, actor_kind, actor_id, operation_id, metadata)
        SELECT gen_random_uuid(), u.id, told.action, 'operator', u.id, gen_random_uuid(), told.metadata::jsonb
        FROM grading.users u, (VALUES
            ('ADD_USER', '{"role": "ADMIN", "how": "password"}'),
            ('CHANGE_USER', '{"role": "ADMIN", "disabled": false, "renamed": true, "sessions_ended": 0}'),
            ('INVITE_USER', '{}')
        ) AS told (action, metadata);
"#;

/// Adds the trail of a person, for which the last checkpoint vouches too, and says whose it is.
fn told(trail: &Trail) -> String {
    trail.database.run(TOLD);
    let _last = trail.vouch(100);
    trail
        .database
        .texts("SELECT id::text FROM grading.users")
        .concat()
}

#[test]
fn the_trail_of_a_person_verifies_is_proven_and_handed_out_like_that_of_a_copy() {
    let trail = Trail::new();
    let person = told(&trail);
    let (code, all) = trail.verified(&[]);
    assert_eq!(
        (code, &all["copies"], &all["people"], &all["events"]),
        (Some(0), &3.into(), &1.into(), &18.into())
    );
    let (code, one) = trail.verified(&["--user", &person]);
    assert_eq!(
        (code, &one["people"], &one["copies"]),
        (Some(0), &1.into(), &0.into())
    );
    // Whoever takes one for the other is told.
    let copy = trail.second_copy();
    for (flag, id, missing) in [
        ("--copy", &person, "there is no such copy"),
        ("--user", &copy, "there is no such person"),
    ] {
        let refused = trail.audit(&["verify", flag, id]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(text(&refused).contains(missing), "{}", text(&refused));
    }
    let proof = said(&trail.audit(&["prove", &person, "2"]));
    assert_eq!((&proof["user_id"], &proof["seq"]), (&json!(person), &2.into()));
    assert!(proof["copy_id"].is_null());

    assert!(trail.export("trail").status.success());
    let (code, words) = trail.verified_by_others("trail", &["checkpoints"]);
    assert_eq!(
        (code, words.trim()),
        (
            Some(0),
            "OK: 18 events of 3 copies and 1 people are what was written"
        )
    );
    let (code, export) = trail.verified(&["--export", "trail"]);
    assert_eq!(
        (code, &export["people"], &export["copies"]),
        (Some(0), &1.into(), &3.into())
    );
    let recorded = "SELECT count(*) FROM grading.grading_events WHERE action = 'EXPORT'";
    assert_eq!(trail.database.count(recorded), 3, "in the trails of copies");

    let good = std::fs::read_to_string(trail.path("trail")).unwrap();
    let promoted = good.replace(r#"\"renamed\": true"#, r#"\"renamed\": null"#);
    assert_ne!(promoted, good);
    std::fs::write(trail.path("trail"), promoted).unwrap();
    let (code, export) = trail.verified(&["--export", "trail"]);
    let expected = json!({ "kind": "edited", "user_id": person, "seq": 2 });
    assert_eq!((code, &export["finding"]), (Some(1), &expected));
    let (code, words) = trail.verified_by_others("trail", &[]);
    let expected = format!("FAIL: person {person}, event 2: it was altered");
    assert_eq!((code, words.trim()), (Some(1), expected.as_str()));
}

#[test]
fn what_was_altered_in_the_trail_of_a_person_is_found_and_named() {
    let mine = "WHERE copy_id = (SELECT id FROM grading.users)";
    for (harm, kind, seq) in [
        (
            format!("UPDATE grading.grading_events SET actor_id = gen_random_uuid() {mine} AND seq = 2"),
            "edited",
            2,
        ),
        (
            format!("DELETE FROM grading.grading_events {mine} AND seq = 1"),
            "missing_first",
            1,
        ),
        (
            format!("DELETE FROM grading.grading_events {mine} AND seq = 3"),
            "missing_last",
            3,
        ),
    ] {
        let trail = Trail::new();
        let person = told(&trail);
        trail.alter(&harm);
        let expected = json!({ "kind": kind, "user_id": person, "seq": seq });
        for more in [&[][..], &["--user", &person]] {
            let (code, found) = trail.verified(more);
            assert_eq!((code, &found["finding"]), (Some(1), &expected), "{harm}");
        }
        let words = text(&trail.audit(&["verify"]));
        assert_eq!(words.trim(), format!("person {person}, event {seq}: {kind}"));
    }
}

#[test]
fn a_restore_is_recorded_in_the_trails_of_people_too() {
    let (trail, _source) = scene();
    let _person = told(&trail);
    take(&trail);
    let database = TestDatabase::empty();
    let output = restore(&trail, &database, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let restored = said(&output);
    assert_eq!(
        (&restored["recorded_in"], &restored["recorded_in_people"]),
        (&3.into(), &1.into())
    );
    let recorded = "SELECT count(*) FROM grading.grading_events e JOIN grading.users u ON u.id = e.copy_id
        WHERE e.action = 'RESTORE_USER' AND e.actor_kind = 'operator' AND e.actor_id = u.id";
    assert_eq!(database.count(recorded), 1);
    let verified = trail.operate(&database, &["audit", "verify", "--json"]);
    assert_eq!(
        (verified.status.code(), &said(&verified)["events"]),
        (Some(0), &22.into())
    );
    let reconciled = trail.operate(&database, &["audit", "reconcile"]);
    assert_eq!(reconciled.status.code(), Some(0), "{}", text(&reconciled));
}
