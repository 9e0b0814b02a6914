//! Forgetting: a pupil on their wish, and everything that is kept no longer.

use domain::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, Newcomer, System, Upload, corpus, eventually, evidence};

use crate::desk::{Desk, Pen, change_exam, comment, items};

/// What a pupil is called, where nobody else is.
const NAME: &str = "Quintillien";
const WORDS: &str = "Quintillien doit relire son cours";
const ZONE: &str = r#"{"pages": "first", "x": 0, "y": 0, "w": 1, "h": 0.2}"#;

/// A graded copy about which everything was said, and whose it is.
struct Known<'a> {
    desk: Desk<'a>,
    pupil: Newcomer,
    student: String,
}

impl<'a> Known<'a> {
    async fn graded(system: &'a System) -> Self {
        let zone: Value = serde_json::from_str(ZONE).unwrap();
        let desk = Desk::ready_with(system, Some(zone), corpus::scan(2, 81)).await;
        let teacher = system.teacher().await;
        let pen = Pen::take(&teacher, &desk.copy).await;
        for request in [
            pen.annotate("said-on-the-page", &comment(WORDS)),
            pen.remark("2", WORDS),
            pen.appreciate(WORDS),
            pen.request(Method::PUT, "/draft")
                .json(&json!({"client_id": "window", "version": 1, "payload": {"text": WORDS}})),
            pen.score("2", Some("12.5")),
        ] {
            let answer = Client::send(request).await;
            assert!(answer.status < 300, "{}", answer.status);
        }
        Client::send(pen.finalize("finalized-to-be-forgotten"))
            .await
            .expect(202);
        system.settle().await;
        let pupil = system.newcomers(Role::Student, 1).await.remove(0);
        let student = system.database.wrote(&pupil.id, &desk.copy);
        let login = format!("{NAME}@school.example").to_lowercase();
        system.database.run(&format!(
            "UPDATE grading.students SET surname = '{NAME}', search_key = lower('{NAME}') WHERE user_id = '{id}';
             UPDATE grading.users SET display_name = '{NAME}', login = '{login}', login_normalized = '{login}'
             WHERE id = '{id}'",
            id = pupil.id
        ));
        Self { desk, pupil, student }
    }

    /// The names of the files that show or say something of the pupil.
    fn files(&self) -> Vec<String> {
        let system = self.desk.system;
        let copy = &self.desk.copy;
        system.database.texts(&format!(
            "SELECT encode(source_digest, 'hex') FROM grading.booklets WHERE copy_id = '{copy}'
             UNION SELECT encode(display_digest, 'hex') FROM grading.pages WHERE copy_id = '{copy}'
             UNION SELECT encode(digest, 'hex') FROM grading.documents WHERE copy_id = '{copy}'"
        ))
    }
}

/// Everything that the database holds, as text, in lower case.
fn all_of(system: &System) -> String {
    let all = "SELECT lower(schema_to_xml('grading', true, false, '')::text)";
    system.database.texts(all).concat()
}

/// Nobody says it: neither the services nor the servers, which have logs of their own.
fn nobody_says(system: &System, name: &str) {
    let (postgres, rabbitmq) = (
        system.postgres.as_ref().unwrap(),
        system.rabbitmq.as_ref().unwrap(),
    );
    let mut said = system.outputs();
    let lines = system.log_lines();
    said.extend(
        lines
            .iter()
            .map(|line| ("a service".to_owned(), line.to_string())),
    );
    for (server, log, done) in [
        ("PostgreSQL", postgres.log(), "duplicate key"),
        ("RabbitMQ", rabbitmq.log(), "connection"),
    ] {
        let log = String::from_utf8_lossy(&std::fs::read(log).unwrap()).into_owned();
        assert!(
            log.contains(done),
            "{server} has logged nothing of what was done: {log}"
        );
        said.push((server.to_owned(), log));
    }
    for (who, text) in said {
        assert!(!text.to_lowercase().contains(name), "{who} says {name}: {text}");
    }
}

pub(crate) async fn swept(system: &System, files: &[String]) {
    eventually("the files to be swept", async || {
        let left: Vec<_> = files.iter().filter(|file| system.blob(file).is_some()).collect();
        if left.is_empty() {
            Ok(())
        } else {
            Err(format!("{left:?}"))
        }
    })
    .await;
}

#[tokio::test]
async fn nothing_is_left_of_a_pupil_who_is_erased_but_a_trail_that_holds() {
    let builder = System::builder().own_database().own_broker();
    let mut system = builder.sweeping().start().await;
    let known = Known::graded(&system).await;
    let (files, name) = (known.files(), NAME.to_lowercase());
    assert!(files.len() >= 4 && all_of(&system).contains(&name));
    let admin = system.admin().await;
    let student = format!("/students/{}", known.student);
    let score = known.desk.seen_by(&admin).await["score"].clone();
    // The database is asked for what it has already, and says so in its log.
    let again = json!({"login": format!("{name}@school.example"), "display_name": NAME, "role": "TEACHER"});
    admin.post("/users", &again).await.expect(422);

    admin.delete(&student).await.expect(204);
    admin.delete(&student).await.expect_problem(404, "not_found");
    known
        .pupil
        .client
        .get("/session")
        .await
        .expect_problem(401, "unauthenticated");
    admin
        .get(&known.desk.at(""))
        .await
        .expect_problem(404, "not_found");
    let (copy, exam) = (known.desk.copy.clone(), known.desk.exam.clone());
    swept(&system, &files).await;

    let left = all_of(&system);
    assert!(!left.contains(&name), "{NAME} is still in the database");
    nobody_says(&system, &name);
    let stays = format!("SELECT score_quarters FROM grading.copies WHERE id = '{copy}' AND erased");
    assert_eq!((system.count(&stays), score), (50, json!("12.5")));
    let trail = format!(
        "SELECT action || ' ' || metadata FROM grading.grading_events WHERE copy_id = '{copy}' ORDER BY seq DESC LIMIT 1"
    );
    assert_eq!(system.database.texts(&trail), [r#"ERASE {"cause": "pupil"}"#]);
    // The same pages may come again: nobody remembers them.
    let again = Upload::new(&exam, corpus::scan(2, 81), "the-same-pages-again");
    system.teacher().await.upload(again).await.expect(202);
    system.settle().await;
    for command in [["audit", "verify"], ["audit", "reconcile"]] {
        let output = system.operate(&command);
        assert_eq!(output.status.code(), Some(0), "{command:?}");
    }
    evidence(format_args!(
        "a pupil with a graded copy was erased: {} files and every word are gone, also in the servers' own logs; the trail of {} events \
         verifies and ends with ERASE",
        files.len(),
        system.count("SELECT count(*) FROM grading.grading_events")
    ));
    system.worker().terminate();
}

#[tokio::test]
async fn nobody_is_forgotten_while_their_copy_is_in_somebodys_hands() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let pupil = system.newcomers(Role::Student, 1).await.remove(0);
    let student = format!("/students/{}", system.database.wrote(&pupil.id, &desk.copy));
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    let pen = Pen::take(&teacher, &desk.copy).await;
    admin.delete(&student).await.expect_problem(409, "wrong_state");
    pupil.client.get("/session").await.expect(200);
    Client::send(pen.release()).await.expect(204);
    let (first, second) = tokio::join!(admin.delete(&student), admin.delete(&student));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 404]);
    let erased = format!(
        "SELECT count(*) FROM grading.grading_events WHERE copy_id = '{}' AND action = 'ERASE'",
        desk.copy
    );
    assert_eq!(system.count(&erased), 1);
    // What is erased is not shared out, and holds up nothing.
    let path = format!("/exams/{}/dispatch", desk.exam);
    admin.post(&path, &json!({})).await.expect(200);
}

#[tokio::test]
async fn a_scan_of_many_copies_goes_with_the_first_of_them() {
    let system = System::builder().sweeping().start().await;
    let exam = system.exam_on(1, domain::Layout::A4).await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    let upload = Upload::new(&exam, corpus::scan(2, 83), "a-scan-of-two");
    teacher.upload_batch(upload).await.expect(202);
    system.settle().await;
    let copies = items(
        &teacher
            .get(&format!("/copies?exam_id={exam}"))
            .await
            .expect(200)
            .json(),
    );
    let [first, second] = [0, 1].map(|at| copies[at]["id"].as_str().unwrap().to_owned());
    let pupil = system.newcomers(Role::Student, 1).await.remove(0);
    let student = system.database.wrote(&pupil.id, &first);
    let scan = system
        .database
        .texts("SELECT encode(source_digest, 'hex') FROM grading.batches");
    admin.delete(&format!("/students/{student}")).await.expect(204);
    swept(&system, &scan).await;
    teacher.get(&format!("/copies/{first}")).await.expect(404);
    let page = format!("/copies/{second}/pages/0?size=display");
    teacher.get(&page).await.expect(200);
}

#[tokio::test]
async fn what_is_kept_no_longer_is_reported_then_purged_and_the_rest_stays() {
    let system = System::builder()
        .sweeping()
        .setting("KORRIGO_RETENTION_COPIES", "365")
        .setting("KORRIGO_RETENTION_PUPILS", "730")
        .start()
        .await;
    let (old, young) = (Known::graded(&system).await, Desk::ready(&system).await);
    let held = Desk::ready(&system).await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    for exam in [&old.desk.exam, &held.exam] {
        change_exam(&admin, exam, &json!({"date": "2020-01-15"}))
            .await
            .expect(200);
    }
    let today = system.database.texts("SELECT current_date::text").concat();
    change_exam(&admin, &young.exam, &json!({"date": today}))
        .await
        .expect(200);
    system
        .database
        .run("UPDATE grading.students SET created_at = '2020-01-15'");
    let pen = Pen::take(&teacher, &held.copy).await;
    let operator = ["--operator", system.admin_login()];
    let report = || {
        let output = system.operate(&[&["retention", "report", "--json"][..], &operator].concat());
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let files = old.files();

    let said = report();
    assert_eq!((&said["copies_days"], &said["pupils"]), (&json!(365), &json!(1)));
    assert_eq!(
        (&said["copies_of_pupils"], &said["held_pupils"]),
        (&json!(1), &json!(0))
    );
    let of = |said: &Value, exam: &str| {
        let exams = said["exams"].as_array().unwrap().iter();
        let mut found = exams.filter(|known| known["exam_id"] == exam);
        found
            .next()
            .map(|exam| [exam["copies"].clone(), exam["held"].clone()])
    };
    assert_eq!(of(&said, &old.desk.exam), Some([json!(1), json!(0)]));
    assert_eq!(of(&said, &held.exam), Some([json!(0), json!(1)]));
    assert_eq!(of(&said, &young.exam), None);

    let purge = [&["retention", "purge"][..], &operator].concat();
    assert_eq!(system.operate(&purge).status.code(), Some(2), "it has to be said");
    let output = system.operate(&[&purge[..], &["--yes"]].concat());
    assert_eq!(output.status.code(), Some(0));
    let line = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = "erased 1 copies, 1 pupils and 0 scans, 0 left";
    assert!(line.starts_with(told), "{line}");
    swept(&system, &files).await;
    assert_eq!(system.count("SELECT count(*) FROM grading.students"), 0);
    teacher.get(&young.at("/pages/0?size=thumb")).await.expect(200);
    Client::send(pen.heartbeat()).await.expect(200);
    let said = report();
    assert_eq!((of(&said, &old.desk.exam), &said["pupils"]), (None, &json!(0)));
    let actor = "SELECT actor_kind FROM grading.grading_events WHERE action = 'ERASE'";
    assert_eq!(system.database.texts(actor), ["operator"]);
}

#[tokio::test]
async fn pupils_are_kept_for_their_own_time_also_when_their_copies_are_not() {
    let system = System::builder()
        .setting("KORRIGO_RETENTION_COPIES", "30")
        .setting("KORRIGO_RETENTION_PUPILS", "730")
        .start()
        .await;
    let (known, absent) = (Known::graded(&system).await, "Absente");
    let admin = system.admin().await;
    let list = format!("Nom;Prénom\n{absent};Anne\n");
    let import = || {
        let import = admin.request(Method::POST, "/students/import");
        Client::send(import.header("Content-Type", "text/csv").body(list.clone()))
    };
    import().await.expect(200);
    let long_ago = "UPDATE grading.students SET created_at = '2020-01-15'";
    system.database.run(long_ago);
    let day = system.database.texts("SELECT (current_date - 60)::text").concat();
    change_exam(&admin, &known.desk.exam, &json!({"date": day}))
        .await
        .expect(200);
    let operator = ["--operator", system.admin_login(), "--yes"];
    let purge = || {
        let output = system.operate(&[&["retention", "purge"][..], &operator].concat());
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    // This year's list has who wrote no exam.
    import().await.expect(200);
    assert!(purge().starts_with("erased 1 copies, 0 pupils"));
    let names = "SELECT surname FROM grading.students ORDER BY surname";
    assert_eq!(system.database.texts(names), [absent, NAME]);
    system
        .database
        .run("UPDATE grading.students SET last_seen = last_seen - 700");
    assert!(purge().starts_with("erased 0 copies, 1 pupils"));
    assert_eq!(system.database.texts(names), [absent]);
}
