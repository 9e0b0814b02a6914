//! What commands tell programs: one JSON value of what came of it, or one JSON object of why nothing did.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on says so"
)]
#![expect(
    clippy::tests_outside_test_module,
    reason = "integration tests are a test module of their own"
)]

use std::process::Output;

use serde_json::{Value, json};
use testkit::commands::{all, alone, answered};
use testkit::told::{assert_told, failure, result};
use testkit::{TestDatabase, eventually};

/// Commands without JSON, and why.
const ONLY_FOR_PEOPLE: [(&str, &[&str], &str); 4] = [
    ("dev up", &[], "it is watched, and ends when it is told to"),
    ("dev clean", &[], "it says nothing"),
    (
        "dev exec",
        &["--", "true"],
        "what it says is what the command says that it runs",
    ),
    ("completions", &["bash"], "it is a script for a shell"),
];

/// Makes the administrator in whose name the others are.
const ADD: [&str; 8] = [
    "users", "add", "--role", "ADMIN", "--name", "Jeanne", "--login", HEAD,
];
const OPERATOR: [&str; 2] = ["--operator", HEAD];
const HEAD: &str = "head@school.example";

/// `korrigo` with nothing around it but these variables.
fn korrigo(words: &[&str], variables: &[(&str, &str)], input: &str) -> Output {
    let mut command = alone(env!("CARGO_BIN_EXE_korrigo"), words);
    command.envs(variables.iter().copied());
    answered(command, input)
}

#[test]
fn every_command_takes_json_and_says_in_it_what_it_lacks() {
    let mut people = Vec::new();
    for leaf in all() {
        if ONLY_FOR_PEOPLE.iter().any(|(known, ..)| *known == leaf) {
            people.push(leaf);
            continue;
        }
        let words: Vec<&str> = leaf.split(' ').collect();
        // What it is told to do is not there, or it is told nothing.
        let plain = korrigo(&words, &[], "");
        for line in [
            [&words[..], &["--json"]].concat(),
            [&["--json"], &words[..]].concat(),
        ] {
            let output = korrigo(&line, &[], "");
            assert_told(&line, &output);
            assert_eq!(output.status.code(), plain.status.code(), "{line:?}: {output:?}");
            assert_eq!(
                (result(&output), &failure(&output)["code"]),
                (None, &json!("usage"))
            );
        }
        assert!(failure(&plain).is_null(), "{words:?}: {plain:?}");
    }
    assert_eq!(people.len(), ONLY_FOR_PEOPLE.len(), "{people:?}");
}

#[test]
fn what_is_only_for_people_refuses_json_and_does_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().to_str().unwrap();
    for (command, more, _why) in ONLY_FOR_PEOPLE {
        let mut words: Vec<&str> = command.split(' ').collect();
        if command.starts_with("dev") {
            words.extend(["--directory", place]);
        }
        let words = [&words[..], &["--json"], more].concat();
        let output = korrigo(&words, &[], "");
        assert_eq!(output.status.code(), Some(2), "{words:?}: {output:?}");
        let failure = failure(&output);
        assert_eq!(failure["code"], "usage", "{words:?}: {output:?}");
        let message = failure["message"].as_str().unwrap();
        assert!(message.contains("--json"), "{message}");
        assert!(output.stdout.is_empty(), "{words:?}: {output:?}");
    }
    assert_eq!(directory.path().read_dir().unwrap().count(), 0);
}

#[test]
fn what_was_typed_wrong_is_said_in_one_object_and_help_is_for_people() {
    let wrong = korrigo(&["jobs", "retry", "nonsense", "--json"], &[], "");
    assert_eq!(wrong.status.code(), Some(2));
    let message = failure(&wrong)["message"].as_str().unwrap().to_owned();
    assert!(message.contains("nonsense"), "{message}");
    let secret = korrigo(&["migrate", "status", "--url", "hunter22", "--json"], &[], "");
    let said = failure(&secret);
    assert_eq!((secret.status.code(), &said["code"]), (Some(2), &json!("usage")));
    assert!(!said.to_string().contains("hunter22"), "{said}");
    let help = korrigo(&["migrate", "status", "--help", "--json"], &[], "");
    assert!(help.status.success() && String::from_utf8_lossy(&help.stdout).contains("Example"));
}

/// A database, and the commands that need nothing else.
struct Seat {
    database: TestDatabase,
}

impl Seat {
    fn ask(&self, words: &[&str]) -> Output {
        let words = [words, &["--json"]].concat();
        let (app, owner) = (self.database.app_url(), self.database.owner_url());
        let mut variables = vec![
            ("KORRIGO_DATABASE_URL", app.as_str()),
            ("KORRIGO_MIGRATE_URL", &owner),
            ("KORRIGO_LOOK_WITHIN", "20s"),
        ];
        let made = self.database.bootstrap_settings();
        variables.extend(made);
        let output = korrigo(&words, &variables, "le phare au bout du chemin\n");
        assert_told(&words, &output);
        output
    }

    fn done(&self, words: &[&str]) -> Value {
        let output = self.ask(words);
        assert!(output.status.success(), "{words:?}: {output:?}");
        result(&output).unwrap()
    }

    /// The code of a failure, and what was done before it.
    fn refused(&self, words: &[&str]) -> (Value, Option<Value>) {
        let output = self.ask(words);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {output:?}");
        (failure(&output)["code"].clone(), result(&output))
    }
}

#[test]
fn migrations_are_told_by_their_versions_also_those_before_one_that_failed() {
    let seat = Seat {
        database: TestDatabase::empty(),
    };
    let (code, pending) = seat.refused(&["migrate", "check"]);
    let pending = pending.unwrap()["pending"].clone();
    assert_eq!((code, &pending[0]), (json!("schema_behind"), &json!("0001")));
    let applied = seat.done(&["migrate", "up"]);
    assert_eq!(applied, json!({ "applied": pending }));
    assert_eq!(seat.done(&["migrate", "up"]), json!({ "applied": [] }));
    let whole = json!({ "pending": [], "unfinished": [] });
    assert_eq!(seat.done(&["migrate", "check"]), whole);
    let (code, nothing) = seat.refused(&["migrate", "down", "--steps", "1"]);
    assert_eq!((code, nothing), (json!("unconfirmed"), None));
    let made = seat.done(&["migrate", "bootstrap"]);
    assert!(made["database"].is_string(), "{made}");

    let all_back = ["migrate", "down", "--yes", "--steps", "99"];
    let in_the_way = "CREATE VIEW grading.in_the_way AS SELECT * FROM grading.archives";
    seat.database.run(in_the_way);
    let (code, done) = seat.refused(&all_back);
    let done = done.unwrap()["taken_back"].as_array().unwrap().clone();
    assert_eq!(
        (code, done.first(), done.last()),
        (
            json!("migration"),
            pending.as_array().unwrap().last(),
            Some(&json!("0023"))
        )
    );

    seat.done(&["migrate", "up"]);
    let _pupil = seat.database.pupil();
    assert_eq!(seat.refused(&all_back), (json!("would_lose"), None));
}

#[test]
fn who_is_listed_is_ended_whatever_database_the_superuser_is_in_and_nobody_else_is() {
    let seat = Seat {
        database: TestDatabase::create(),
    };
    let [(_, of_superuser), ..] = seat.database.bootstrap_settings();
    assert_ne!(of_superuser, seat.database.superuser_url());
    seat.done(&ADD);
    let _bystander = seat.database.bar("grading.drafts");
    let bystander = "SELECT pid::text AS text FROM pg_locks
        WHERE mode = 'ShareRowExclusiveLock' AND relation = 'grading.drafts'::regclass
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let bystander = || seat.database.texts(bystander).concat();
    let before = bystander();
    let shut = seat.database.shut("grading.copies");
    let listed = seat.done(&["blockers", "list"]);
    let blocker = listed[0]["pid"].clone();
    let refused = seat.refused(&end(&before));
    assert_eq!(refused, (json!("not_found"), None));
    let ended = seat.done(&end(&blocker.to_string()));
    assert_eq!(ended, json!({ "pid": blocker, "ended": true }));
    // It was told to end, and does.
    let gone = eventually("the blocker to end", async || {
        match seat.done(&["blockers", "list"]) {
            left if left == json!([]) => Ok(()),
            left => Err(left),
        }
    });
    tokio::runtime::Runtime::new().unwrap().block_on(gone);
    assert_eq!(bystander(), before);
    drop(shut);
}

fn end(pid: &str) -> Vec<&str> {
    [["blockers", "end", pid].as_slice(), &OPERATOR].concat()
}

#[test]
fn what_is_set_aside_is_told_by_its_name_and_why_it_is_not_by_a_code() {
    let seat = Seat {
        database: TestDatabase::empty(),
    };
    let settings = seat.database.bootstrap_settings();
    let name = settings.iter().find(|(name, _)| *name == "KORRIGO_DATABASE_NAME");
    let name = name.unwrap().1;
    let set_aside = ["migrate", "set-aside"];
    assert_eq!(seat.refused(&set_aside), (json!("unconfirmed"), None));
    let done = seat.done(&[&set_aside[..], &["--yes"]].concat());
    assert_eq!(done["database"], name);
    let aside = done["aside"].as_str().unwrap().to_owned();
    assert!(aside.starts_with(&format!("{name}_aside_")), "{aside}");

    let (within, app) = (seat.database.superuser_url(), TestDatabase::empty());
    let app = app.app_url();
    let url = settings.iter().find(|(name, _)| *name == "KORRIGO_SUPERUSER_URL");
    for (url, database, code) in [
        (url.unwrap().1, "nothing", "database_missing"),
        (url.unwrap().1, "no thing", "database_name"),
        (&within, name, "database_itself"),
        (&app, name, "denied"),
    ] {
        let words = ["migrate", "set-aside", "--yes", "--json", "--database", database];
        let output = korrigo(&words, &[("KORRIGO_SUPERUSER_URL", url)], "");
        assert_told(&words, &output);
        let said = (output.status.code(), &failure(&output)["code"]);
        assert_eq!(said, (Some(1), &json!(code)));
    }
}

#[test]
fn what_of_the_schema_was_not_finished_is_told_by_name_and_does_not_have_to_stop_a_start() {
    let seat = Seat {
        database: TestDatabase::create(),
    };
    let exam = "INSERT INTO grading.exams (id, name, date, layout)
        VALUES (gen_random_uuid(), 'Mock exam', '2030-05-17', 'A4')";
    seat.database.run(&format!("{exam}; {exam};"));
    seat.database
        .run("ALTER TABLE grading.exams ADD CONSTRAINT exams_of_late CHECK (date > '2040-01-01') NOT VALID");
    let mut psql = testkit::packages().postgres_tool("psql").unwrap();
    psql.args([
        "--dbname",
        &seat.database.owner_url(),
        "--command",
        "SET ROLE korrigo_owner",
    ]);
    psql.args([
        "--command",
        "CREATE UNIQUE INDEX CONCURRENTLY exams_name_once ON grading.exams (name)",
    ]);
    assert!(
        !psql.output().unwrap().status.success(),
        "there are two of that name"
    );

    let unfinished = json!([
        { "kind": "constraint", "name": "exams_of_late", "table": "exams" },
        { "kind": "index", "name": "exams_name_once", "table": "exams" },
    ]);
    let told = json!({ "pending": [], "unfinished": unfinished });
    let refused = |words: &[&str]| {
        let output = seat.ask(words);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {output:?}");
        let failure = failure(&output);
        assert_eq!(failure["code"], "schema_unfinished");
        let message = failure["message"].as_str().unwrap();
        for name in ["exams_of_late of exams", "exams_name_once of exams"] {
            assert!(message.contains(name), "{message}");
        }
        result(&output).unwrap()
    };
    assert_eq!(refused(&["migrate", "check"]), told);
    assert_eq!(refused(&["migrate", "up"]), json!({ "applied": [] }));
    let allowed = seat.done(&["migrate", "check", "--allow-unfinished"]);
    assert_eq!(allowed, told);
}

#[test]
fn people_are_told_by_their_ids_and_never_by_name() {
    let seat = Seat {
        database: TestDatabase::create(),
    };
    let added = seat.done(&ADD);
    let id = seat.database.texts("SELECT id::text FROM grading.users").concat();
    assert_eq!(added, json!({ "user_id": id }));
    let about = |command| [&["users", command, "--login", HEAD][..], &OPERATOR].concat();
    let invited = seat.done(&about("invite"));
    assert_eq!(
        (&invited["user_id"], &invited["lifetime_seconds"]),
        (&json!(id), &json!(604_800))
    );
    assert_eq!(invited["token"].as_str().unwrap().len(), 64);
    assert_eq!(seat.done(&about("enable")), json!({ "user_id": id }));
    assert_eq!(seat.refused(&about("disable")), (json!("yourself"), None));
    let again = [ADD.as_slice(), &OPERATOR].concat();
    assert_eq!(seat.refused(&again), (json!("login_taken"), None));
    let nobody = ["users", "enable", "--login", "nobody@school.example"];
    let nobody = [nobody.as_slice(), &OPERATOR].concat();
    assert_eq!(seat.refused(&nobody).0, json!("not_found"));
}

#[test]
fn what_is_not_there_and_who_is_not_reached_have_codes_of_their_own() {
    let seat = Seat {
        database: TestDatabase::create(),
    };
    let _head = seat.done(&ADD);
    let end = ["blockers", "end", "4711", "--operator"];
    let begin_anew = ["audit", "begin-anew", "--size", "7", "--operator"];
    for (words, who, code) in [
        (&end[..], HEAD, "not_found"),
        (&end, "nobody@school.example", "operator"),
        (&begin_anew, HEAD, "other_size"),
    ] {
        let refused = seat.refused(&[words, &[who]].concat());
        assert_eq!(refused, (json!(code), None), "{words:?}");
    }
    let nowhere = "postgres://korrigo_app:secret@127.0.0.1:1/korrigo";
    for words in [["jobs", "list"], ["audit", "reconcile"]] {
        let words = [&words[..], &["--json"]].concat();
        let output = korrigo(&words, &[("KORRIGO_DATABASE_URL", nowhere)], "");
        assert_told(&words, &output);
        assert_eq!(
            (output.status.code(), &failure(&output)["code"]),
            (Some(1), &json!("unreachable"))
        );
    }
}
