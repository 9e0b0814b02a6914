//! The audit trail cannot be changed, and where somebody with more power changed it, that is found.

use domain::audit::{Broken, verify};
use domain::{CopyId, FailureCode};

use crate::harness::{Bench, attempt, count};

/// A valid event of VALIDATE by hand, with further columns and their values.
fn insert(copy: CopyId, columns: &str, values: &str) -> String {
    format!(
        "INSERT INTO grading.grading_events (id, copy_id, action, actor_kind, actor_id, operation_id, metadata{columns})
         VALUES (gen_random_uuid(), '{copy}', 'VALIDATE', 'user', gen_random_uuid(), gen_random_uuid(),
             '{{\"pages\": 2}}'{values})"
    )
}

#[tokio::test]
async fn the_services_role_can_only_append_events() {
    let bench = Bench::new().await;
    let copy = bench.ready(b"scan").await.id;
    let (zeros, app) = ("decode(repeat('00', 32), 'hex')", bench.database.app_url());
    let attacks = [
        "UPDATE grading.grading_events SET actor_id = gen_random_uuid()".to_owned(),
        "DELETE FROM grading.grading_events".to_owned(),
        "TRUNCATE grading.grading_events".to_owned(),
        "TRUNCATE grading.copies CASCADE".to_owned(),
        "DROP TABLE grading.grading_events".to_owned(),
        "MERGE INTO grading.grading_events e USING grading.copies c ON e.copy_id = c.id WHEN MATCHED THEN DELETE"
            .to_owned(),
        insert(copy, "", "") + " ON CONFLICT (id) DO UPDATE SET action = 'IMPORT'",
        insert(copy, ", at", ", '2020-01-01'"),
        insert(copy, ", seq", ", 1"),
        insert(copy, ", copy_version", ", 7"),
        insert(copy, ", prev, hash", &format!(", {zeros}, {zeros}")),
        "SET session_replication_role = replica; DELETE FROM grading.grading_events".to_owned(),
        "ALTER TABLE grading.grading_events DISABLE TRIGGER ALL".to_owned(),
        "ALTER TABLE grading.grading_events DISABLE ROW LEVEL SECURITY".to_owned(),
        "CREATE OR REPLACE FUNCTION grading.copies_require_event() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'"
            .to_owned(),
        "SET ROLE korrigo_owner".to_owned(),
        format!("DELETE FROM grading.copies WHERE id = '{copy}'"),
        format!("UPDATE grading.copies SET ev_seq = 0, ev_head = {zeros} WHERE id = '{copy}'"),
        "SELECT * FROM grading.grading_events FOR UPDATE".to_owned(),
    ];
    for attack in &attacks {
        let answer = attempt(&app, attack).expect_err(attack);
        let refused = ["permission denied", "must be owner"];
        assert!(
            refused.iter().any(|beginning| answer.starts_with(beginning)),
            "{attack}: {answer}"
        );
    }
    assert_eq!(bench.database.verify_chains(), Ok(()));
    assert_eq!(
        bench
            .database
            .count("SELECT count(*) FROM grading.grading_events"),
        2
    );
    testkit::evidence(format_args!("{} attacks were refused", attacks.len()));
}

#[tokio::test]
async fn metadata_is_closed_and_nothing_personal_fits_in() {
    let bench = Bench::new().await;
    let copy = bench.imported(b"scan").await.id;
    let event = |action: &str, metadata: &str| {
        insert(copy, "", "")
            .replace("'VALIDATE'", &format!("'{action}'"))
            .replace("{\"pages\": 2}", metadata)
    };
    let import = |filename: &str, rest: &str| {
        let sha256 = "0".repeat(64);
        let metadata = format!(
            "{{\"filename\": {filename}, \"pages\": 1, \"sha256\": \"{sha256}\", \"bytes\": 1, \"attempt\": 1{rest}}}"
        );
        event("IMPORT", &metadata)
    };
    let own_name = format!("\"{copy}.pdf\"");
    for attack in [
        event("VALIDATE", "{\"pages\": 2, \"name\": \"Camille\"}"),
        event("VALIDATE", "{\"pages\": \"Camille\"}"),
        event("VALIDATE", "{\"pages\": null}"),
        event("VALIDATE", "[]"),
        event("DISCARD", "{}"),
        import("\"copie de Camille.pdf\"", ", \"success\": true"),
        import("null", ", \"success\": true"),
        import(&own_name, ", \"success\": true, \"error_code\": \"invalid_pdf\""),
        import(
            &own_name,
            ", \"success\": false, \"error_code\": \"Camille Exemple\"",
        ),
        import(&own_name, ", \"success\": false"),
    ] {
        let answer = attempt(&bench.database.app_url(), &attack).expect_err(&attack);
        assert!(answer.contains("violates check constraint"), "{attack}: {answer}");
    }
    let good = import(&own_name, ", \"success\": false, \"error_code\": \"invalid_pdf\"");
    assert_eq!(attempt(&bench.database.app_url(), &good), Ok(()));
}

#[tokio::test]
async fn for_the_owner_and_the_superuser_the_triggers_still_hold() {
    let bench = Bench::new().await;
    let copy = bench.ready(b"scan").await.id;
    let owner = bench.database.owner_url();
    let as_owner = |sql: &str| attempt(&owner, &format!("SET ROLE korrigo_owner; {sql}"));

    for sql in [
        "UPDATE grading.grading_events SET action = 'IMPORT'",
        "DELETE FROM grading.grading_events",
    ] {
        // Row security hides all rows from a change by the owner, and says nothing.
        assert_eq!(as_owner(sql), Ok(()));
        let answer = attempt(&bench.database.superuser_url(), sql).expect_err(sql);
        assert_eq!(answer, "the audit trail is append-only");
    }
    let truncate = "TRUNCATE grading.grading_events CASCADE";
    assert_eq!(
        as_owner(truncate),
        Err("the audit trail is append-only".to_owned())
    );
    assert!(as_owner(&format!("DELETE FROM grading.copies WHERE id = '{copy}'")).is_err());

    // What the owner says about time, place and chain is not listened to.
    let zeros = "decode(repeat('00', 32), 'hex')";
    let forged = insert(
        copy,
        ", at, seq, copy_version, prev, hash",
        &format!(", '2020-01-01', 1, 99, {zeros}, {zeros}"),
    );
    assert_eq!(as_owner(&forged), Ok(()));
    assert_eq!(bench.database.verify_chains(), Ok(()));
    let recent =
        "SELECT count(*) FROM grading.grading_events WHERE seq = 3 AND at > now() - interval '1 minute'";
    assert_eq!(bench.database.count(recent), 1);
}

#[tokio::test]
async fn what_the_database_chained_verifies_with_the_domains_own_definition() {
    let bench = Bench::new().await;
    let (copy, job) = bench.registered("scan with accents: é, œ, €".as_bytes()).await;
    let failed = copy
        .fail_import(FailureCode::Timeout, bench.attempted(job))
        .expect("the import fails");
    let id = failed.copy().id;
    let again = bench.retried(failed.copy()).await;
    let pending = again.transition().copy().clone();
    let done = pending
        .complete_import(count(2), bench.attempted(again.job().id))
        .expect("the import completes");
    let checked = done
        .copy()
        .clone()
        .validate(bench.asked(bench.admin).await)
        .expect("it validates");
    let (first, rest, link) = bench
        .tx(move |tx| {
            let steps = [&failed, again.transition(), &done, &checked];
            for (step, position) in steps.into_iter().zip(1..) {
                assert_eq!(tx.record(step)?.seq, position);
            }
            let first = tx.events().page(id, None, 1)?;
            let rest = tx.events().page(id, first.next, 5)?;
            Ok((first, rest, tx.events().end(id.into())?))
        })
        .await
        .expect("all is recorded and read");
    let link = link.expect("the copy has a trail").link;
    assert_eq!((first.items.len(), rest.items.len(), rest.next), (1, 3, None));
    let events: Vec<_> = first.items.into_iter().chain(rest.items).collect();
    assert_eq!(verify(&events, link), Ok(()));
    assert_eq!(
        events
            .iter()
            .map(|event| event.action.as_str())
            .collect::<Vec<_>>(),
        ["IMPORT", "RETRY", "IMPORT", "VALIDATE"]
    );
    assert_eq!(
        events.iter().map(|event| event.seq).collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
    assert_eq!(bench.database.verify_chains(), Ok(()));
}

#[tokio::test]
async fn a_row_altered_with_all_triggers_off_is_found() {
    let bench = Bench::new().await;
    let copy = bench.ready(b"scan").await.id;
    for (harm, found) in [
        (
            "UPDATE grading.grading_events SET actor_id = gen_random_uuid() WHERE seq = 1",
            Broken::Altered { seq: 1 },
        ),
        (
            "UPDATE grading.grading_events SET at = at - interval '1 day' WHERE seq = 2",
            Broken::Altered { seq: 2 },
        ),
        (
            "UPDATE grading.grading_events SET metadata = '{\"pages\": 3}' WHERE seq = 2",
            Broken::Altered { seq: 2 },
        ),
        (
            "DELETE FROM grading.grading_events WHERE seq = 1",
            Broken::Sequence { seq: 1 },
        ),
        (
            "DELETE FROM grading.grading_events WHERE seq = 2",
            Broken::Head { seq: 1 },
        ),
        ("UPDATE grading.copies SET ev_seq = 1", Broken::Head { seq: 2 }),
    ] {
        let keep = "CREATE TABLE kept AS SELECT * FROM grading.grading_events;
                    CREATE TABLE kept_copies AS SELECT id, ev_seq FROM grading.copies";
        let restore =
            "DELETE FROM grading.grading_events; INSERT INTO grading.grading_events SELECT * FROM kept;
                       UPDATE grading.copies c SET ev_seq = k.ev_seq FROM kept_copies k WHERE k.id = c.id;
                       DROP TABLE kept, kept_copies";
        bench
            .database
            .run(&format!("SET session_replication_role = replica; {keep}; {harm}"));
        assert_eq!(
            bench.database.verify_chains(),
            Err((copy.into(), found)),
            "{harm}"
        );
        bench
            .database
            .run(&format!("SET session_replication_role = replica; {restore}"));
        assert_eq!(bench.database.verify_chains(), Ok(()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_one_copy_written_at_the_same_time_take_different_places() {
    let bench = Bench::new().await;
    let copy = bench.imported(b"scan").await.id;
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let (app, sql) = (bench.database.app_url(), insert(copy, "", ""));
            std::thread::spawn(move || attempt(&app, &sql))
        })
        .collect();
    for writer in writers {
        assert_eq!(writer.join().expect("the writer ends"), Ok(()));
    }
    assert_eq!(
        bench
            .database
            .count("SELECT max(seq) FROM grading.grading_events"),
        9
    );
    assert_eq!(bench.database.verify_chains(), Ok(()));
}
