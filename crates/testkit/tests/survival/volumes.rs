//! A database whose volume is full, or fails to keep what it is given.
//!
//! Where a volume may be mounted, the server's files move to a small one, which is filled. Where not, no rights are needed: files of
//! the server may not grow beyond a limit, which the kernel answers much like a full volume; and the next file of its log of changes is a device that takes everything and keeps nothing.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use korrigo::stack::{Account, Postgres, Volume};
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;
use testkit::{Answer, Client, System, Upload, children, corpus, eventually, evidence};

use crate::corrector::{Corrector, work_goes_on};
use crate::ledger::judge;
use crate::rounds;

/// How large a file of the log of changes is. None grows beyond it; files of tables do.
const SEGMENT: u64 = 16 << 20;
/// Room for all that the server has, and for more.
const MEBIBYTES: u32 = 384;
/// How large the smallest file is that the server writes anew.
const PAGE: u64 = 8 << 10;
/// How often a draft may be kept before there has to be no room.
const ENOUGH: u64 = 400;

#[tokio::test]
async fn a_database_without_room_for_rows_refuses_writes_lets_people_read_and_works_again_by_itself() {
    // They outlive the system: a server ends before its volume does.
    let place = TempDir::new().unwrap();
    let volume = Volume::mount(place.path().to_owned(), MEBIBYTES);
    let mut system = System::builder().own_database().start().await;
    let corrector = Corrector::of(&system).await;
    if volume.is_some() {
        move_to(&mut system, place.path());
    }
    let before = corrector.correct(900).await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let upload = Upload::new(&exam, corpus::scan(1, 901), "no-room");
    let copy = teacher.upload(upload).await.expect(202).text("/copy_id");
    system.settle().await;

    let postgres = system.postgres.as_ref().unwrap();
    let path = format!("/copies/{copy}/draft");
    keep(&teacher, &path, 0).await.expect(200);
    leave_no_room(postgres, volume.as_ref());
    let (kept, refused) = keep_until_refused(&teacher, &path).await;
    refused.expect_problem(503, "unavailable");
    // Again, and it is no better; what was acknowledged is there, and everybody reads.
    keep(&teacher, &path, kept)
        .await
        .expect_problem(503, "unavailable");
    let seen = teacher.get(&path).await.expect(200).json();
    assert_eq!(seen.pointer("/version"), Some(&json!(kept)));
    teacher.get(&format!("/copies/{copy}")).await.expect(200);
    teacher.get("/exams").await.expect(200);
    operators_are_told(&system).await;

    make_room(postgres, volume.as_ref());
    keep(&teacher, &path, kept).await.expect(200);
    let after = corrector.correct(902).await;
    judge(&system, &[before, after]).await;
    let what = if volume.is_some() {
        "a full volume"
    } else {
        "a table whose files may not grow"
    };
    evidence(format_args!(
        "{what}, after {kept} drafts: the next was refused with 503, everything was read, `status` said database_unwritable, and with room again all is well without a restart"
    ));
}

/// Has the server's files on this volume from now on.
fn move_to(system: &mut System, volume: &Path) {
    let data = system.path("postgres/data");
    let postgres = system.postgres.as_mut().unwrap();
    postgres.stop().unwrap();
    let mut copy = Command::new("cp");
    copy.arg("--archive").arg(data.join(".")).arg(volume);
    assert!(copy.status().unwrap().success());
    fs::remove_dir_all(&data).unwrap();
    symlink(volume, &data).unwrap();
    postgres.restart().unwrap();
}

fn leave_no_room(postgres: &Postgres, volume: Option<&Volume>) {
    match volume {
        Some(volume) => volume.fill().unwrap(),
        None => limit_files(postgres, Some(SEGMENT)),
    }
}

fn make_room(postgres: &Postgres, volume: Option<&Volume>) {
    match volume {
        Some(volume) => volume.clear().unwrap(),
        None => limit_files(postgres, None),
    }
}

/// Every service is ready, since people read; what is the matter is said all the same.
async fn operators_are_told(system: &System) {
    let grading = format!("grading={}", system.grading.admin());
    eventually("operators to be told", async || {
        let output = system.operate(&["status", "--admin-urls", &grading]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if said.starts_with("verdict   database_unwritable") {
            Ok(())
        } else {
            Err(said)
        }
    })
    .await;
}

/// How many drafts were kept, and what became of the next.
async fn keep_until_refused(teacher: &Client, path: &str) -> (u64, Answer) {
    for version in 1..ENOUGH {
        let answer = keep(teacher, path, version).await;
        if answer.status != 200 {
            return (version, answer);
        }
    }
    panic!("there is room for {ENOUGH} drafts");
}

/// Something that nothing makes smaller, in the place of the last version.
async fn keep(teacher: &Client, path: &str, version: u64) -> Answer {
    let digests = (0..3_000).map(|number: u64| {
        let number = version * 10_000 + number;
        domain::Digest::of(&number.to_be_bytes()).to_string()
    });
    let draft = json!({"client_id": "a-window", "version": version, "payload": digests.collect::<String>()});
    Client::send(teacher.request(Method::PUT, path).json(&draft)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_without_room_for_its_log_of_changes_stops_and_loses_no_acknowledged_write() {
    let mut system = System::builder().own_database().start().await;
    let corrector = Corrector::of(&system).await;
    let (over, postgres) = (Cell::new(false), system.postgres.as_mut().unwrap());
    let filling = async {
        for _ in 0..rounds() {
            work_goes_on(&system.database).await;
            limit_files(postgres, Some(PAGE));
            stopped(postgres).await;
            limit_files(postgres, None);
            back(postgres).await;
        }
        over.set(true);
    };
    let (copies, ()) = tokio::join!(corrector.correct_until(&over, 910..), filling);
    judge(&system, &copies).await;
    evidence(format_args!(
        "{} times there was no room for the log of changes",
        rounds()
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_whose_disk_fails_to_keep_its_log_of_changes_stops_and_loses_no_acknowledged_write() {
    let mut system = System::builder().own_database().start().await;
    let corrector = Corrector::of(&system).await;
    let segments = system.path("postgres/data/pg_wal");
    let (over, postgres) = (Cell::new(false), system.postgres.as_mut().unwrap());
    let failing = async {
        for _ in 0..rounds() {
            work_goes_on(&system.database).await;
            let next = format!("SELECT pg_walfile_name(pg_current_wal_lsn() + {SEGMENT})");
            let next = segments.join(postgres.psql("postgres", &next).unwrap());
            let device = segments.join("device");
            symlink("/dev/null", &device).unwrap();
            fs::rename(&device, &next).unwrap();
            postgres.psql("postgres", "SELECT pg_switch_wal()").unwrap();
            stopped(postgres).await;
            fs::remove_file(&next).unwrap();
            back(postgres).await;
        }
        over.set(true);
    };
    let (copies, ()) = tokio::join!(corrector.correct_until(&over, 920..), failing);
    let log = fs::read_to_string(system.postgres.as_ref().unwrap().log()).unwrap();
    let told = log
        .lines()
        .find(|line| line.contains("PANIC:  could not f"))
        .unwrap();
    evidence(format_args!("{} times the disk failed: {told}", rounds()));
    judge(&system, &copies).await;
}

/// How large the files of a server may be from now on, those that it has begun too.
fn limit_files(postgres: &Postgres, bytes: Option<u64>) {
    let first = postgres.pid().unwrap();
    let limit = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
    // The first process comes first: what it starts from then on has its limit.
    for pid in [first].into_iter().chain(children(first)) {
        let mut command = Command::new("setpriv");
        if let Some(account) = Account::for_unprivileged_servers().unwrap() {
            command.arg(format!("--reuid={}", account.user));
            command.arg(format!("--regid={}", account.group));
            command.arg("--clear-groups");
        }
        let (pid, limit) = (pid.to_string(), format!("--fsize={limit}:"));
        command.args(["--", "prlimit", "--pid", &pid, &limit]);
        // One that has ended meanwhile writes nothing any more.
        drop(command.output().unwrap());
    }
}

async fn stopped(postgres: &Postgres) {
    eventually("the database to stop", async || {
        if answers(postgres) {
            Err("it answers")
        } else {
            Ok(())
        }
    })
    .await;
}

/// Waits until it is there again: by itself, or started by somebody if it has given up.
async fn back(postgres: &mut Postgres) {
    eventually("the database to be back", async || {
        if !postgres.is_running() {
            tokio::task::block_in_place(|| postgres.restart()).unwrap();
        }
        if answers(postgres) {
            Ok(())
        } else {
            Err("it does not answer")
        }
    })
    .await;
}

fn answers(postgres: &Postgres) -> bool {
    tokio::task::block_in_place(|| postgres.psql("postgres", "SELECT 1")).is_ok_and(|said| said == "1")
}
