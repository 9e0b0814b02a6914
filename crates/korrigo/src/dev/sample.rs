//! The exam of the demo: three invented copies, uploaded like any other.

use std::fs;
use std::path::PathBuf;

use domain::UserId;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::Failure;
use crate::demo::{class, scans};
use crate::dev::Home;
use crate::dev::client::{Client, field};
use crate::stack::Error;
use crate::terminal;

const NAME: &str = "Demo: Mathematics, mock exam";
/// The pages of the copies.
const COPIES: [u32; 3] = [4, 4, 6];
/// The pages of the scan that is there to be uploaded by hand.
const SPARE: u32 = 10;
/// The pages of each copy of the class that is there to be uploaded by hand, and what they follow from.
const CLASS: (u32, [u64; 3]) = (4, [201, 202, 203]);

/// What can be looked at.
pub(super) struct Sample {
    /// The exam.
    pub(super) exam: String,
    /// Its first copy.
    pub(super) copy: String,
    /// A scan that was not uploaded.
    pub(super) spare: PathBuf,
    /// A scan of several copies that was not uploaded.
    pub(super) class: PathBuf,
}

impl Sample {
    /// Makes the exam and its copies unless they are there, and waits until their pages are.
    pub(super) async fn load(home: &Home, client: &Client, teacher: UserId) -> Result<Self, Failure> {
        let directory = home.path("demo");
        fs::create_dir_all(&directory).map_err(Error::file(&directory))?;
        let spare = directory.join(format!("scan-{SPARE}-pages.pdf"));
        scan(&spare, SPARE, 100).await?;
        let class = directory.join("class.pdf");
        bind_class(&class).await?;
        let exam = exam(client, teacher).await?;
        let there = client
            .get(&format!("/copies?exam_id={exam}"))
            .await?
            .items()
            .len();
        if there < COPIES.len() {
            terminal::progress("loading a demo exam");
            for (number, pages) in (1..).zip(COPIES) {
                let path = directory.join(format!("copy-{number}.pdf"));
                let document = scan(&path, pages, number).await?;
                upload(client, &exam, number, document).await?;
            }
        }
        let copy = imported(client, &exam).await?;
        Ok(Self {
            exam,
            copy,
            spare,
            class,
        })
    }
}

/// The exam of this name, if it is there.
pub(super) async fn known(client: &Client, name: &str) -> Result<Option<String>, Failure> {
    let exams = client.get("/exams?limit=100").await?;
    let mut exams = exams.items().iter();
    let known = exams.find(|exam| field(exam, "name") == Some(name));
    Ok(known.and_then(|exam| field(exam, "id")).map(str::to_owned))
}

async fn exam(client: &Client, teacher: UserId) -> Result<String, Failure> {
    if let Some(id) = known(client, NAME).await? {
        return Ok(id);
    }
    let body = json!({
        "name": NAME,
        "date": "2026-06-15",
        "correctors": [teacher.to_string()],
        "pages_per_copy": CLASS.0,
    });
    let made = client.post("/exams", &body).await?;
    made.text("id")
        .ok_or_else(|| made.unexpected("making the demo exam"))
}

/// The document of this seed; drawn once, then read.
async fn scan(path: &PathBuf, pages: u32, seed: u64) -> Result<Vec<u8>, Failure> {
    if let Ok(document) = fs::read(path) {
        return Ok(document);
    }
    let drawn = tokio::task::spawn_blocking(move || scans::scan(pages, seed)).await;
    let document = drawn.map_err(|error| Failure::new(error, "report it"))?;
    let document = document.map_err(|error| Failure::new(error, "report it"))?;
    fs::write(path, &document).map_err(Error::file(path))?;
    Ok(document)
}

/// Several copies in one document; bound once.
async fn bind_class(path: &PathBuf) -> Result<(), Failure> {
    if path.exists() {
        return Ok(());
    }
    let bound = tokio::task::spawn_blocking(|| {
        let (pages, seeds) = CLASS;
        let drawn = seeds.map(|seed| scans::scan(pages, seed));
        let copies: Result<Vec<_>, _> = drawn.into_iter().collect();
        let copies = copies.map_err(|error| Failure::new(error, "report it"))?;
        class::bound(&copies).map_err(|error| Failure::new(error, "report it"))
    });
    let bound = bound.await.map_err(|error| Failure::new(error, "report it"))??;
    Ok(fs::write(path, bound).map_err(Error::file(path))?)
}

async fn upload(client: &Client, exam: &str, number: u64, document: Vec<u8>) -> Result<(), Failure> {
    let path = format!("/exams/{exam}/copies");
    let answer = client
        .upload(&path, &format!("demo-copy-{number}"), document)
        .await?;
    let there_already = answer.text("code").as_deref() == Some("duplicate_source");
    if answer.status == StatusCode::ACCEPTED || there_already {
        Ok(())
    } else {
        Err(answer.unexpected("uploading a demo copy"))
    }
}

/// Waits until all copies have their pages, and gives the first.
async fn imported(client: &Client, exam: &str) -> Result<String, Failure> {
    let path = format!("/copies?exam_id={exam}");
    let there = |copies: &[Value]| match copies.iter().find_map(|copy| field(copy, "error_code")) {
        Some(code) => {
            let what = format!("the import of a demo copy failed ({code})");
            Err(Failure::new(what, "read the log of the worker in var/logs"))
        }
        None => Ok(!copies.is_empty() && copies.iter().all(|copy| pages(copy) > 0)),
    };
    let copies = client
        .until(&path, "the demo copies to be imported", there)
        .await?;
    let first = copies.items().first().and_then(|copy| field(copy, "id"));
    first
        .map(str::to_owned)
        .ok_or_else(|| copies.unexpected("looking for the demo copies"))
}

fn pages(copy: &Value) -> u64 {
    copy.get("page_count").and_then(Value::as_u64).unwrap_or(0)
}
