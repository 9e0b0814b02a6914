//! The second exam of the demo: two classes of invented pupils, forty copies in every state in which a copy can rest, two
//! correctors, and released results. It comes about as it would in a school, over the API.

use std::fs;

use domain::UserId;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::Failure;
use crate::demo::class;
use crate::demo::scans::Scan;
use crate::dev::Home;
use crate::dev::account::Account;
use crate::dev::client::{Answer, Client, field};
use crate::dev::sample;
use crate::stack::Error;
use crate::terminal;

const NAME: &str = "Demo: French, two classes";
const CLASSES: [&str; 2] = ["2de A", "2de B"];
/// The family names of each class. Nobody is called like this.
const SURNAMES: [&str; 20] = [
    "ABRICOT",
    "BROCOLI",
    "CÉLERI",
    "DATTE",
    "ENDIVE",
    "FIGUE",
    "GROSEILLE",
    "HARICOT",
    "IGNAME",
    "JUJUBE",
    "KIWI",
    "LENTILLE",
    "MYRTILLE",
    "NAVET",
    "OLIVE",
    "PANAIS",
    "QUETSCHE",
    "RADIS",
    "SALSIFIS",
    "TOMATE",
];
const GIVEN_NAMES: [&str; 4] = ["Alix", "Camille", "Éden", "Loïs"];
const COPIES: u16 = 40;
const PAGES: u32 = 2;
/// The last copies are not looked through yet.
const UNCHECKED: usize = 4;
/// Of some copies it is not known yet whose they are.
const UNKNOWN: usize = 3;
/// Each corrector has so many of theirs graded.
const GRADED: usize = 10;
/// The login of the pupil who can look at their result.
const PUPIL: &str = "pupil@korrigo.example";

/// Whoever works in it.
pub(super) struct Desks {
    pub(super) admin: Client,
    pub(super) teachers: [(UserId, Client); 2],
}

/// What can be looked at.
pub(super) struct Office {
    /// The exam.
    pub(super) exam: String,
    /// A pupil who may see their result.
    pub(super) pupil: Account,
}

impl Office {
    /// Makes what is not there yet. What was broken off goes on where it was.
    pub(super) async fn load(home: &Home, desks: &Desks) -> Result<Self, Failure> {
        let pupil = Account {
            login: PUPIL,
            password: home.password("pupil")?,
        };
        let known = sample::known(&desks.admin, NAME).await?;
        let loaded = home.path("office-loaded");
        if let Some(exam) = known.clone().filter(|_exam| loaded.exists()) {
            return Ok(Self { exam, pupil });
        }
        terminal::progress("loading the demo of an exam office: two classes, forty copies");
        let students = enrol(&desks.admin).await?;
        let exam = match known {
            Some(exam) => exam,
            None => new_exam(desks).await?,
        };
        set_scheme(&desks.admin, &exam).await?;
        let copies = scan(&desks.admin, &exam).await?;
        check(&desks.admin, &copies).await?;
        identify(&desks.admin, &copies, &students).await?;
        let path = format!("/exams/{exam}/dispatch");
        let dispatched = desks.admin.post(&path, &json!({})).await?;
        dispatched.made("dispatching copies")?;
        for (_, teacher) in &desks.teachers {
            correct(teacher, &exam).await?;
        }
        let key = [("Idempotency-Key", "demo-release")];
        let path = format!("/exams/{exam}/release");
        let released = desks.admin.write(Method::POST, &path, &key, &json!({})).await?;
        if released.status != StatusCode::CONFLICT {
            released.made("releasing results")?;
        }
        let first = students.first().map_or("", String::as_str);
        admit(&desks.admin, first, &pupil).await?;
        fs::write(&loaded, "").map_err(Error::file(&loaded))?;
        Ok(Self { exam, pupil })
    }
}

/// All copies but the last are looked through.
async fn check(admin: &Client, copies: &[Value]) -> Result<(), Failure> {
    let checked = copies.len().saturating_sub(UNCHECKED);
    let waiting = copies.iter().take(checked).filter(|copy| is(copy, "STAGING"));
    for copy in waiting.filter_map(id) {
        let path = format!("/copies/{copy}/validate");
        let answer = admin.post(&path, &json!({})).await?;
        answer.made("validating a copy")?;
    }
    Ok(())
}

/// Of all copies but the last it is known whose they are.
async fn identify(admin: &Client, copies: &[Value], students: &[String]) -> Result<(), Failure> {
    let known = copies.len().saturating_sub(UNKNOWN);
    for (copy, student) in copies.iter().filter_map(id).zip(students).take(known) {
        let path = format!("/copies/{copy}");
        let seen = admin.get(&path).await?;
        if seen.body.get("identity").is_some_and(Value::is_object) {
            continue;
        }
        let identity = json!({ "student_id": student, "method": "MANUAL" });
        let answer = admin.post(&format!("{path}/identity"), &identity).await?;
        answer.made("identifying a copy")?;
    }
    Ok(())
}

/// The pupils of both classes, in the order of their names.
async fn enrol(admin: &Client) -> Result<Vec<String>, Failure> {
    let line = |class: &str, surname: &str, (number, given): (u8, &str)| {
        format!(
            "{surname};{given} {};{number:02}/03/2010;{class}\r\n",
            initial(class)
        )
    };
    let lines = CLASSES.iter().flat_map(|class| {
        let given_names = (1_u8..).zip(GIVEN_NAMES.iter().copied().cycle());
        SURNAMES
            .iter()
            .zip(given_names)
            .map(move |(surname, given)| line(class, surname, given))
    });
    let list: String = std::iter::once("Nom;Prénom;Né(e) le;Classe\r\n".to_owned())
        .chain(lines)
        .collect();
    admin
        .import("/students/import", list)
        .await?
        .made("importing pupils")?;
    let mut students = Vec::new();
    for class in CLASSES {
        let class = class.replace(' ', "%20");
        let found = admin.get(&format!("/students?limit=100&class={class}")).await?;
        students.extend(found.items().iter().filter_map(id));
    }
    Ok(students)
}

/// Pupils of the same family name in both classes are different ones.
fn initial(class: &str) -> &str {
    class.rsplit(' ').next().unwrap_or(class)
}

async fn new_exam(desks: &Desks) -> Result<String, Failure> {
    let correctors: Vec<String> = desks.teachers.iter().map(|(id, _)| id.to_string()).collect();
    let body = json!({
        "name": NAME,
        "date": "2026-05-20",
        "correctors": correctors,
        "classes": CLASSES,
        "pages_per_copy": PAGES,
        "identity_zone": {"pages": "first", "x": 0, "y": 0, "w": 1, "h": 0.15},
    });
    let made = desks.admin.post("/exams", &body).await?.made("making an exam")?;
    Ok(made.text("id").unwrap_or_default())
}

async fn set_scheme(admin: &Client, exam: &str) -> Result<(), Failure> {
    let seen = admin.get(&format!("/exams/{exam}")).await?;
    if seen.body.get("marking_scheme").is_some_and(Value::is_object) {
        return Ok(());
    }
    let scheme = json!({"questions": [
        {"id": "1", "label": "Reading", "max_points": "8"},
        {"id": "2", "label": "Writing", "max_points": "12"},
    ]});
    let path = format!("/exams/{exam}/marking-scheme");
    let changed = admin
        .write(Method::PUT, &path, &[("If-Match", "\"0\"")], &scheme)
        .await?;
    changed.made("setting a marking scheme").map(|_exam| ())
}

/// The copies, in the order of the scan that they came in.
async fn scan(admin: &Client, exam: &str) -> Result<Vec<Value>, Failure> {
    let drawn = tokio::task::spawn_blocking(|| {
        let copy = |seed| Scan {
            pages: PAGES,
            seed,
            dpi: 75,
            colour: false,
        };
        let copies = (0..COPIES).map(|number| copy(1000 + u64::from(number)).document());
        let copies = copies.collect::<Result<Vec<_>, _>>();
        let copies = copies.map_err(|error| Failure::new(error, "report it"))?;
        class::bound(&copies).map_err(|error| Failure::new(error, "report it"))
    });
    let scan = drawn.await.map_err(|error| Failure::new(error, "report it"))??;
    let uploaded = admin
        .upload(&format!("/exams/{exam}/batches"), "demo-office", scan)
        .await?;
    uploaded.made("uploading a scan")?;
    let path = format!("/copies?exam_id={exam}&limit=100");
    let copies = admin.until(&path, "the scan to be imported", |copies| {
        let ready = |copy: &&Value| copy.get("page_count").and_then(Value::as_u64) == Some(u64::from(PAGES));
        Ok(copies.iter().filter(ready).count() == usize::from(COPIES))
    });
    Ok(copies.await?.items().to_vec())
}

/// A corrector at work: most of their copies are graded, of one the document could not be made, one is in their hands.
async fn correct(teacher: &Client, exam: &str) -> Result<(), Failure> {
    let path = format!("/copies?exam_id={exam}&assigned_to=me&limit=100");
    let own = teacher.get(&path).await?;
    let are = |status: &str| own.items().iter().filter(|copy| is(copy, status)).count();
    let mut waiting = own.items().iter().filter(|copy| is(copy, "READY")).filter_map(id);
    let missing = GRADED.saturating_sub(are("GRADED") + are("GRADING_IN_PROGRESS"));
    for (copy, number) in waiting.by_ref().take(missing).zip(0_u32..) {
        let lock = write(teacher, &copy, number).await?;
        finalize(teacher, &copy, &lock).await?;
    }
    let graded = |copies: &[Value]| Ok(copies.iter().filter(|copy| is(copy, "GRADED")).count() >= GRADED);
    teacher.until(&path, "the corrected documents", graded).await?;
    let mut has_failed = are("GRADING_FAILED") > 0;
    while !has_failed && let Some(copy) = waiting.next() {
        has_failed = fail(teacher, &copy).await?;
    }
    if are("LOCKED") == 0
        && let Some(copy) = waiting.next()
    {
        write(teacher, &copy, 0).await?;
    }
    Ok(())
}

/// Takes a copy and says something about it. Gives the token of the lock.
async fn write(teacher: &Client, copy: &str, number: u32) -> Result<String, Failure> {
    let path = format!("/copies/{copy}");
    let lock = teacher
        .post(&format!("{path}/lock"), &json!({"ttl_seconds": 3600}))
        .await?;
    let lock = lock.made("locking a copy")?.text("token").unwrap_or_default();
    let held = [("X-Lock-Token", lock.as_str())];
    let (reading, writing) = (12 + number * 7 % 21, 16 + number * 11 % 33);
    let quarters = |quarters: u32| format!("{}.{:02}", quarters / 4, quarters % 4 * 25);
    for (below, body) in [
        ("scores/1", json!({"points": quarters(reading)})),
        ("scores/2", json!({"points": quarters(writing)})),
        ("remarks/2", json!({"text": "Soignez les transitions."})),
        (
            "appreciation",
            json!({"text": "Un travail sérieux ; continuez ainsi."}),
        ),
    ] {
        let path = format!("{path}/{below}");
        let answer = teacher.write(Method::PUT, &path, &held, &body).await?;
        answer.made("correcting a copy")?;
    }
    Ok(lock)
}

async fn finalize(teacher: &Client, copy: &str, lock: &str) -> Result<Answer, Failure> {
    let key = format!("demo-{copy}");
    let headers = [("X-Lock-Token", lock), ("Idempotency-Key", key.as_str())];
    let path = format!("/copies/{copy}/finalize");
    let answer = teacher.write(Method::POST, &path, &headers, &json!({})).await?;
    answer.made("finalizing a copy")
}

/// Calls the job off before the worker is done with it. If the worker was quicker, the copy is graded like the others.
async fn fail(teacher: &Client, copy: &str) -> Result<bool, Failure> {
    let lock = write(teacher, copy, 5).await?;
    let started = finalize(teacher, copy, &lock).await?;
    let job = started
        .body
        .pointer("/job/id")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let cancelled = teacher.post(&format!("/jobs/{job}/cancel"), &json!({})).await?;
    match cancelled.status {
        StatusCode::CONFLICT => Ok(false),
        _ => cancelled.made("calling a job off").map(|_job| true),
    }
}

/// Gives a pupil access, who chooses a password at once.
async fn admit(admin: &Client, student: &str, pupil: &Account) -> Result<(), Failure> {
    let path = format!("/students/{student}/invite");
    let invited = admin.post(&path, &json!({ "login": pupil.login })).await?;
    let invited = invited.made("inviting a pupil")?;
    let token = invited.body.pointer("/invitation/token").and_then(Value::as_str);
    let accept = json!({ "token": token, "password": pupil.password.expose() });
    let accepted = admin.post("/session/invitation", &accept).await?;
    accepted.made("accepting an invitation").map(|_answer| ())
}

fn is(copy: &Value, status: &str) -> bool {
    field(copy, "status") == Some(status)
}

fn id(item: &Value) -> Option<String> {
    field(item, "id").map(str::to_owned)
}
