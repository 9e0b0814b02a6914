//! A backup has everything of one moment, is known when it is damaged, and comes back only where it does no harm.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use blobs::{Blobs, Config};
use domain::Digest;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use testkit::{TestDatabase, eventually, stand_in, text};

use crate::trail::Trail;

const TAKE: &[&str] = &[
    "backup",
    "take",
    "--json",
    "--blobs-dir",
    "blobs",
    "backups/monday",
];

/// The trail with a session, an invitation, a job that somebody has claimed, and a file.
pub(crate) fn scene() -> (Trail, Digest) {
    let trail = Trail::new();
    let source = b"a scan".repeat(100_000);
    let digest = Digest::of(&source);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let blobs = Blobs::open(&Config::directory(trail.path("blobs"))).unwrap();
    runtime.block_on(blobs.put(source.clone())).unwrap();
    runtime.block_on(blobs.put("nobody refers to it")).unwrap();
    trail.database.run(&format!(
        "INSERT INTO grading.booklets (id, copy_id, exam_id, source_digest, source_size)
             SELECT gen_random_uuid(), id, exam_id, '\\x{digest}', {} FROM grading.copies
             WHERE anonymous_id = 'AAAA-2222';
         INSERT INTO grading.jobs (id, kind, copy_id, owner_id, state, attempt, max_attempts, fence, worker_id,
             lease_until, progress_done, progress_total, revision, request_id)
             SELECT gen_random_uuid(), 'IMPORT_COPY', c.id, u.id, 'RUNNING', 1, 3, 5, gen_random_uuid(),
                 now() + interval '1 hour', 0, 0, 1, 'a-request-id'
             FROM grading.copies c, grading.users u WHERE c.anonymous_id = 'AAAA-2222';
         INSERT INTO grading.sessions (token_digest, user_id, expires_at)
             SELECT sha256('token'), id, now() + interval '1 hour' FROM grading.users",
        source.len()
    ));
    (trail, digest)
}

pub(crate) fn restore(trail: &Trail, database: &TestDatabase, more: &[&str]) -> Output {
    let words = ["restore", "--json", "--blobs-dir", "restored", "backups/monday"];
    trail.operate(database, &[&words, more].concat())
}

pub(crate) fn said(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

/// That it ended with this code, and called the reason so.
fn refused(output: &Output, code: i32, reason: &str) {
    let answer = (
        output.status.code(),
        testkit::told::failure(output)["code"].clone(),
    );
    assert_eq!(answer, (Some(code), reason.into()), "{}", text(output));
}

pub(crate) fn take(trail: &Trail) -> Value {
    let output = trail.operate(&trail.database, TAKE);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    said(&output)
}

fn is_untouched(database: &TestDatabase, trail: &Trail) {
    assert_eq!(
        database.count("SELECT count(*) FROM pg_namespace WHERE nspname = 'grading'"),
        0
    );
    let restored = files(&trail.path("restored"));
    assert!(restored.is_empty(), "{restored:?}");
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let below = entries
        .map(|entry| entry.path())
        .map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    below.flatten().collect()
}

#[test]
fn a_backup_comes_back_whole_and_the_trail_says_so() {
    let (trail, digest) = scene();
    let taken = take(&trail);
    assert_eq!(
        (
            &taken["copies"],
            &taken["events"],
            &taken["tree_size"],
            &taken["blobs"]
        ),
        (&3.into(), &15.into(), &15.into(), &1.into())
    );
    let verify = ["backup", "verify", "--json", "backups/monday"];
    assert_eq!(said(&trail.operate(&trail.database, &verify)), taken);

    let database = TestDatabase::empty();
    let output = restore(
        &trail,
        &database,
        &["--digest", taken["digest"].as_str().unwrap()],
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let restored = said(&output);
    assert_eq!(
        (
            &restored["lost_events"],
            &restored["checkpoints"],
            &restored["recorded_in"]
        ),
        (&0.into(), &2.into(), &3.into())
    );
    assert!(restored["missing_checkpoint"].is_null());
    assert_eq!(database.schema(), trail.database.schema());
    let recorded = "SELECT count(*) FROM grading.grading_events WHERE action = 'RESTORE' AND actor_kind = 'operator'
        AND actor_id = (SELECT id FROM grading.users) AND metadata ->> 'lost' = '0' AND metadata ->> 'size' = '15'";
    assert_eq!(database.count(recorded), 3);
    let ended = "SELECT count(*) FROM grading.sessions";
    assert_eq!(database.count(ended), 0);
    // Whoever claimed the job later than the backup has a fence that is too small.
    assert_eq!(database.count("SELECT max(fence) FROM grading.jobs"), 1_000_005);
    let copied = files(&trail.path("restored"));
    assert!(matches!(copied.as_slice(), [one] if one.ends_with(digest.to_string())));

    let verified = trail.operate(&database, &["audit", "verify", "--json"]);
    assert_eq!(
        (verified.status.code(), &said(&verified)["events"]),
        (Some(0), &18.into())
    );
    let reconciled = trail.operate(&database, &["audit", "reconcile"]);
    assert_eq!(reconciled.status.code(), Some(0), "{}", text(&reconciled));
}

#[test]
fn a_single_bit_of_any_file_is_noticed_before_anything_is_touched() {
    let (trail, _) = scene();
    take(&trail);
    let database = TestDatabase::empty();
    let backup = trail.path("backups/monday");
    let parts = files(&backup);
    assert_eq!(parts.len(), 5, "{parts:?}");
    for path in parts {
        let whole = fs::read(&path).unwrap();
        for at in [0, whole.len() / 2, whole.len() - 1] {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            fs::write(&path, damaged).unwrap();
            let verify = ["backup", "verify", "--json", "backups/monday"];
            refused(&trail.operate(&database, &verify), 1, "damaged");
            refused(&restore(&trail, &database, &[]), 1, "damaged");
        }
        fs::write(&path, whole.split_last().unwrap().1).unwrap();
        refused(&restore(&trail, &database, &[]), 1, "damaged");
        fs::write(&path, whole).unwrap();
    }
    is_untouched(&database, &trail);
    let other = Digest::of(b"another").to_string();
    refused(
        &restore(&trail, &database, &["--digest", &other]),
        1,
        "another_backup",
    );
    fs::remove_file(backup.join("manifest.json")).unwrap();
    let verify = trail.operate(&database, &["backup", "verify", "--json", "backups/monday"]);
    refused(&verify, 2, "no_backup");
}

#[test]
fn a_backup_without_one_of_its_files_is_not_taken() {
    let (trail, digest) = scene();
    let object = files(&trail.path("blobs"));
    let object = object
        .iter()
        .find(|path| path.ends_with(digest.to_string()))
        .unwrap();
    fs::write(object, "something else").unwrap();
    refused(&trail.operate(&trail.database, TAKE), 1, "blob");
    assert!(!trail.path("backups").exists(), "nothing is left of it");
    fs::create_dir_all(trail.path("backups/monday")).unwrap();
    fs::remove_file(object).unwrap();
    refused(&trail.operate(&trail.database, TAKE), 1, "blob");
    assert_eq!(fs::read_dir(trail.path("backups/monday")).unwrap().count(), 0);
    let notes = trail.path("backups/monday/notes");
    fs::write(&notes, "of somebody else").unwrap();
    refused(&trail.operate(&trail.database, TAKE), 1, "directory_not_empty");
    assert_eq!(files(&trail.path("backups")), [notes]);
}

#[test]
fn a_backup_that_is_interrupted_or_whose_database_goes_away_leaves_nothing() {
    let (trail, _) = scene();
    let dump = "echo begun\nexec tail --pid=$PPID -f /dev/null";
    stand_in(&trail.path("tools"), "pg_dump", dump);
    let mut taking = trail.command(&trail.database, TAKE);
    taking.env("KORRIGO_POSTGRES_BIN", "tools");
    let taking = taking.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let taking = taking.unwrap();
    let dumped = trail.path("backups/monday/database.dump");
    trail.meanwhile(eventually("a dump to be begun", async || {
        fs::read_to_string(&dumped)
            .ok()
            .filter(|dump| dump == "begun\n")
            .ok_or(())
    }));
    let pid = Pid::from_raw(i32::try_from(taking.id()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    refused(&taking.wait_with_output().unwrap(), 1, "interrupted");
    assert!(!trail.path("backups").exists());

    let dump = "echo begun\necho 'pg_dump: error: connection to server was lost' >&2\nexit 1";
    stand_in(&trail.path("tools"), "pg_dump", dump);
    let mut taking = trail.command(&trail.database, TAKE);
    taking.env("KORRIGO_POSTGRES_BIN", "tools");
    refused(&taking.output().unwrap(), 1, "program_failed");
    assert!(!trail.path("backups").exists());
}

#[test]
fn nothing_is_restored_over_something() {
    let (trail, _) = scene();
    take(&trail);
    refused(&restore(&trail, &trail.database, &[]), 1, "database_not_empty");
    let database = TestDatabase::empty();
    fs::remove_dir_all(trail.path("restored")).unwrap();
    fs::rename(trail.path("blobs"), trail.path("restored")).unwrap();
    let output = restore(&trail, &database, &[]);
    refused(&output, 1, "blobs_not_empty");
    assert!(text(&output).contains("--reuse-blobs"), "{}", text(&output));
    fs::remove_dir_all(trail.path("restored")).unwrap();
    is_untouched(&database, &trail);
}

#[test]
fn where_the_checkpoints_of_what_is_lost_cannot_be_kept_nothing_is_restored() {
    let (trail, _) = scene();
    take(&trail);
    let export = trail.export("trail");
    assert_eq!(export.status.code(), Some(0), "{}", text(&export));
    trail.vouch(100);
    fs::write(trail.path("checkpoints.lost-18"), "of another restore").unwrap();
    let database = TestDatabase::empty();
    let lose = ["--accept-loss", "3"];
    refused(&restore(&trail, &database, &lose), 1, "checkpoints_kept");
    is_untouched(&database, &trail);
    // Kept by a restore that was broken off, they are no hindrance.
    fs::copy(trail.path("checkpoints"), trail.path("checkpoints.lost-18")).unwrap();
    let output = restore(&trail, &database, &lose);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
}

#[test]
fn who_restores_was_administrator_when_the_backup_was_taken_or_nothing_is_restored() {
    let (trail, _) = scene();
    trail.database.run(
        "INSERT INTO grading.users (id, login_normalized, login, display_name, role, disabled) VALUES
             (gen_random_uuid(), 'gone@school.example', 'gone@school.example', 'Nobody', 'ADMIN', true),
             (gen_random_uuid(), 'teacher@school.example', 'teacher@school.example', 'Nobody', 'TEACHER', false)",
    );
    take(&trail);
    let database = TestDatabase::empty();
    for operator in [
        "gone@school.example",
        "teacher@school.example",
        "nobody@school.example",
    ] {
        let somebody = ["--operator", operator];
        refused(&restore(&trail, &database, &somebody), 1, "operator");
    }
    let elsewhere = ["--postgres-bin", "nowhere"];
    refused(&restore(&trail, &database, &elsewhere), 1, "program_missing");
    is_untouched(&database, &trail);
    let output = restore(&trail, &database, &["--operator", "HEAD@school.example"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
}

#[test]
fn what_is_lost_is_said_loudly_accepted_by_number_and_recorded() {
    let (trail, _) = scene();
    take(&trail);
    let export = trail.export("trail");
    assert_eq!(export.status.code(), Some(0), "{}", text(&export));
    trail.vouch(100);

    let database = TestDatabase::empty();
    for (more, loud) in [
        (&[][..], "EVENTS WILL BE LOST"),
        (&["--accept-loss", "2"], "3 events will be lost, not 2"),
    ] {
        let output = restore(&trail, &database, more);
        refused(&output, 1, "loss_not_accepted");
        assert!(text(&output).contains(loud) && text(&output).contains("--accept-loss 3"));
    }
    is_untouched(&database, &trail);

    let output = restore(&trail, &database, &["--accept-loss", "3"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert_eq!(said(&output)["lost_events"], 3);
    let recorded = "SELECT count(*) FROM grading.grading_events
        WHERE action = 'RESTORE' AND metadata ->> 'lost' = '3' AND metadata ->> 'size' = '15'";
    assert_eq!(database.count(recorded), 3);
    // The trail goes on in another way than the lost checkpoints say, which are kept.
    let verify = |more: &[&str]| {
        let output = trail.operate(&database, &[&["audit", "verify", "--json"], more].concat());
        (output.status.code(), said(&output)["checkpoints"].clone())
    };
    assert_eq!(verify(&[]), (Some(0), 2.into()));
    assert_eq!(
        verify(&["--checkpoints", "checkpoints.lost-18"]).0,
        Some(1),
        "loudly, for whoever was not told"
    );
}

#[test]
fn a_copy_of_the_checkpoints_that_is_older_than_the_backup_is_enough_and_what_it_lacks_is_said() {
    let (trail, _) = scene();
    let whole = fs::read_to_string(trail.path("checkpoints")).unwrap();
    trail.remember(trail.vouch(100));
    take(&trail);
    let copied = whole.split_inclusive("\n\n").take(2).collect::<String>();
    fs::write(trail.path("checkpoints"), copied).unwrap();

    let database = TestDatabase::empty();
    let output = restore(&trail, &database, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let restored = said(&output);
    assert_eq!(
        (
            &restored["lost_events"],
            &restored["checkpoints"],
            &restored["missing_checkpoint"]
        ),
        (&0.into(), &1.into(), &15.into())
    );
    let verify = || trail.operate(&database, &["audit", "verify"]);
    assert_eq!(
        text(&verify()).trim(),
        "leaves 7 to 15 of the tree: checkpoints_lost"
    );
    fs::write(trail.path("a later copy"), whole).unwrap();
    let later = ["audit", "verify", "--checkpoints", "a later copy"];
    assert_eq!(trail.operate(&database, &later).status.code(), Some(0));
    let begun = trail.operate(&database, &["audit", "begin-anew", "--size", "15", "--json"]);
    assert!(begun.status.success(), "{}", text(&begun));
    assert_eq!(said(&begun)["forgotten_size"], 15);
    assert_eq!(verify().status.code(), Some(0), "{}", text(&verify()));
}

#[test]
fn a_trail_that_has_come_less_far_than_its_checkpoints_is_not_backed_up() {
    let (trail, _) = scene();
    trail.alter("DELETE FROM grading.audit_leaves WHERE position = 14; UPDATE grading.audit_frontier SET size = 7, nodes = substring(nodes FROM 1 FOR 96)");
    refused(&trail.operate(&trail.database, TAKE), 1, "older_than_checkpoint");
    // What is wrong is kept as evidence all the same.
    let evidence = [TAKE, &["--without-checkpoints"]].concat();
    let kept = trail.operate(&trail.database, &evidence);
    assert!(kept.status.success(), "{}", text(&kept));
}
