//! Who may do what with the database.

mod aside;

use std::time::Duration;

use domain::secret::Secret;
use store::bootstrap::{Roles, bootstrap};
use store::{Blocker, Config, Database, Error, blockers};
use testkit::{TestDatabase, eventually};

use crate::desk::Desk;
use crate::harness::{Bench, attempt};

#[tokio::test]
async fn the_services_role_owns_nothing_and_can_become_nobody() {
    let bench = Bench::new().await;
    let powers = "SELECT count(*) FROM pg_roles WHERE rolname IN ('korrigo_app', 'korrigo_read')
        AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
            OR pg_has_role(rolname, 'korrigo_owner', 'MEMBER')
            OR has_schema_privilege(rolname, 'grading', 'CREATE'))";
    assert_eq!(bench.database.count(powers), 0);
    let of_others = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'grading' AND c.relowner <> 'korrigo_owner'::regrole";
    assert_eq!(bench.database.count(of_others), 0);
    let callable = "SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'grading' AND has_function_privilege('korrigo_app', p.oid, 'EXECUTE')";
    assert_eq!(bench.database.count(callable), 0);
}

#[tokio::test]
async fn time_limits_are_on_the_role_itself() {
    let bench = Bench::new().await;
    let limited = "SELECT count(*) FROM pg_roles WHERE rolname = 'korrigo_app' AND rolconfig @> ARRAY[
        'statement_timeout=30s', 'lock_timeout=10s', 'idle_in_transaction_session_timeout=60s',
        'log_min_error_statement=panic', 'log_error_verbosity=terse', 'lc_messages=C']";
    assert_eq!(bench.database.count(limited), 1);
}

#[tokio::test]
async fn diagnosis_reads_no_secrets_and_no_names_and_writes_nothing() {
    let bench = Bench::new().await;
    let read = bench.database.read_url();
    for allowed in [
        "SELECT * FROM grading.copies",
        "SELECT * FROM grading.grading_events",
        "SELECT * FROM grading.jobs",
        "SELECT * FROM grading.outbox",
        "SELECT id, role, disabled FROM grading.users",
        "SELECT user_id, expires_at FROM grading.sessions",
        "SELECT user_id, expires_at FROM grading.invitations",
        "SELECT scope, failures, blocked_until FROM grading.throttles",
    ] {
        assert_eq!(attempt(&read, allowed), Ok(()), "{allowed}");
    }
    for refused in [
        "SELECT password_hash FROM grading.users",
        "SELECT login FROM grading.users",
        "SELECT display_name FROM grading.users",
        "SELECT token_digest FROM grading.sessions",
        "SELECT token_digest FROM grading.invitations",
        "SELECT key FROM grading.throttles",
        "SELECT name FROM grading.exams",
        "SELECT answer FROM grading.idempotency_keys",
        "BEGIN READ WRITE; DELETE FROM grading.outbox",
        "BEGIN READ WRITE; UPDATE grading.jobs SET attempt = 0",
    ] {
        let answer = attempt(&read, refused).expect_err(refused);
        assert!(answer.starts_with("permission denied"), "{refused}: {answer}");
    }
}

#[tokio::test]
async fn diagnosis_sees_that_something_is_on_a_copy_and_of_it_only_what_the_trail_says() {
    let desk = Desk::new().await;
    let read = desk.bench.database.read_url();
    for allowed in [
        "SELECT copy_id, owner_id, fence, ttl_seconds, acquired_at, expires_at FROM grading.locks",
        "SELECT id, copy_id, page_index, kind, question_id, created_by, version FROM grading.annotations",
        "SELECT copy_id, question_id, quarters, updated_at FROM grading.scores",
        "SELECT copy_id, question_id, updated_at FROM grading.remarks",
        "SELECT copy_id, updated_at FROM grading.appreciations",
        "SELECT copy_id, user_id, version, updated_at FROM grading.drafts",
        "SELECT * FROM grading.documents",
        "SELECT id, role, disabled, ev_seq, ev_head FROM grading.users",
        "SELECT * FROM grading.archives",
        "SELECT released_at FROM grading.exams",
        "SELECT exam_id, created_by, reason_code, question_id FROM grading.change_sets",
        "SELECT exam_id, number, released_by, withdrawn_at FROM grading.releases",
        "SELECT release_id, copy_id, score_quarters, max_quarters, points FROM grading.release_results",
        "SELECT copy_id, change_set_id, delta_quarters FROM grading.adjustments",
    ] {
        assert_eq!(attempt(&read, allowed), Ok(()), "{allowed}");
    }
    for refused in [
        "SELECT token_digest FROM grading.locks",
        "SELECT text FROM grading.annotations",
        "SELECT ink FROM grading.annotations",
        "SELECT delta_quarters FROM grading.annotations",
        "SELECT text FROM grading.remarks",
        "SELECT text FROM grading.appreciations",
        "SELECT payload FROM grading.drafts",
        "SELECT client_id FROM grading.drafts",
        "SELECT marking_scheme FROM grading.exams",
        "SELECT marking_scheme FROM grading.releases",
        "SELECT reason FROM grading.change_sets",
        "SELECT count(*) FROM grading.copy_authors",
        "SELECT * FROM grading.annotations",
    ] {
        let answer = attempt(&read, refused).expect_err(refused);
        assert!(answer.starts_with("permission denied"), "{refused}: {answer}");
    }
}

#[tokio::test]
async fn the_services_role_rewrites_no_document_no_fence_and_no_author() {
    let Desk { bench, copy, .. } = Desk::new().await;
    let (copy, user) = (copy.id, bench.admin);
    for attack in [
        "UPDATE grading.documents SET digest = sha256('x')".to_owned(),
        "DELETE FROM grading.documents".to_owned(),
        "TRUNCATE grading.documents".to_owned(),
        "UPDATE grading.release_results SET score_quarters = 0".to_owned(),
        "DELETE FROM grading.release_results".to_owned(),
        "UPDATE grading.releases SET number = 7".to_owned(),
        "DELETE FROM grading.releases".to_owned(),
        "UPDATE grading.archives SET release_id = gen_random_uuid()".to_owned(),
        "UPDATE grading.archives SET job_id = gen_random_uuid()".to_owned(),
        "UPDATE grading.adjustments SET delta_quarters = 1".to_owned(),
        "DELETE FROM grading.adjustments".to_owned(),
        "UPDATE grading.change_sets SET reason_code = 'other'".to_owned(),
        "UPDATE grading.locks SET fence = fence + 1".to_owned(),
        format!("UPDATE grading.locks SET owner_id = '{user}'"),
        "UPDATE grading.locks SET acquired_at = now()".to_owned(),
        "UPDATE grading.locks SET copy_id = gen_random_uuid()".to_owned(),
        "UPDATE grading.identities SET student_id = gen_random_uuid()".to_owned(),
        format!("UPDATE grading.identities SET copy_id = '{copy}'"),
        "UPDATE grading.annotations SET created_by = gen_random_uuid()".to_owned(),
        "UPDATE grading.annotations SET copy_id = gen_random_uuid()".to_owned(),
        "UPDATE grading.scores SET copy_id = gen_random_uuid()".to_owned(),
        "UPDATE grading.scores SET updated_at = '2020-01-01'".to_owned(),
        "UPDATE grading.remarks SET question_id = '2'".to_owned(),
        "UPDATE grading.drafts SET user_id = gen_random_uuid()".to_owned(),
        "UPDATE grading.booklets SET source_digest = sha256('x')".to_owned(),
        "DELETE FROM grading.exams".to_owned(),
        "ALTER TABLE grading.scores DISABLE TRIGGER ALL".to_owned(),
    ] {
        let answer = attempt(&bench.database.app_url(), &attack).expect_err(&attack);
        let refused = ["permission denied", "must be owner"];
        assert!(
            refused.iter().any(|beginning| answer.starts_with(beginning)),
            "{attack}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_role_that_may_make_roles_and_databases_is_enough_to_begin() {
    let bench = Bench::new().await;
    let suffix = uuid::Uuid::from(bench.exam).simple().to_string();
    let database = format!("made_{suffix}");
    let (maker, url) = maker(&bench.database, &suffix);
    let password = Secret::new("korrigo-test");
    let roles = Roles {
        database: database.clone(),
        migrate_password: password.clone(),
        app_password: password.clone(),
        read_password: password,
    };
    let outcomes = [bootstrap(&url, &roles), bootstrap(&url, &roles)];
    let owned = format!(
        "SELECT count(*) FROM pg_database WHERE datname = '{database}' AND datdba = 'korrigo_owner'::regrole
         AND NOT has_database_privilege('public', oid, 'CONNECT')"
    );
    let owned = bench.database.count(&owned);
    let leftover = format!("SELECT pg_has_role('{maker}', 'korrigo_owner', 'MEMBER')::int");
    let leftover = bench.database.count(&leftover);
    bench.database.run(&format!("DROP DATABASE IF EXISTS {database}"));
    bench.database.run(&format!("DROP ROLE {maker}"));
    assert_eq!((outcomes, owned, leftover), ([Ok(()), Ok(())], 1, 0));
    let odd = Roles {
        database: "made; DROP ROLE korrigo_app".to_owned(),
        ..roles
    };
    assert_eq!(
        bootstrap(&url, &odd),
        Err(Error::Refused {
            rule: "database_name"
        })
    );
}

/// A role that may make roles and databases, and its URL.
fn maker(database: &TestDatabase, suffix: &str) -> (String, Secret) {
    let maker = format!("maker_{suffix}");
    database.run(&format!(
        "CREATE ROLE {maker} LOGIN CREATEROLE CREATEDB PASSWORD 'made-up'"
    ));
    let url = format!("postgres://{maker}:made-up@{}/postgres", database.address());
    (maker, Secret::new(&url))
}

async fn listed(looker: &Database) -> Vec<Blocker> {
    let listed = looker
        .transaction("test", |tx| tx.blockers().list(Duration::ZERO))
        .await;
    listed.expect("they can be listed")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_table_for_itself_is_seen_before_anybody_waits_and_while_no_table_can_be_read() {
    let bench = Bench::new().await;
    let shut = bench.database.shut("grading.copies");
    let seen = listed(&bench.store).await;
    let [blocker] = seen.as_slice() else {
        panic!("{seen:?}")
    };
    assert_eq!((blocker.waiting, blocker.seconds), (0, 0));
    let superuser = Secret::new(&bench.database.superuser_url());
    assert_eq!(blockers::end(&superuser, blocker.pid), Ok(true));
    // It was told to end, and does.
    eventually("nobody to have it", async || {
        match listed(&bench.store).await.as_slice() {
            [] => Ok(()),
            others => Err(others.to_vec()),
        }
    })
    .await;
    drop(shut);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_holds_up_others_is_seen_and_ended_and_what_waited_goes_through() {
    let bench = Bench::with(|config| config.lock_timeout = Duration::from_secs(30)).await;
    let read = Secret::new(&bench.database.read_url());
    let looker = Database::connect(Config::new(read)).await.expect("it may look");
    let superuser = Secret::new(&bench.database.superuser_url());
    assert_eq!(listed(&looker).await, []);

    let bar = bench.database.bar("grading.copies");
    let ended = async {
        let blocker = eventually("a blocker", async || match listed(&looker).await.as_slice() {
            [blocker] if blocker.waiting > 0 => Ok(*blocker),
            other => Err(other.len()),
        })
        .await;
        assert_eq!(blocker.waiting, 1);
        assert_eq!(
            blockers::end(&superuser, blocker.pid + 100_000),
            Ok(false),
            "there is no such connection"
        );
        assert_eq!(blockers::end(&superuser, blocker.pid), Ok(true));
    };
    let (_copy, ()) = tokio::join!(bench.registered(b"who waits"), ended);
    assert_eq!(listed(&looker).await, []);
    drop(bar);
}
