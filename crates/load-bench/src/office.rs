//! An exam of a large school from the list of its pupils to released results, step by step, as its people would do it.

mod report;
mod school;
mod step;

use std::time::Duration;

use anyhow::{Context as _, ensure};
use domain::Role;
use futures::StreamExt as _;
use futures::stream;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::{Answer, Client, Newcomer, System, Upload, corpus};

use crate::arguments::Arguments;
pub(crate) use report::markdown;
use step::{Steps, answered};

/// How many questions an exam has.
const QUESTIONS: u32 = 4;
/// How many pages a copy has.
const PAGES: u32 = 2;
/// How many copies one scan has: no scan has more than 500 pages.
const COPIES_OF_SCAN: u32 = 250;
/// How many people correct.
const CORRECTORS: usize = 10;
/// How many desks identify copies.
const DESKS: usize = 4;
/// How often figures are asked for.
const LOOKS: usize = 20;
/// How often somebody looks whether the work is done.
const LOOK: Duration = Duration::from_millis(200);
/// When somebody gives up waiting for it.
const PATIENCE: Duration = Duration::from_mins(30);

/// What was seen.
pub(crate) struct Seen {
    pub(crate) steps: Vec<step::Step>,
    pub(crate) pupils: u32,
    pub(crate) copies: u32,
}

/// Does all of it once, and stops at the first answer that is not as it should be.
pub(crate) async fn run(arguments: &Arguments) -> anyhow::Result<Seen> {
    let system = System::builder().own_database().own_broker().start().await;
    let (pupils, copies) = (arguments.pupils, arguments.copies);
    let admin = system.admin().await.keeping_connections();
    let mut steps = Steps::of(&system);
    lists(&mut steps, &admin, pupils).await?;
    let correctors = system.newcomers(Role::Teacher, CORRECTORS).await;
    let exam = exam(&admin, &correctors).await?;
    let scans = scans(copies, arguments.seed).await?;
    let ids = imported(&mut steps, (&admin, &exam), scans, copies).await?;
    identified(&mut steps, &admin, &ids).await?;
    steps
        .one(
            "share the copies out",
            admin
                .request(Method::POST, &format!("/exams/{exam}/dispatch"))
                .json(&json!({})),
        )
        .await?;
    corrected(&mut steps, &system, &correctors, &exam).await?;
    released(&mut steps, &system, (&admin, &exam)).await?;
    Ok(Seen {
        steps: steps.done(),
        pupils,
        copies,
    })
}

async fn lists(steps: &mut Steps<'_>, admin: &Client, pupils: u32) -> anyhow::Result<()> {
    let import = |list: String| {
        let import = admin.request(Method::POST, "/students/import");
        import.header("Content-Type", "text/csv").body(list)
    };
    let first = steps
        .one("take in the list of pupils", import(school::list(pupils, "A")))
        .await?;
    ensure!(
        count(&first, "/created") == pupils,
        "not every pupil was taken in"
    );
    steps
        .one("take in the same list again", import(school::list(pupils, "A")))
        .await?;
    let moved = steps
        .one(
            "take in a list in which every class changed",
            import(school::list(pupils, "B")),
        )
        .await?;
    ensure!(count(&moved, "/updated") == pupils, "not every pupil has changed");
    Ok(())
}

fn count(answer: &Answer, pointer: &str) -> u32 {
    let json = answer.json();
    let count = json.pointer(pointer).and_then(Value::as_u64);
    count
        .and_then(|count| u32::try_from(count).ok())
        .unwrap_or_default()
}

async fn exam(admin: &Client, correctors: &[Newcomer]) -> anyhow::Result<String> {
    let correctors: Vec<&str> = correctors.iter().map(|corrector| corrector.id.as_str()).collect();
    let body = json!({
        "name": "A large exam",
        "date": "2026-05-20",
        "correctors": correctors,
        "pages_per_copy": PAGES,
        "identity_zone": {"pages": "first", "x": 0, "y": 0, "w": 1, "h": 0.15},
    });
    let exam = answered(admin.request(Method::POST, "/exams").json(&body))
        .await?
        .text("/id");
    let question = |number: u32| json!({"id": number.to_string(), "label": format!("Question {number}"), "max_points": "5"});
    let questions: Vec<Value> = (1..=QUESTIONS).map(question).collect();
    let scheme = admin
        .request(Method::PUT, &format!("/exams/{exam}/marking-scheme"))
        .header("If-Match", "\"0\"");
    answered(scheme.json(&json!({ "questions": questions }))).await?;
    Ok(exam)
}

/// Drawn before anything is measured.
async fn scans(copies: u32, seed: u64) -> anyhow::Result<Vec<Vec<u8>>> {
    let scan = move |number: u32| {
        let copies = COPIES_OF_SCAN.min(copies - number * COPIES_OF_SCAN);
        corpus::bilevel_scan(copies * PAGES, seed.wrapping_add(number.into()))
    };
    let draw = move || (0..copies.div_ceil(COPIES_OF_SCAN)).map(scan).collect();
    tokio::task::spawn_blocking(draw)
        .await
        .context("drawing the scans")
}

/// The ids of the copies, once all have their pages and are declared complete.
async fn imported(
    steps: &mut Steps<'_>,
    (admin, exam): (&Client, &str),
    scans: Vec<Vec<u8>>,
    copies: u32,
) -> anyhow::Result<Vec<String>> {
    let upload = async |(number, bytes): (usize, Vec<u8>)| {
        let key = format!("scan-{number}");
        let upload = Upload {
            exam,
            bytes,
            filename: "scan.pdf",
            key: &key,
        };
        let answer = admin.upload_batch(upload).await;
        ensure!(answer.status == 202, "a scan was refused: {}", answer.status);
        Ok(())
    };
    let system = steps.system;
    let uploads = scans.into_iter().enumerate();
    let whole = async {
        for scan in uploads {
            upload(scan).await?;
        }
        let pages =
            format!("SELECT count(*) FROM grading.copies WHERE exam_id = '{exam}' AND page_count = {PAGES}");
        wait(system, &pages, copies).await
    };
    steps
        .whole("upload the scans, until every copy has its pages", copies, whole)
        .await?;
    steps
        .one(
            "declare all copies complete",
            admin.request(Method::POST, &format!("/exams/{exam}/validate-all")),
        )
        .await?;
    listed(admin, &format!("/exams/{exam}/identification?limit=100")).await
}

/// The ids of everything that is listed, over all pages.
async fn listed(client: &Client, path: &str) -> anyhow::Result<Vec<String>> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = answered(client.request(Method::GET, &format!("{path}&cursor={cursor}"))).await?;
        let json = page.json();
        let items = json
            .pointer("/items")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        ids.extend(items.filter_map(|item| item.pointer("/id")?.as_str().map(str::to_owned)));
        cursor = page.text("/next_cursor");
        if cursor.is_empty() {
            return Ok(ids);
        }
    }
}

async fn identified(steps: &mut Steps<'_>, admin: &Client, copies: &[String]) -> anyhow::Result<()> {
    let pupils = listed(admin, "/students?limit=100").await?;
    let identify = |(copy, pupil): (&String, &String)| {
        let body = json!({"student_id": pupil, "method": "MANUAL"});
        admin
            .request(Method::POST, &format!("/copies/{copy}/identity"))
            .json(&body)
    };
    let requests: Vec<RequestBuilder> = copies.iter().zip(&pupils).map(identify).collect();
    steps
        .many("say whose copy each is, at four desks", DESKS, requests)
        .await
}

/// Everybody corrects what is theirs, one copy after the other.
async fn corrected(
    steps: &mut Steps<'_>,
    system: &System,
    correctors: &[Newcomer],
    exam: &str,
) -> anyhow::Result<()> {
    let copies: i64 = system.count(&format!(
        "SELECT count(*) FROM grading.copies WHERE exam_id = '{exam}'"
    ));
    let copies = u32::try_from(copies)?;
    let correct = async |corrector: &Newcomer| {
        let client = corrector.client.keeping_connections();
        let own = listed(
            &client,
            &format!("/copies?exam_id={exam}&assigned_to=me&limit=100"),
        )
        .await?;
        for (copy, number) in own.iter().zip(0_u32..) {
            correct(&client, copy, number).await?;
        }
        anyhow::Ok(())
    };
    let all = async {
        let mut correcting = stream::iter(correctors).map(correct).buffer_unordered(CORRECTORS);
        while let Some(corrected) = correcting.next().await {
            corrected?;
        }
        anyhow::Ok(())
    };
    steps
        .whole("correct all copies, ten people at once", copies, all)
        .await?;
    let graded =
        format!("SELECT count(*) FROM grading.copies WHERE exam_id = '{exam}' AND status = 'GRADED'");
    let rest = wait(system, &graded, copies);
    steps
        .whole("wait for the last corrected documents", copies, rest)
        .await
}

async fn correct(client: &Client, copy: &str, number: u32) -> anyhow::Result<()> {
    let path = format!("/copies/{copy}");
    let lock = answered(
        client
            .request(Method::POST, &format!("{path}/lock"))
            .json(&json!({})),
    )
    .await?;
    let token = lock.text("/token");
    let held = |method, below: &str| {
        client
            .request(method, &format!("{path}{below}"))
            .header("X-Lock-Token", &token)
    };
    for question in 1..=QUESTIONS {
        let points = json!({"points": ((number * 7 + question * 3) % 6).to_string()});
        answered(held(Method::PUT, &format!("/scores/{question}")).json(&points)).await?;
    }
    let comment = json!({
        "page_index": 0, "rectangle": {"x": 0.1, "y": 0.3, "w": 0.4, "h": 0.1},
        "kind": "COMMENT", "text": "Bien vu, mais à développer.",
    });
    let key = format!("office-{copy}");
    answered(
        held(Method::POST, "/annotations")
            .header("Idempotency-Key", &key)
            .json(&comment),
    )
    .await?;
    answered(held(Method::PUT, "/appreciation").json(&json!({"text": "Un travail sérieux."}))).await?;
    answered(held(Method::POST, "/finalize").header("Idempotency-Key", &key)).await?;
    Ok(())
}

async fn released(
    steps: &mut Steps<'_>,
    system: &System,
    (admin, exam): (&Client, &str),
) -> anyhow::Result<()> {
    let ask = |method, below: &str| admin.request(method, &format!("/exams/{exam}/{below}"));
    for (name, below) in [
        ("look at the progress", "progress"),
        ("look at the statistics", "statistics"),
    ] {
        let looks = (0..LOOKS).map(|_look| ask(Method::GET, below)).collect();
        steps.many(name, 1, looks).await?;
    }
    let release = |key: &str| ask(Method::POST, "release").header("Idempotency-Key", key);
    steps.one("release the results", release("first")).await?;
    steps
        .one("read results.csv", ask(Method::GET, "results.csv"))
        .await?;
    steps
        .one("read pronote.csv", ask(Method::GET, "pronote.csv"))
        .await?;
    let order = ask(Method::POST, "archive").header("Idempotency-Key", "archive");
    let copies = system.count(&format!(
        "SELECT count(*) FROM grading.copies WHERE exam_id = '{exam}'"
    ));
    let made = async {
        answered(order).await?;
        let archive =
            format!("SELECT count(*) FROM grading.archives WHERE exam_id = '{exam}' AND digest IS NOT NULL");
        wait(system, &archive, 1).await
    };
    let copies = u32::try_from(copies)?;
    steps
        .whole("put the corrected documents into one file", copies, made)
        .await?;
    steps.one("download it", ask(Method::GET, "archive.zip")).await?;
    steps.one("withdraw them", ask(Method::DELETE, "release")).await?;
    let more = json!({"reason_code": "marking_error", "delta": "0.5", "question_id": "1"});
    let more = ask(Method::POST, "change-sets")
        .header("Idempotency-Key", "more")
        .json(&more);
    steps.one("give every copy half a point", more).await?;
    let settled =
        format!("SELECT count(*) FROM grading.copies WHERE exam_id = '{exam}' AND status <> 'GRADED'");
    steps
        .whole("wait for the documents that say so", 0, wait(system, &settled, 0))
        .await?;
    steps
        .one("release them again, with what has changed", release("second"))
        .await?;
    Ok(())
}

async fn wait(system: &System, query: &str, wanted: u32) -> anyhow::Result<()> {
    let done = async {
        while system.count(query) != i64::from(wanted) {
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(PATIENCE, done)
        .await
        .context("it takes too long")
}
