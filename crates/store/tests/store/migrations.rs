//! Migrations go up, down, and up again to the same schema; a service accepts that schema and no other.

use domain::secret::Secret;
use store::{Config, Database, Error, migrations, unfinished};
use testkit::database::TestDatabase;
use testkit::eventually;

use crate::harness::{attempt, steps_from};

fn owner(database: &TestDatabase) -> Secret {
    Secret::new(&database.owner_url())
}

#[test]
fn up_down_and_up_again_gives_the_same_schema_and_down_leaves_nothing() {
    let database = TestDatabase::empty();
    let url = owner(&database);
    let applied = migrations::up(&url).expect("up");
    assert!(!applied.is_empty());
    let first = database.schema();
    assert!(first.contains("CREATE TABLE grading.grading_events"));

    let mut reverted = migrations::down(&url, applied.len()).expect("down");
    reverted.reverse();
    assert_eq!(reverted, applied);
    let left = "SELECT (SELECT count(*) FROM pg_class c WHERE relnamespace = 'grading'::regnamespace
            AND relname NOT LIKE '\\_\\_diesel%')
        + (SELECT count(*) FROM pg_proc WHERE pronamespace = 'grading'::regnamespace)";
    assert_eq!(database.count(left), 0);

    assert_eq!(migrations::up(&url).expect("up again"), applied);
    assert_eq!(database.schema(), first);
}

#[test]
fn each_migration_by_itself_can_be_taken_back_and_applied_again() {
    let database = TestDatabase::empty();
    let url = owner(&database);
    let all = migrations::up(&url).expect("up").len();
    let whole = database.schema();
    for steps in 1..=all {
        assert_eq!(migrations::down(&url, steps).expect("down").len(), steps);
        assert_eq!(migrations::up(&url).expect("up").len(), steps);
    }
    assert_eq!(database.schema(), whole);
}

#[test]
fn applying_twice_changes_nothing_and_two_at_once_take_turns() {
    let database = TestDatabase::empty();
    let runners: Vec<_> = (0..2)
        .map(|_| {
            let url = owner(&database);
            std::thread::spawn(move || migrations::up(&url).map(|applied| applied.len()))
        })
        .collect();
    let mut applied: Vec<_> = runners
        .into_iter()
        .map(|runner| runner.join().expect("it ends"))
        .collect();
    applied.sort_by_key(|count| count.clone().unwrap_or(usize::MAX));
    let all = migrations::status(&owner(&database)).expect("the status").len();
    assert_eq!(applied, [Ok(0), Ok(all)]);
}

#[tokio::test]
async fn a_service_works_on_a_newer_schema_as_long_as_that_supports_it_and_on_no_older_one() {
    let database = TestDatabase::create();
    let connect = || Database::connect(Config::new(Secret::new(&database.app_url())));
    let service = connect().await.expect("it is its own schema");
    assert_eq!(migrations::check(&owner(&database)), Ok(()));

    // A migration of the next version only adds something.
    database.run("INSERT INTO grading.__diesel_schema_migrations (version) VALUES ('9999')");
    assert_eq!(connect().await.map(|_database| ()), Ok(()));
    assert_eq!(service.ping().await, Ok(()));
    assert_eq!(migrations::check(&owner(&database)), Ok(()));
    // Then one takes away what this version relies on, also under a service that runs.
    database.run("UPDATE grading.schema_support SET oldest = '9999'");
    assert_eq!(connect().await.map(|_database| ()), Err(Error::SchemaUnknown));
    assert_eq!(service.ping().await, Err(Error::SchemaUnknown));
    assert_eq!(migrations::check(&owner(&database)), Err(Error::SchemaUnknown));
    assert_eq!(migrations::down(&owner(&database), 1), Err(Error::SchemaUnknown));
    let last = migrations::status(&owner(&database))
        .expect("the status")
        .pop()
        .expect("a step");
    assert_eq!(
        (last.version.as_str(), last.applied, last.name),
        ("9999", true, None)
    );

    database.run("DELETE FROM grading.__diesel_schema_migrations WHERE version = '9999'");
    migrations::down(&owner(&database), 1).expect("down");
    assert_eq!(connect().await.map(|_database| ()), Err(Error::SchemaBehind));
    assert!(service.ping().await.is_err(), "it is not ready either");
}

#[test]
fn no_step_takes_a_trail_away() {
    let database = TestDatabase::create();
    database.run(
        r#"INSERT INTO grading.exams (id, name, date, layout) VALUES (gen_random_uuid(), 'Mock exam', '2030-05-17', 'A4');
        INSERT INTO grading.copies (id, exam_id, anonymous_id)
            SELECT gen_random_uuid(), e.id, 'AAAA-2222' FROM grading.exams e;
        INSERT INTO grading.grading_events (id, copy_id, action, actor_kind, actor_id, operation_id, metadata)
            SELECT gen_random_uuid(), c.id, 'REMARK', 'user', gen_random_uuid(), gen_random_uuid(),
                '{"target": "copy", "cleared": false}' FROM grading.copies c"#,
    );
    let before = database.schema();
    let all = migrations::versions().expect("versions").len();
    assert_eq!(migrations::down(&owner(&database), all), Err(Error::WouldLose));
    assert_eq!(
        database.schema(),
        before,
        "not even the steps before were taken back"
    );
    // The last one that makes the trail, which stays.
    let above = steps_from("0010");
    assert_eq!(
        migrations::down(&owner(&database), above).map(|done| done.len()),
        Ok(above)
    );
}

#[tokio::test]
async fn a_migration_that_meets_other_work_lets_it_through_and_is_tried_again() {
    let database = TestDatabase::create();
    let url = owner(&database);
    let steps = steps_from("0011");
    migrations::down(&url, steps).expect("down");
    let bar = database.bar("grading.grading_events");
    let migrating = std::thread::spawn(move || migrations::up(&url).map(|applied| applied.len()));
    bar.reached().await;
    eventually("the migration to give way", async || match bar.waiting() {
        0 => Ok(()),
        waiting => Err(waiting),
    })
    .await;
    drop(bar);
    assert_eq!(migrating.join().expect("it ends"), Ok(steps));
}

#[test]
fn every_column_that_refers_to_a_file_is_one_that_sweeper_and_backup_know() {
    let database = TestDatabase::create();
    let known = "
        'booklets.source_digest', 'batches.source_digest', 'pages.display_digest', 'pages.thumbnail_digest',
        'pages.redacted_display_digest', 'pages.redacted_thumbnail_digest', 'pages.identity_digest',
        'documents.digest', 'documents.anonymous_digest', 'archives.digest'";
    let unknown = format!(
        "SELECT count(*) FROM information_schema.columns
         WHERE table_schema = 'grading' AND data_type = 'bytea' AND column_name LIKE '%digest'
            AND column_name <> 'token_digest' AND table_name || '.' || column_name NOT IN ({known})"
    );
    assert_eq!(
        database.count(&unknown),
        0,
        "add it to REFERENCES in crates/store/src/blobs.rs, and here"
    );
}

#[tokio::test]
async fn what_was_begun_and_not_ended_is_named_and_no_service_minds() {
    let database = TestDatabase::create();
    let left = || {
        let left = unfinished(&owner(&database)).expect("it is looked at");
        left.into_iter()
            .map(|one| format!("{} {} of {}", one.kind, one.name, one.table))
            .collect::<Vec<_>>()
    };
    assert_eq!(left(), [""; 0], "a step left a rule that no later step validates");

    let exam = "INSERT INTO grading.exams (id, name, date, layout)
        VALUES (gen_random_uuid(), 'Mock exam', '2030-05-17', 'A4')";
    database.run(&format!("{exam}; {exam};"));
    let superuser = database.superuser_url();
    let broken_off = "CREATE UNIQUE INDEX CONCURRENTLY exams_name_once ON grading.exams (name)";
    attempt(&superuser, broken_off).expect_err("there are two of that name");
    let rule = "ALTER TABLE grading.exams ADD CONSTRAINT exams_of_late CHECK (date > '2040-01-01') NOT VALID";
    attempt(&superuser, rule).expect("it is not asked of these two");
    let both = [
        "constraint exams_of_late of exams",
        "index exams_name_once of exams",
    ];
    assert_eq!(left(), both);
    assert_eq!(migrations::check(&owner(&database)), Ok(()));
    let service = Database::connect(Config::new(Secret::new(&database.app_url()))).await;
    assert_eq!(service.map(|_database| ()), Ok(()));

    database.run("DELETE FROM grading.exams");
    attempt(&superuser, "REINDEX INDEX CONCURRENTLY grading.exams_name_once").expect("they differ now");
    database.run("ALTER TABLE grading.exams VALIDATE CONSTRAINT exams_of_late");
    assert_eq!(left(), [""; 0]);
}

#[tokio::test]
async fn an_empty_database_is_behind() {
    let empty = TestDatabase::empty();
    assert_eq!(migrations::check(&owner(&empty)), Err(Error::SchemaBehind));
    let config = Config::new(Secret::new(&empty.app_url()));
    assert_eq!(
        Database::connect(config).await.map(|_database| ()),
        Err(Error::SchemaBehind)
    );
}

#[test]
fn a_migration_that_fails_names_itself_and_leaves_nothing_behind() {
    let database = TestDatabase::empty();
    let url = owner(&database);
    let applied = migrations::up(&url).expect("up");
    let before = applied
        .iter()
        .take_while(|version| version.as_str() != "0005")
        .count();
    migrations::down(&url, applied.len() - before).expect("down");
    let before = database.schema();
    attempt(
        &database.owner_url(),
        "SET ROLE korrigo_owner; CREATE FUNCTION grading.copies_require_event() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    )
    .expect("something is in the way");
    let failed = migrations::up(&url).expect_err("the migration fails");
    assert!(
        matches!(&failed, Error::Migration { version, .. } if version.as_ref() == "0005"),
        "{failed:?}"
    );
    attempt(
        &database.owner_url(),
        "SET ROLE korrigo_owner; DROP FUNCTION grading.copies_require_event()",
    )
    .expect("the way is free");
    assert_eq!(database.schema(), before);
}
