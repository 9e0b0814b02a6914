//! Everything is lost but a backup and the checkpoints, the files of the database server too, and the system comes back on an
//! empty one: `make drill-restore`. Or the database is spoilt and kept as it is, and the system comes back beside it.

#![expect(
    clippy::tests_outside_test_module,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

use std::convert::Infallible;
use std::process::Output;
use std::time::Instant;

use blobs::{Blobs, SweepRules, clock, sweep};
use domain::secret::Secret;
use serde_json::{Value, json};
use store::{Config, Database, Error};
use testkit::{Client, S3, System, TestDatabase, Upload, corpus, evidence};

/// How many copies there are, unless `KORRIGO_DRILL_COPIES` says otherwise.
const COPIES: u64 = 2;
const AT_A_TIME: usize = 20;
const SET_ASIDE: &[&str] = &["migrate", "set-aside", "--yes", "--json"];

#[tokio::test]
async fn a_system_comes_back_from_a_backup_and_what_was_of_the_future_does_nothing() {
    let mut system = System::builder().impatient().own_database().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let copies = imported(&system, &teacher, &exam).await;
    system.vouched().await;
    let begun = Instant::now();
    let taken = done(&system, &["backup", "take", "--json", "backup"]);
    let (took, moment) = (begun.elapsed(), Instant::now());

    // What comes now is in no backup: a copy that a worker is told of, and a change that a checkpoint vouches for.
    system.worker().kill();
    let future = upload(&teacher, &exam, 1_000_000).await;
    let first = copies.first().unwrap();
    teacher
        .post(&format!("/copies/{first}/validate"), &json!({}))
        .await
        .expect(200);
    system.vouched().await;
    system.announced().await;
    system.grading.kill();
    system.postgres.as_mut().unwrap().lose().unwrap();
    std::fs::remove_dir_all(system.blobs()).unwrap();
    let lost = moment.elapsed();

    let operator = ["--operator", system.admin_login()];
    let words = [&["restore", "--json", "backup"][..], &operator].concat();
    assert_eq!(refused(&system, SET_ASIDE), json!("roles_missing"));
    let begun = Instant::now();
    done(&system, &["migrate", "bootstrap"]);
    assert_eq!(refused(&system, &words), json!("loss_not_accepted"));
    let restored = done(&system, &[&words[..], &["--accept-loss", "1"]].concat());
    let back = begun.elapsed();
    assert_eq!(restored.get("blobs"), taken.get("blobs"));

    system.grading.restart().await;
    system.worker().restart().await;
    system.settle().await;
    teacher.get("/exams").await.expect(401);
    let teacher = system.teacher().await;
    teacher.get(&format!("/copies/{future}")).await.expect(404);
    for copy in &copies {
        let restored = teacher.get(&format!("/copies/{copy}")).await.expect(200);
        assert_eq!(restored.text("/status"), "STAGING");
        let page = format!("/copies/{copy}/pages/0?size=thumb");
        teacher.get(&page).await.expect(200);
    }
    // The same upload is a new one, since nobody remembers it.
    upload(&teacher, &exam, 1_000_000).await;
    system.settle().await;
    system.vouched().await;
    done(&system, &["audit", "verify", "--json"]);
    done(&system, &["audit", "reconcile", "--json"]);
    let figure = |name: &str| taken.get(name).cloned().unwrap_or_default();
    evidence(format_args!(
        "{} copies, {} events, {} files of {} bytes: backed up in {took:.1?}; all files of the database server and all blobs deleted; \
         on an empty server restored and verified in {back:.1?} (RTO); \
         lost is what came in the {lost:.1?} after the backup (RPO): {} event",
        figure("copies"),
        figure("events"),
        figure("blobs"),
        figure("blob_bytes"),
        restored.get("lost_events").cloned().unwrap_or_default(),
    ));
}

#[tokio::test]
async fn a_backup_comes_back_beside_a_spoilt_database_and_among_the_files_that_are_there() {
    let mut system = System::builder().impatient().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let copy = upload(&teacher, &exam, 0).await;
    system.settle().await;
    system.vouched().await;
    let taken = done(&system, &["backup", "take", "--json", "backup"]);
    system
        .database
        .run("SET session_replication_role = replica; UPDATE grading.grading_events SET actor_kind = 'user'");
    assert_eq!(refused(&system, SET_ASIDE), json!("database_in_use"));
    system.worker().kill();
    system.grading.kill();
    let [app, superuser] = [system.database.app_url(), system.database.superuser_url()];
    let spoilt = TestDatabase::dump(&superuser, &[]);
    let names = system.blob_names();
    let [damaged, missing] = [&names[0], &names[1]].map(|name| system.blob(name).unwrap());
    std::fs::write(&damaged, "something else").unwrap();
    std::fs::remove_file(&missing).unwrap();
    let stray = missing.with_file_name("0".repeat(64));
    std::fs::write(&stray, "nobody refers to it").unwrap();

    let moved = done(&system, SET_ASIDE);
    let said = |name: &str| moved.get(name).and_then(Value::as_str).unwrap();
    let beside = |url: &str| Secret::new(&url.replace(said("database"), said("aside")));
    assert_eq!(
        refused(&system, &["restore", "--json", "backup"]),
        json!("blobs_not_empty")
    );
    let restored = done(&system, &["restore", "--json", "backup", "--reuse-blobs"]);
    let figures = ["blobs", "blobs_put", "lost_events", "disagreements"].map(|name| restored.get(name));
    assert_eq!(
        figures,
        [
            taken.get("blobs"),
            Some(&json!(2)),
            Some(&json!(0)),
            Some(&json!(0))
        ]
    );
    assert!(stray.exists(), "it is the sweeper's");

    assert!(TestDatabase::dump(beside(&superuser).expose(), &[]) == spoilt);
    assert!(TestDatabase::dump(&superuser, &[]) != spoilt);
    let let_in = Database::connect(Config::new(beside(&app))).await;
    assert_eq!(let_in.err(), Some(Error::Rejected));

    system.grading.restart().await;
    system.worker().restart().await;
    system.settle().await;
    let teacher = system.teacher().await;
    for size in ["thumb", "display"] {
        let page = format!("/copies/{copy}/pages/0?size={size}");
        teacher.get(&page).await.expect(200);
    }
    system.vouched().await;
    done(&system, &["audit", "verify", "--json"]);
    done(&system, &["audit", "reconcile", "--json"]);
}

// The bucket is in this process, and answers while a command runs.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_bucket_comes_back_in_another_bucket() {
    let [full, empty] = [S3::anywhere().await, S3::anywhere().await];
    let mut system = System::builder().impatient().bucket(&full).start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let copy = upload(&teacher, &exam, 0).await;
    system.settle().await;
    system.vouched().await;
    let take = ["backup", "take", "--json", "backup"];
    let taken = done_with(&system, &full, &take);
    system.worker().kill();
    system.grading.kill();
    done(&system, SET_ASIDE);

    let words = ["restore", "--json", "backup"];
    assert_eq!(refused_with(&system, &full, &words), json!("blobs_not_empty"));
    let restored = done_with(&system, &empty, &words);
    assert_eq!(restored.get("blobs"), taken.get("blobs"));
    assert_eq!(restored.get("lost_events"), Some(&json!(0)));
    let blobs = Blobs::open(&empty.config("/dev/null/blobs".into())).unwrap();
    let rules = SweepRules {
        dry_run: true,
        ..SweepRules::default()
    };
    let none = async |_| Ok::<_, Infallible>(Vec::new());
    let there = sweep(&blobs, rules, clock(), none).await.unwrap();
    assert_eq!(restored.get("blobs"), Some(&json!(there.examined)));

    for (variable, value) in empty.settings() {
        system.worker().set(variable, &value);
        system.gateways.first_mut().unwrap().set(variable, &value);
    }
    system.grading.restart().await;
    system.worker().restart().await;
    system.gateways.first_mut().unwrap().replace().await;
    system.settle().await;
    let page = format!("/copies/{copy}/pages/0?size=thumb");
    system.teacher().await.get(&page).await.expect(200);
    system.vouched().await;
    done(&system, &["audit", "verify", "--json"]);
}

fn wanted() -> u64 {
    testkit::wanted("KORRIGO_DRILL_COPIES", COPIES)
}

/// As many copies as are wanted, imported.
async fn imported(system: &System, teacher: &Client, exam: &str) -> Vec<String> {
    let mut copies = Vec::new();
    for seed in 0..wanted() {
        copies.push(upload(teacher, exam, seed).await);
        // As many at a time as are sure to be imported before anybody loses patience.
        if copies.len().is_multiple_of(AT_A_TIME) {
            system.settle().await;
        }
    }
    system.settle().await;
    copies
}

async fn upload(teacher: &Client, exam: &str, seed: u64) -> String {
    let key = format!("drill-upload-{seed}");
    let upload = Upload::new(exam, corpus::scan(2, seed), &key);
    teacher.upload(upload).await.expect(202).text("/copy_id")
}

/// The code with which a command is refused.
fn refused(system: &System, arguments: &[&str]) -> Value {
    code(arguments, &system.operate(arguments))
}

/// The same of a command that looks for blobs in a bucket.
fn refused_with(system: &System, bucket: &S3, arguments: &[&str]) -> Value {
    code(arguments, &system.operate_with(&bucket.settings(), arguments))
}

fn code(arguments: &[&str], output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
    testkit::told::failure(output)
        .get("code")
        .cloned()
        .unwrap_or_default()
}

/// What a command says that does what it should.
fn done(system: &System, arguments: &[&str]) -> Value {
    said(arguments, &system.operate(arguments))
}

/// The same of a command that looks for blobs in a bucket.
fn done_with(system: &System, bucket: &S3, arguments: &[&str]) -> Value {
    said(arguments, &system.operate_with(&bucket.settings(), arguments))
}

fn said(arguments: &[&str], output: &Output) -> Value {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {errors}");
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}
