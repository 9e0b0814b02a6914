//! Everything that somebody can do who rules the database, and what it is called when it is found.

use domain::audit::SigningKey;
use serde_json::json;
use testkit::text;

use crate::trail::Trail;

/// The second of the three copies.
const COPY: &str = "(SELECT id FROM grading.copies ORDER BY id OFFSET 1 LIMIT 1)";

/// Makes the chains fit together again, with the ends of the trails, as somebody does who knows how they are made.
const REHASH: &str = "
    DO $$
    DECLARE
        event record;
        head bytea;
    BEGIN
        FOR event IN SELECT * FROM grading.grading_events ORDER BY copy_id, seq LOOP
            IF event.seq = 1 THEN
                head := decode(repeat('00', 32), 'hex');
            END IF;
            UPDATE grading.grading_events SET prev = head, hash = sha256(
                convert_to('korrigo.audit.v1', 'UTF8') || '\\x00'::bytea || head || uuid_send(copy_id) || int8send(seq)
                || grading.audit_text(action) || grading.audit_text(actor_kind) || uuid_send(actor_id)
                || uuid_send(operation_id) || int8send((extract(epoch FROM at) * 1000000)::bigint)
                || grading.audit_text(metadata::text)
            ) WHERE copy_id = event.copy_id AND seq = event.seq RETURNING hash INTO head;
            UPDATE grading.copies SET ev_seq = event.seq, ev_head = head WHERE id = event.copy_id;
        END LOOP;
    END
    $$;";

/// Makes the leaves say what the events say.
const REPLANT: &str = "UPDATE grading.audit_leaves l SET hash = e.hash FROM grading.grading_events e
    WHERE e.copy_id = l.copy_id AND e.seq = l.seq;";

fn event(change: &str, seq: u8) -> String {
    format!("UPDATE grading.grading_events SET {change} WHERE copy_id = {COPY} AND seq = {seq};")
}

fn without(seq: u8) -> String {
    format!("DELETE FROM grading.grading_events WHERE copy_id = {COPY} AND seq = {seq};")
}

/// Moves the events from a place on, by a number.
fn moved(from: u8, by: i8) -> String {
    format!(
        "UPDATE grading.grading_events SET seq = seq + 1000 WHERE copy_id = {COPY} AND seq >= {from};
         UPDATE grading.grading_events SET seq = seq - 1000 + {by} WHERE copy_id = {COPY} AND seq >= 1000;"
    )
}

fn forged(seq: u8) -> String {
    format!(
        "INSERT INTO grading.grading_events (id, copy_id, seq, action, actor_kind, actor_id, operation_id, at,
             copy_version, metadata, prev, hash)
         SELECT gen_random_uuid(), copy_id, {seq}, action, actor_kind, actor_id, gen_random_uuid(), at, copy_version,
             metadata, prev, hash FROM grading.grading_events WHERE copy_id = {COPY} AND seq = 1;"
    )
}

/// What is done, what it is called, and at which event of the copy it is found.
type Case = (String, &'static str, u8);

fn found_and_named(cases: impl IntoIterator<Item = Case>) {
    for (sql, kind, seq) in cases {
        let trail = Trail::new();
        let copy = trail.second_copy();
        trail.alter(&sql);
        let (code, said) = trail.verified(&[]);
        assert_eq!(code, Some(1), "{sql}");
        let expected = json!({ "kind": kind, "copy_id": copy, "seq": seq });
        assert_eq!(said["finding"], expected, "{sql}");
        let (code, said) = trail.verified(&["--copy", &copy]);
        assert_eq!(
            (code, &said["finding"]),
            (Some(1), &expected),
            "only this copy: {sql}"
        );
        testkit::evidence(format_args!("found and named: {kind} at event {seq}"));
    }
}

#[test]
fn an_edit_of_any_column_is_found_where_it_is() {
    let edits = [
        "id = gen_random_uuid()",
        "action = 'SCORE'",
        "actor_kind = 'service'",
        "actor_id = gen_random_uuid()",
        "operation_id = gen_random_uuid()",
        "at = at + interval '1 microsecond'",
        "copy_version = copy_version + 1",
        "metadata = '{\"target\": \"copy\", \"cleared\": true}'",
        "prev = sha256('other')",
        "hash = sha256('other')",
    ];
    found_and_named(edits.map(|edit| (event(edit, 3), "edited", 3)));
}

#[test]
fn an_event_that_is_gone_is_named_by_its_place() {
    let shortened = format!(
        "{} UPDATE grading.copies SET ev_seq = 4, ev_head = (
             SELECT hash FROM grading.grading_events WHERE copy_id = {COPY} AND seq = 4
         ) WHERE id = {COPY};",
        without(5)
    );
    let emptied = format!("DELETE FROM grading.grading_events WHERE copy_id = {COPY};");
    found_and_named([
        (event("seq = 99", 3), "missing_middle", 3),
        (without(1), "missing_first", 1),
        (without(3), "missing_middle", 3),
        (without(5), "missing_last", 5),
        (without(3) + &moved(4, -1), "missing_middle", 3),
        (shortened, "missing_last", 5),
        (emptied, "missing_first", 1),
    ]);
}

#[test]
fn what_was_swapped_inserted_or_made_anew_is_called_so() {
    let swapped = [event("seq = 1000", 2), event("seq = 2", 4)].concat()
        + &format!("UPDATE grading.grading_events SET seq = 4 WHERE copy_id = {COPY} AND seq = 1000;");
    let head = format!("UPDATE grading.copies SET ev_head = sha256('other') WHERE id = {COPY};");
    found_and_named([
        (swapped, "swapped", 2),
        (forged(6), "inserted", 6),
        (moved(3, 1) + &forged(3), "inserted", 3),
        (event("metadata = '{}'", 2) + REHASH, "chain_rewritten", 2),
        (head, "head_moved", 5),
    ]);
}

#[test]
fn an_event_that_was_moved_to_another_copy_is_found_in_one_of_them() {
    for target in [
        "gen_random_uuid()",
        "(SELECT id FROM grading.copies ORDER BY id LIMIT 1), seq = 6",
    ] {
        let trail = Trail::new();
        trail.alter(&event(&format!("copy_id = {target}"), 5));
        let (code, said) = trail.verified(&[]);
        let kind = said["finding"]["kind"].as_str().unwrap();
        assert!(["inserted", "missing_last"].contains(&kind), "{kind}");
        assert_eq!(code, Some(1));
    }
}

#[test]
fn a_database_that_fits_together_is_found_out_by_the_checkpoints() {
    let rewritten = Trail::new();
    rewritten.alter(&(event("metadata = '{}'", 2) + REHASH + REPLANT));
    let (code, said) = rewritten.verified(&[]);
    assert_eq!(
        (code, &said["finding"]["kind"]),
        (Some(1), &json!("chain_rewritten"))
    );

    // As a backup of before restores it.
    let restored = Trail::new();
    restored.alter(
        "DELETE FROM grading.audit_leaves WHERE position >= 10;
         DELETE FROM grading.grading_events e WHERE NOT EXISTS (
             SELECT FROM grading.audit_leaves l WHERE l.copy_id = e.copy_id AND l.seq = e.seq);
         UPDATE grading.copies c SET ev_seq = 0, ev_head = decode(repeat('00', 32), 'hex');
         UPDATE grading.copies c SET ev_seq = e.seq, ev_head = e.hash FROM grading.grading_events e
         WHERE e.copy_id = c.id AND NOT EXISTS (
             SELECT FROM grading.grading_events l WHERE l.copy_id = e.copy_id AND l.seq = e.seq + 1);",
    );
    let (code, said) = restored.verified(&[]);
    let expected = json!({ "kind": "older_than_checkpoint", "from": 10, "to": 15 });
    assert_eq!((code, &said["finding"]), (Some(1), &expected));
    testkit::evidence(format_args!(
        "a chain that was made anew, and a database as it was before, were found by the checkpoints"
    ));
}

#[test]
fn checkpoints_that_are_gone_are_missed_until_they_are_back_or_somebody_says_that_they_never_will_be() {
    let trail = Trail::new();
    trail.remember(trail.vouch(100));
    assert_eq!(trail.verified(&[]).0, Some(0));
    let whole = std::fs::read_to_string(trail.path("checkpoints")).unwrap();
    let first = whole.split_inclusive("\n\n").take(2).collect::<String>();
    for (left, from) in [("", 0), (first.as_str(), 7)] {
        std::fs::write(trail.path("checkpoints"), left).unwrap();
        let (code, said) = trail.verified(&[]);
        let expected = json!({ "kind": "checkpoints_lost", "from": from, "to": 15 });
        assert_eq!((code, &said["finding"]), (Some(1), &expected));
    }
    std::fs::remove_file(trail.path("checkpoints")).unwrap();
    let said = trail.audit(&["verify"]);
    let named = "leaves 0 to 15 of the tree: checkpoints_lost";
    assert_eq!((said.status.code(), text(&said).trim()), (Some(1), named));
    std::fs::write(trail.path("checkpoints"), &whole).unwrap();
    assert_eq!(trail.verified(&[]).0, Some(0), "they are back");

    std::fs::write(trail.path("checkpoints"), &first).unwrap();
    let begin_anew = |size| trail.operate(&trail.database, &["audit", "begin-anew", "--size", size]);
    assert!(
        !begin_anew("14").status.success(),
        "whoever says so knows what is lost"
    );
    assert_eq!(trail.verified(&[]).0, Some(1));
    let said = begin_anew("15");
    assert!(said.status.success(), "{}", text(&said));
    assert_eq!(trail.verified(&[]).0, Some(0));
    testkit::evidence(format_args!(
        "checkpoints that were taken away were missed, and only an operator had them begin anew"
    ));
}

#[test]
fn after_a_change_of_the_key_the_old_file_is_moved_away_and_what_it_vouched_for_is_named() {
    let trail = Trail::new();
    trail.remember(trail.vouch(100));
    let other = SigningKey::random("korrigo.example/test".parse().unwrap());
    std::fs::write(trail.path("key.pub"), other.public().to_string()).unwrap();
    let (code, said) = trail.verified(&[]);
    let expected = json!({ "kind": "bad_signature", "checkpoint": 1 });
    assert_eq!((code, &said["finding"]), (Some(1), &expected));

    std::fs::rename(trail.path("checkpoints"), trail.path("checkpoints of before")).unwrap();
    let (code, said) = trail.verified(&[]);
    let expected = json!({ "kind": "checkpoints_lost", "from": 0, "to": 15 });
    assert_eq!((code, &said["finding"]), (Some(1), &expected));
    let said = trail.operate(&trail.database, &["audit", "begin-anew", "--size", "15"]);
    assert!(said.status.success(), "{}", text(&said));
    assert_eq!(
        trail.verified(&[]).0,
        Some(2),
        "from now on, a file that is not there is a wrong path"
    );
}

#[test]
fn an_untouched_trail_is_vouched_for_and_a_checkpoint_that_was_touched_is_found() {
    let trail = Trail::new();
    let (code, said) = trail.verified(&[]);
    let expected = json!({
        "intact": true, "copies": 3, "people": 0, "events": 15, "leaves": 15, "checkpoints": 2, "finding": null,
    });
    assert_eq!((code, said), (Some(0), expected));
    let said = text(&trail.audit(&["verify"]));
    assert_eq!(
        said.trim(),
        "15 events of 3 copies and 0 people are what was written, by 2 signed checkpoints"
    );

    let good = std::fs::read_to_string(trail.path("checkpoints")).unwrap();
    std::fs::write(trail.path("checkpoints"), good.replace("\n15\n", "\n14\n")).unwrap();
    let (code, said) = trail.verified(&[]);
    let expected = json!({ "kind": "bad_signature", "checkpoint": 2 });
    assert_eq!((code, &said["finding"]), (Some(1), &expected));

    std::fs::remove_file(trail.path("key.pub")).unwrap();
    assert_eq!(trail.verified(&[]).0, Some(2), "nothing was verified");
}
