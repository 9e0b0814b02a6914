//! Every command of operators that changes something leaves an event with an operator as its actor, or is one of the
//! exceptions that docs/operations.md names.

use std::time::{Duration, Instant};

use contracts::jobs;
use domain::Layout;
use domain::audit::{Act, Action};
use serde_json::{Value, json};
use testkit::commands::{all, alone, begins};
use testkit::{Client, System, Upload, corpus, eventually, program};

use crate::desk::{Desk, Pen, change_exam, items, text};
use crate::operators::ended;

const OPERATIONS: &str = include_str!("../../../../docs/operations.md");
const SECTION: &str = "## What each command leaves in the trail\n";
/// How long it may take until somebody has waited for long enough to be listed.
const PATIENCE: Duration = Duration::from_secs(30);
const QUEUE: &str = "korrigo.pdf.import.dead";

/// What a command leaves in the trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaves {
    /// Nothing: it looks, or writes files that are its user's own.
    Nothing,
    /// Events of a copy or a person.
    Event(Action),
    /// An event in the trail of the operator.
    Act(Act),
    /// Events, as the test in this file shows by these words: it needs a database of its own.
    Elsewhere(&'static str, &'static str),
    /// None, although it changes something. The documentation says why.
    Exception,
}

/// Every command. Where several begin with the same words and leave the same, it is these words.
const COMMANDS: &[(&str, Leaves)] = &[
    ("audit begin-anew", Leaves::Act(Act::BeginAnew)),
    ("audit consistency", Leaves::Nothing),
    ("audit export", Leaves::Event(Action::Export)),
    ("audit key", Leaves::Nothing),
    ("audit prove", Leaves::Nothing),
    ("audit reconcile", Leaves::Nothing),
    ("audit verify", Leaves::Nothing),
    ("backup take", Leaves::Exception),
    ("backup verify", Leaves::Nothing),
    ("batches discard", Leaves::Act(Act::DiscardBatch)),
    ("batches list", Leaves::Nothing),
    ("blobs sweep", Leaves::Act(Act::SweepBlobs)),
    ("blockers end", Leaves::Act(Act::EndBlocker)),
    ("blockers list", Leaves::Nothing),
    ("completions", Leaves::Nothing),
    ("copies discard", Leaves::Event(Action::Discard)),
    ("copies retry", Leaves::Event(Action::Retry)),
    ("copies stuck", Leaves::Nothing),
    ("dead-letters discard", Leaves::Act(Act::DiscardLetter)),
    ("dead-letters list", Leaves::Nothing),
    ("dead-letters replay", Leaves::Act(Act::RetryJob)),
    ("dead-letters show", Leaves::Nothing),
    ("dev", Leaves::Exception),
    ("diagnose", Leaves::Nothing),
    ("drill", Leaves::Exception),
    ("jobs cancel", Leaves::Act(Act::CancelJob)),
    ("jobs list", Leaves::Nothing),
    ("jobs retry", Leaves::Act(Act::RetryJob)),
    ("locks list", Leaves::Nothing),
    ("locks release", Leaves::Event(Action::ForceUnlock)),
    ("migrate bootstrap", Leaves::Exception),
    ("migrate check", Leaves::Nothing),
    ("migrate down", Leaves::Exception),
    ("migrate set-aside", Leaves::Exception),
    ("migrate status", Leaves::Nothing),
    ("migrate up", Leaves::Exception),
    (
        "restore",
        Leaves::Elsewhere(
            include_str!("../../../korrigo/tests/audit/people.rs"),
            "e.action = 'RESTORE_USER' AND e.actor_kind = 'operator'",
        ),
    ),
    ("retention erase", Leaves::Act(Act::ErasePupil)),
    ("retention purge", Leaves::Act(Act::EraseBatch)),
    ("retention report", Leaves::Nothing),
    ("status", Leaves::Nothing),
    ("users add", Leaves::Event(Action::AddUser)),
    ("users disable", Leaves::Event(Action::ChangeUser)),
    ("users enable", Leaves::Event(Action::ChangeUser)),
    ("users invite", Leaves::Event(Action::InviteUser)),
];

#[test]
fn of_every_command_it_is_said_what_it_leaves() {
    let commands = all();
    for command in &commands {
        let known = COMMANDS.iter().filter(|(words, _)| begins(command, words));
        assert_eq!(known.count(), 1, "{command}");
    }
    let (_, section) = OPERATIONS.split_once(SECTION).unwrap();
    let section = section.split("\n## ").next().unwrap();
    for (words, leaves) in COMMANDS {
        assert!(commands.iter().any(|command| begins(command, words)), "{words}");
        let row = format!("| `korrigo {words}` | ");
        let row = section.lines().find(|line| line.starts_with(&row));
        let said = |what: &str| row.is_some_and(|row| row.contains(&format!("`{what}`")));
        assert!(
            match leaves {
                Leaves::Nothing => row.is_none(),
                Leaves::Event(action) => said(action.as_str()),
                Leaves::Act(act) => said("OPERATE") && said(act.as_str()),
                Leaves::Elsewhere(test, words) => said("RESTORE_USER") && test.contains(words),
                Leaves::Exception => row.is_some_and(|row| row.contains("| none: ")),
            },
            "{words}: {row:?}"
        );
    }
}

/// Runs commands in the name of the administrator, and looks what each leaves.
struct Operator<'a> {
    system: &'a System,
    id: String,
    done: Vec<String>,
}

impl<'a> Operator<'a> {
    fn of(system: &'a System) -> Self {
        let login = system.admin_login();
        let id = format!("SELECT id::text FROM grading.users WHERE login = '{login}'");
        Self {
            system,
            id: system.database.texts(&id).concat(),
            done: Vec::new(),
        }
    }

    fn output(&self, words: &[&str]) -> (i32, String) {
        let operator = ["--operator", self.system.admin_login()];
        ended(&self.system.operate(&[words, &operator].concat()))
    }

    /// The command succeeds, and there is one event more, the one that it is to leave.
    fn does(&mut self, words: &[&str]) {
        let before = self.events();
        let (code, said) = self.output(words);
        assert_eq!(code, 0, "{words:?}: {said}");
        self.has_left(words, before);
    }

    fn has_left(&mut self, words: &[&str], before: usize) {
        let line = words.join(" ");
        let (command, leaves) = COMMANDS.iter().find(|(words, _)| begins(&line, words)).unwrap();
        let expected = match leaves {
            Leaves::Event(action) => action.as_str().to_owned(),
            Leaves::Act(act) => format!("OPERATE {act} {}", self.id),
            Leaves::Nothing | Leaves::Elsewhere(..) | Leaves::Exception => panic!("{command} leaves nothing"),
        };
        let left = self.all_events();
        let left: Vec<_> = left.iter().skip(before).collect();
        assert_eq!(left, [&expected], "{command}");
        self.done.push((*command).to_owned());
    }

    fn events(&self) -> usize {
        self.all_events().len()
    }

    /// What the administrator did with commands: for the system, in which trail.
    fn all_events(&self) -> Vec<String> {
        self.system.database.texts(&format!(
            "SELECT concat_ws(' ', action, metadata ->> 'act', CASE action WHEN 'OPERATE' THEN copy_id::text END)
             FROM grading.grading_events WHERE actor_kind = 'operator' AND actor_id = '{}' ORDER BY at",
            self.id
        ))
    }
}

#[tokio::test]
async fn every_command_that_changes_something_leaves_one_event_with_the_operator_as_its_actor() {
    let mut system = System::builder()
        .own_broker()
        .setting("KORRIGO_RETENTION_COPIES", "365")
        .start()
        .await;
    system.expect_unfinished_work();
    let scene = Scene::set(&mut system).await;
    let mut operator = Operator::of(&system);
    scene.to_copies(&mut operator);
    scene.to_work(&mut operator).await;
    to_people(&mut operator);
    to_the_system(&mut operator).await;
    let missing: Vec<_> = COMMANDS
        .iter()
        .filter(|(command, leaves)| {
            matches!(leaves, Leaves::Event(_) | Leaves::Act(_))
                && !operator.done.iter().any(|done| done == command)
        })
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let verified = system.operate(&["audit", "verify"]);
    assert_eq!(verified.status.code(), Some(0), "{}", ended(&verified).1);
}

/// Something for each command that is about copies or their scans.
struct Scene {
    locked: String,
    aside: String,
    failed: String,
    /// A scan that could not be taken apart.
    spoilt: String,
    /// The job of a scan that no worker takes.
    job: String,
}

impl Scene {
    async fn set(system: &mut System) -> Self {
        let teacher = system.teacher().await;
        let locked = Desk::ready(system).await.copy;
        let _pen = Pen::take(&teacher, &locked).await;
        let desk = Desk::imported_for(system, &[system.teacher_id()]).await;
        let broken = Upload::new(&desk.exam, corpus::truncated(), "a-copy-that-broke");
        let failed = teacher.upload(broken).await.expect(202).text("/copy_id");
        let aside = desk.copy;
        let spoilt = scan(system, corpus::truncated(), "a-scan-that-broke").await;
        let old = scan(system, corpus::truncated(), "an-old-scan-that-broke").await;
        system.settle().await;
        let exam = format!("SELECT exam_id::text FROM grading.batches WHERE id = '{}'", old.0);
        let exam = system.database.texts(&exam).concat();
        let date = json!({"date": "2020-01-15"});
        change_exam(&system.admin().await, &exam, &date).await.expect(200);
        system.worker().kill();
        let (_, job) = scan(system, corpus::text(2), "a-scan-that-waits").await;
        Self {
            locked,
            aside,
            failed,
            spoilt: spoilt.0,
            job,
        }
    }

    fn to_copies(&self, operator: &mut Operator<'_>) {
        operator.does(&["locks", "release", &self.locked, "--reason", "corrector_absent"]);
        operator.does(&["copies", "discard", &self.aside, "--reason", "bad_scan"]);
        operator.does(&["copies", "retry", &self.failed]);
        operator.does(&["batches", "discard", &self.spoilt, "--reason", "bad_scan"]);
    }

    async fn to_work(&self, operator: &mut Operator<'_>) {
        operator.does(&["jobs", "retry", &self.job]);
        let broker = &operator.system.broker;
        let letter = jobs::encode(self.job.parse().unwrap());
        broker.publish(QUEUE, jobs::JOB_MESSAGE_V1, letter).await;
        operator.does(&["dead-letters", "replay", "--all"]);
        broker.publish(QUEUE, "unreadable", b"unreadable".to_vec()).await;
        operator.does(&["dead-letters", "discard", "--all"]);
        operator.does(&["jobs", "cancel", &self.job]);
    }
}

/// A scan of many copies, and the job that takes it apart.
async fn scan(system: &System, bytes: Vec<u8>, key: &str) -> (String, String) {
    let exam = system.exam_on(2, Layout::A4).await;
    let upload = Upload::new(&exam, bytes, key);
    let accepted = system.teacher().await.upload_batch(upload).await.expect(202);
    (accepted.text("/batch_id"), accepted.text("/job/id"))
}

fn to_people(operator: &mut Operator<'_>) {
    const LOGIN: &str = "second@school.example";
    let password = operator.system.path("password-of-somebody");
    std::fs::write(&password, "le phare au bout du chemin").unwrap();
    let password = password.to_str().unwrap();
    let add = [
        "users",
        "add",
        "--role",
        "TEACHER",
        "--login",
        LOGIN,
        "--name",
        "Camille Exemple",
    ];
    operator.does(&[&add[..], &["--password-file", password]].concat());
    for what in ["disable", "enable", "invite"] {
        operator.does(&["users", what, "--login", LOGIN]);
    }
}

async fn to_the_system(operator: &mut Operator<'_>) {
    let system = operator.system;
    operator.does(&["retention", "purge", "--yes"]);
    operator.does(&["retention", "erase", &system.database.pupil(), "--yes"]);
    operator.does(&["blobs", "sweep"]);
    end_blocker(operator);
    system.vouched().await;
    export(operator);
    begin_anew(operator).await;
}

/// Somebody waits for a table that somebody else keeps.
fn end_blocker(operator: &mut Operator<'_>) {
    let system = operator.system;
    let database = &system.database;
    std::thread::scope(|scope| {
        let _shut = database.shut("grading.drafts");
        let waiter = scope.spawn(|| database.count("SELECT count(*) FROM grading.drafts"));
        let begun = Instant::now();
        let blocker = loop {
            let listed = system.operate(&["blockers", "list", "--json"]);
            let listed: Vec<Value> = serde_json::from_slice(&listed.stdout).unwrap();
            let mut in_the_way = listed.iter().filter(|blocker| blocker["waiting"] != 0);
            if let Some(blocker) = in_the_way.next() {
                break blocker["pid"].to_string();
            }
            assert!(begun.elapsed() < PATIENCE, "{listed:?}");
        };
        operator.does(&["blockers", "end", &blocker]);
        assert_eq!(waiter.join().unwrap(), 0);
    });
}

/// Each copy has the event: only what they say is looked at.
fn export(operator: &mut Operator<'_>) {
    let before = operator.events();
    let (code, said) = operator.output(&["audit", "export", "--to", "trail"]);
    assert_eq!(code, 0, "{said}");
    let left = operator.all_events();
    let left: Vec<_> = left.iter().skip(before).collect();
    assert!(
        !left.is_empty() && left.iter().all(|event| *event == "EXPORT"),
        "{left:?}"
    );
    operator.done.push("audit export".to_owned());
}

/// Another checkpoint may come in between.
async fn begin_anew(operator: &mut Operator<'_>) {
    let before = operator.events();
    eventually("checkpoints to begin anew", async || {
        let size = "SELECT size::text FROM grading.audit_vouched";
        let size = operator.system.database.texts(size).concat();
        match operator.output(&["audit", "begin-anew", "--size", &size]) {
            (0, _) => Ok(()),
            other => Err(other),
        }
    })
    .await;
    operator.has_left(&["audit", "begin-anew"], before);
}

/// What an administrator did by the API, of what commands do too, and what it was done to.
async fn told(admin: &Client, user: &str) -> Vec<(String, Value)> {
    let path = format!("/audit/events?user_id={user}&action=OPERATE");
    let listed = admin.get(&path).await.expect(200).json();
    let events = items(&listed);
    assert!(
        events
            .iter()
            .all(|event| event["actor_id"] == user && event["user_id"] == user)
    );
    let said = |event: &Value| (text(event, "/actor_type"), event["metadata"].clone());
    events.iter().map(said).collect()
}

#[tokio::test]
async fn who_does_the_same_by_the_api_has_the_same_event_as_a_user() {
    let mut system = System::builder().own_broker().start().await;
    let spoilt = scan(&system, corpus::truncated(), "a-scan-that-broke").await.0;
    let zone = json!({"pages": "first", "x": 0, "y": 0, "w": 1, "h": 0.2});
    let copy = Desk::ready_with(&system, Some(zone), corpus::scan(2, 85))
        .await
        .copy;
    let of_copy = format!("SELECT count(*) FROM grading.grading_events WHERE copy_id = '{copy}'");
    let trail = system.count(&of_copy);
    system.worker().kill();
    let job = scan(&system, corpus::text(2), "a-scan-that-waits").await.1;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    let reading = format!("/copies/{copy}/identity/suggestions");
    let reading = admin
        .post(&reading, &Value::Null)
        .await
        .expect(202)
        .text("/job/id");
    let reason = json!({"reason": "bad_scan"});
    for _ in 0..2 {
        admin
            .post(&format!("/batches/{spoilt}/discard"), &reason)
            .await
            .expect(200);
    }
    teacher
        .post(&format!("/jobs/{job}/cancel"), &Value::Null)
        .await
        .expect(202);
    admin
        .post(&format!("/jobs/{reading}/cancel"), &Value::Null)
        .await
        .expect(202);
    let pupil = system.database.pupil();
    admin.delete(&format!("/students/{pupil}")).await.expect(204);

    let by_user = |act: &str, on: &str| ("user".to_owned(), json!({"act": act, "on": on}));
    let operator = Operator::of(&system);
    system.vouched().await;
    assert_eq!(
        told(&admin, &operator.id).await,
        [
            by_user("discard_batch", &spoilt),
            by_user("cancel_job", &reading),
            by_user("erase_pupil", &pupil)
        ]
    );
    assert_eq!(
        told(&admin, &system.teacher_id()).await,
        [by_user("cancel_job", &job)]
    );
    // Somebody has it tried again: no copy depends on a reading, so its trail is as it was.
    let (code, said) = operator.output(&["jobs", "retry", &reading]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(
        operator.all_events(),
        [format!("OPERATE retry_job {}", operator.id)]
    );
    assert_eq!(system.count(&of_copy), trail);
    system.worker().restart().await;
    system.settle().await;
}

#[tokio::test]
async fn nobody_ends_or_forgets_anything_without_a_name() {
    const VOUCHED: &str = "SELECT size::text FROM grading.audit_vouched";
    let mut system = System::start().await;
    drop(Desk::ready(&system).await);
    system.vouched().await;
    // What was vouched for last stays so.
    system.grading.end().await;
    let vouched = system.database.texts(VOUCHED);
    let unnamed = || {
        let seat = system.seat().into_iter();
        seat.filter(|(name, _)| name != "KORRIGO_OPERATOR")
    };
    for words in [
        &["blobs", "sweep"][..],
        &["audit", "begin-anew", "--size", &vouched[0]],
        &["blockers", "end", "1"],
    ] {
        let mut command = alone(program("korrigo"), words);
        let (code, said) = ended(&command.envs(unnamed()).output().unwrap());
        assert!(code == 2 && said.contains("--operator"), "{said}");
        let named = [words, &["--operator", system.teacher_login()]].concat();
        let (code, said) = ended(&system.operate(&named));
        assert!(code == 1 && said.contains("no administrator"), "{said}");
    }
    assert_eq!(system.database.texts(VOUCHED), vouched);
    assert_eq!(
        system.operate(&["blobs", "sweep", "--dry-run"]).status.code(),
        Some(0)
    );
}
