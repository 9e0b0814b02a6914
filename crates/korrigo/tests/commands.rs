//! The operators' commands against a real database, as an operator types them.
#![expect(
    clippy::tests_outside_test_module,
    reason = "integration tests are a test module of their own"
)]

use std::process::Output;

use testkit::commands::{alone, answered};
use testkit::{TestDatabase, text};

const PASSWORD: &str = "canary-of-a-password";

/// Runs `korrigo` as somebody who has `database` in the environment.
fn korrigo(database: &TestDatabase, arguments: &[&str], input: &str) -> Output {
    let mut command = alone(env!("CARGO_BIN_EXE_korrigo"), arguments);
    command.env("KORRIGO_MIGRATE_URL", database.owner_url());
    command.env("KORRIGO_DATABASE_URL", database.app_url());
    answered(command, input)
}

#[test]
fn migrations_are_shown_before_they_are_applied_and_can_be_taken_back() {
    let database = TestDatabase::empty();
    let migrate = |arguments: &[&str]| korrigo(&database, &[&["migrate"], arguments].concat(), "");
    assert!(
        text(&migrate(&["status"]))
            .lines()
            .all(|line| line.starts_with("pending"))
    );
    let check = migrate(&["check"]);
    assert_eq!(check.status.code(), Some(1));
    assert!(
        text(&check).contains("korrigo migrate up"),
        "a failure says what to do"
    );

    assert!(migrate(&["up"]).status.success());
    assert!(migrate(&["check"]).status.success());
    assert!(
        text(&migrate(&["status"]))
            .lines()
            .all(|line| line.starts_with("applied"))
    );

    let unsure = migrate(&["down", "--steps", "1"]);
    assert_eq!(unsure.status.code(), Some(1));
    assert!(text(&unsure).contains("--yes"), "{}", text(&unsure));
    assert!(migrate(&["check"]).status.success(), "nothing was taken back");
    assert!(migrate(&["down", "--steps", "1", "--yes"]).status.success());
    let states = text(&migrate(&["status", "--json"]));
    assert_eq!(states.matches("\"pending\"").count(), 1, "{states}");
    assert!(states.contains(r#""name":"people_and_exams""#), "{states}");
}

#[test]
fn a_step_that_would_take_away_what_people_did_is_refused_before_any_is_taken_back() {
    let database = TestDatabase::create();
    let _pupil = database.pupil();
    let refused = korrigo(&database, &["migrate", "down", "--yes", "--steps", "99"], "");
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused);
    assert!(!said.contains("taken back"), "{said}");
    assert!(
        said.contains("korrigo restore"),
        "a failure says what to do: {said}"
    );
    assert!(korrigo(&database, &["migrate", "check"], "").status.success());
}

#[test]
fn a_login_is_given_once_and_no_output_repeats_the_password() {
    let database = TestDatabase::create();
    let add = |password: &str| {
        let login = ["users", "add", "--login", "head@school.example"];
        korrigo(&database, &[login.as_slice(), &ADMIN].concat(), password)
    };
    let short = add("short\n");
    let added = add(&format!("{PASSWORD}\n"));
    let again = users(&database, "add", "HEAD", &[ADMIN.as_slice(), &AS_HEAD].concat());
    assert_eq!(
        [&short, &added, &again].map(|output| output.status.code()),
        [Some(1), Some(0), Some(1)]
    );
    for output in [short, added, again] {
        assert!(!text(&output).contains(PASSWORD));
    }
    assert_eq!(database.count("SELECT count(*) FROM grading.users"), 1);
}

#[test]
fn somebody_is_invited_shut_out_and_not_found_by_their_login() {
    let database = TestDatabase::create();
    let add = [ADMIN.as_slice(), &["--must-change-password"]].concat();
    assert!(users(&database, "add", "Head", &add).status.success());
    let known = "SELECT count(*) FROM grading.users WHERE must_change_password AND NOT disabled";
    assert_eq!(database.count(known), 1);

    let invited = users(&database, "invite", "head", &AS_HEAD);
    assert!(invited.status.success());
    assert_eq!(String::from_utf8_lossy(&invited.stdout).trim().len(), 64);
    let open = "SELECT count(*) FROM grading.invitations WHERE expires_at > now()";
    assert_eq!(database.count(open), 1);

    let second = users(&database, "add", "second", &[&add[..], &AS_HEAD].concat());
    assert!(second.status.success(), "{}", text(&second));
    let as_second = ["--operator", "second@school.example"];
    let disabled = users(&database, "disable", "Head", &as_second);
    assert!(disabled.status.success(), "{}", text(&disabled));
    assert_eq!((database.count(known), database.count(open)), (1, 0));

    let nobody = users(&database, "disable", "nobody", &as_second);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(text(&nobody).contains("nobody with this login"));
}

/// What the trails of people say, in the order in which it was written: action, kind of the actor, whether it was the
/// person, and the rest.
fn told(database: &TestDatabase) -> Vec<String> {
    database.texts(
        "SELECT e.action || ' ' || e.actor_kind || ' ' || coalesce(a.login, '-') || ' of ' || u.login || ' ' || e.metadata::text
         FROM grading.grading_events e JOIN grading.users u ON u.id = e.copy_id
         LEFT JOIN grading.users a ON a.id = e.actor_id ORDER BY e.at",
    )
}

const ADMIN: [&str; 4] = ["--role", "ADMIN", "--name", "Nobody"];
const TEACHER: [&str; 4] = ["--role", "TEACHER", "--name", "Nobody"];
const AS_HEAD: [&str; 2] = ["--operator", "HEAD@school.example"];

/// `korrigo users` with one of its commands about somebody.
fn users(database: &TestDatabase, command: &str, login: &str, more: &[&str]) -> Output {
    let login = format!("{login}@school.example");
    let arguments = [&["users", command, "--login", &login], more].concat();
    korrigo(database, &arguments, PASSWORD)
}

/// The first administrator, who answers for themselves, and a teacher.
fn people() -> TestDatabase {
    let database = TestDatabase::create();
    let teacher = [TEACHER.as_slice(), &AS_HEAD].concat();
    assert!(users(&database, "add", "head", &ADMIN).status.success());
    assert!(users(&database, "add", "dom", &teacher).status.success());
    database
}

#[test]
fn every_change_of_a_person_has_an_event_with_an_administrator_who_answers_for_it() {
    let database = people();
    for command in ["invite", "disable", "enable"] {
        let done = users(&database, command, "dom", &AS_HEAD);
        assert!(done.status.success(), "{command}: {}", text(&done));
    }
    let by_head = "operator head@school.example of";
    let changed = |login: &str, role: &str, disabled| {
        format!(
            "CHANGE_USER {by_head} {login}@school.example {{\"role\": \"{role}\", \"renamed\": false, \
             \"disabled\": {disabled}, \"sessions_ended\": 0}}"
        )
    };
    let added = |login: &str, role: &str| {
        format!("ADD_USER {by_head} {login}@school.example {{\"how\": \"password\", \"role\": \"{role}\"}}")
    };
    let mut expected = vec![
        added("head", "ADMIN"),
        added("dom", "TEACHER"),
        format!("INVITE_USER {by_head} dom@school.example {{}}"),
        changed("dom", "TEACHER", true),
        changed("dom", "TEACHER", false),
    ];
    assert_eq!(told(&database), expected);

    // Where all administrators are locked out, the person answers who is let in again.
    database.run("UPDATE grading.users SET disabled = true WHERE role = 'ADMIN'");
    assert!(users(&database, "enable", "head", &[]).status.success());
    expected.push(changed("head", "ADMIN", false));
    assert_eq!(told(&database), expected);
    let verified = korrigo(&database, &["audit", "verify", "--json"], "");
    assert!(text(&verified).contains("\"people\":2"), "{}", text(&verified));
}

#[test]
fn nobody_changes_a_person_for_whom_no_administrator_answers() {
    let database = people();
    let before = told(&database);
    for (operator, said) in [
        (&[][..], "nobody answers for this change"),
        (
            &["--operator", "dom@school.example"],
            "no administrator with this login",
        ),
        (
            &["--operator", "nobody@school.example"],
            "no administrator with this login",
        ),
    ] {
        let add = [TEACHER.as_slice(), operator].concat();
        for (command, login, more) in [
            ("invite", "dom", operator),
            ("disable", "dom", operator),
            ("enable", "dom", operator),
            ("add", "third", &add),
        ] {
            let refused = users(&database, command, login, more);
            assert_eq!(refused.status.code(), Some(1), "{command} {operator:?}");
            let refused = text(&refused);
            assert!(refused.contains(said), "{command}: {refused}");
            assert!(refused.contains("with --operator"), "it says what to do");
        }
    }
    let themselves = users(&database, "disable", "head", &AS_HEAD);
    assert!(text(&themselves).contains("do not shut themselves out"));
    assert_eq!(told(&database), before);
}

#[test]
fn where_no_event_can_be_written_no_person_changes() {
    let database = TestDatabase::create();
    assert!(users(&database, "add", "head", &ADMIN).status.success());
    database.run("REVOKE INSERT ON grading.grading_events FROM korrigo_app");
    let content = || {
        database.texts("SELECT row::text FROM grading.users row UNION ALL SELECT row::text FROM grading.invitations row ORDER BY 1")
    };
    let before = content();
    let another = [ADMIN.as_slice(), &AS_HEAD].concat();
    for (command, login, more) in [
        ("add", "second", another.as_slice()),
        ("invite", "head", &AS_HEAD),
        ("enable", "head", &AS_HEAD),
    ] {
        let refused = users(&database, command, login, more);
        assert_eq!(refused.status.code(), Some(1), "{command}");
        assert!(
            text(&refused).contains("the role may not do this"),
            "{}",
            text(&refused)
        );
        assert_eq!(content(), before, "{command}");
    }
}

#[test]
fn a_sweep_deletes_nothing_when_it_is_only_tried() {
    let database = people();
    let directory = tempfile::tempdir().unwrap();
    let store = blobs::Blobs::open(&blobs::Config::directory(directory.path())).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let stored = runtime.block_on(store.put("nobody refers to this")).unwrap();

    let blobs_dir = directory.path().to_str().unwrap();
    let sweep = |more: &[&str]| {
        let arguments = [
            "blobs",
            "sweep",
            "--json",
            "--min-age",
            "0s",
            "--blobs-dir",
            blobs_dir,
        ];
        text(&korrigo(&database, &[&arguments, more].concat(), ""))
    };
    assert!(sweep(&["--dry-run"]).contains("\"deleted\":1"));
    assert!(runtime.block_on(store.get(stored.digest)).is_ok());
    assert!(sweep(&AS_HEAD).contains("\"deleted\":1"));
    assert!(runtime.block_on(store.get(stored.digest)).is_err());
}

#[test]
fn an_empty_trail_verifies_and_an_unknown_copy_is_told() {
    let database = TestDatabase::create();
    let all = korrigo(&database, &["audit", "verify", "--json"], "");
    assert!(all.status.success());
    assert!(text(&all).contains("\"intact\":true"));
    let nobody = "00000000-0000-0000-0000-000000000001";
    let one = korrigo(&database, &["audit", "verify", "--copy", nobody], "");
    assert_eq!(one.status.code(), Some(2), "it could not be verified");
    assert!(text(&one).contains("there is no such copy"));
}

#[test]
fn a_database_that_cannot_be_reached_is_told_without_its_password() {
    let url = format!("postgres://somebody:{PASSWORD}@127.0.0.1:1/korrigo");
    let output = alone(env!("CARGO_BIN_EXE_korrigo"), &["migrate", "check"])
        .env("KORRIGO_MIGRATE_URL", &url)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("what to do:"));
    assert!(!text(&output).contains(PASSWORD));
}

#[test]
fn a_secret_comes_from_a_variable_or_a_file_and_never_from_the_command_line() {
    let database = TestDatabase::create();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("url");
    std::fs::write(&file, format!("{}\n", database.owner_url())).unwrap();
    let read = alone(env!("CARGO_BIN_EXE_korrigo"), &["migrate", "check", "--url-file"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(read.status.success(), "{}", text(&read));
    let words = ["migrate", "check", "--url", PASSWORD];
    let typed = alone(env!("CARGO_BIN_EXE_korrigo"), &words).output().unwrap();
    assert_eq!(typed.status.code(), Some(2));
    assert!(text(&typed).contains("--url: is a secret"), "{}", text(&typed));
    assert!(!text(&typed).contains(PASSWORD));
}
