//! What an office does: each command is killed, asked for again, and was done once.

mod acts;

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, System, Upload, corpus, eventually, evidence};

use super::{armed, killed};
use crate::corrector::Corrector;
use crate::ledger::Copy;
use crate::rounds;
use acts::ACTS;
pub(super) use acts::Act;

/// How long anybody waits for one answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// The transactions that this scene kills.
pub(super) fn transactions() -> impl Iterator<Item = &'static str> {
    ACTS.iter().map(|(transaction, _)| *transaction)
}

/// Exams, their copies and their people: for each act something of its own.
struct Office {
    admin: Client,
    teacher: Client,
    /// No two offices of a system have the same.
    number: u64,
    /// The exam of all the copies that follow.
    exam: String,
    shared: String,
    named: String,
    held: (String, String),
    forced: String,
    discarded: String,
    merged: [String; 2],
    /// Two exams that nobody has changed yet.
    blank: [String; 2],
    reopened: Copy,
    released: Copy,
    /// A pupil who wrote one of the copies, and one who wrote none.
    pupils: [String; 2],
}

#[tokio::test]
async fn a_grading_service_that_is_killed_at_the_work_of_an_office_does_all_or_nothing() {
    let mut system = System::start().await;
    let mut killed = Vec::new();
    for (number, places) in (0..).zip(places()) {
        let office = Office::open(&system, number).await;
        for (turn, (transaction, act)) in ACTS.iter().enumerate() {
            let place = places.get(turn % places.len()).unwrap();
            let (place, time) = place.split_once('#').unwrap_or((place, "1"));
            let plan = format!("{place}@{transaction}#{time}");
            system.settle().await;
            if done_once(&mut system, &act(&office), &plan).await {
                killed.push(plan);
            } else {
                // Only a statement may be one more than there are.
                assert!(place == "statement" && time != "1", "{plan} is never reached");
            }
        }
    }
    system.settle().await;
    evidence(format_args!(
        "killed {} times: {}",
        killed.len(),
        killed.join(" ")
    ));
}

/// The places of each office. Once through all of them, each act has one place, and others have others.
fn places() -> Vec<Vec<String>> {
    let ends = ["commit", "committed"].map(str::to_owned);
    let statements = |times: u32| (1..=times).map(|time| format!("statement#{time}"));
    if rounds() == 1 {
        return vec![statements(2).chain(ends).collect()];
    }
    statements(4 * rounds())
        .chain(ends)
        .map(|place| vec![place])
        .collect()
}

/// Has grading die at a place of an act, asks again until there is an answer, and counts what was done. Whether it has died.
pub(super) async fn done_once(system: &mut System, act: &Act, plan: &str) -> bool {
    let before = system.count(&act.done);
    armed(system, plan).await;
    let told = answer(system, act).await;
    if told.is_none() {
        killed(system, plan).await;
    }
    let died = told.is_none();
    let told = match told {
        Some(told) => told,
        None => answer(system, act).await.unwrap(),
    };
    assert!(act.told.contains(&told), "{plan}: {told}");
    assert_eq!(system.count(&act.done) - before, 1, "{plan}");
    died
}

/// What whoever asks is told in the end, unless the service dies of it.
pub(super) async fn answer(system: &mut System, act: &Act) -> Option<u16> {
    eventually("an answer, or an end", async || {
        let ask = act.ask.try_clone().unwrap().timeout(PATIENCE);
        let told = Client::try_send(ask).await.ok();
        let told = told.filter(|answer| {
            let is_under_way = answer.status == 409 && answer.text("/code") == "in_progress";
            ![503, 504].contains(&answer.status) && !is_under_way
        });
        match told {
            Some(answer) => Ok(Some(answer.status)),
            None if system.grading.over().is_some() => Ok(None),
            None => Err("nobody is there"),
        }
    })
    .await
}

impl Office {
    async fn open(system: &System, number: u64) -> Self {
        let (admin, teacher) = (system.admin().await, system.teacher().await);
        let exam = system.exam().await;
        let mut copies = Vec::new();
        for place in 0..7 {
            let key = format!("office-{number}-{place}");
            let upload = Upload::new(&exam, corpus::marked(&key), &key);
            copies.push(teacher.upload(upload).await.expect(202).text("/copy_id"));
        }
        system.settle().await;
        let copies: [String; 7] = copies.try_into().unwrap();
        let [shared, named, held, forced, discarded, one, other] = copies;
        for copy in [&shared, &named, &held, &forced] {
            let path = format!("/copies/{copy}/validate");
            admin.post(&path, &Value::Null).await.expect(200);
        }
        let lock = async |copy: &str| {
            let taken = teacher.post(&format!("/copies/{copy}/lock"), &json!({})).await;
            taken.expect(201).text("/token")
        };
        let (token, _other) = (lock(&held).await, lock(&forced).await);
        let graded = async |place| {
            let corrector = Corrector::of(system).await;
            corrector.correct(5_000 + 2 * number + place).await
        };
        Self {
            number,
            exam,
            shared,
            named,
            held: (held, token),
            forced,
            discarded,
            merged: [one, other],
            blank: [system.exam().await, system.exam().await],
            reopened: graded(0).await,
            released: graded(1).await,
            pupils: [system.database.pupil(), system.database.pupil()],
            admin,
            teacher,
        }
    }

    fn post(&self, path: &str, body: &Value) -> reqwest::RequestBuilder {
        self.admin.request(Method::POST, path).json(body)
    }

    fn delete(&self, path: &str) -> reqwest::RequestBuilder {
        self.admin.request(Method::DELETE, path)
    }

    /// A change of what nobody has changed yet.
    fn change(&self, method: Method, path: &str, body: &Value) -> reqwest::RequestBuilder {
        let request = self.admin.request(method, path);
        request.header("If-Match", "\"0\"").json(body)
    }

    /// With a key of its own.
    fn keyed(&self, path: &str) -> reqwest::RequestBuilder {
        let key = format!("office-{}{}", self.number, path.replace('/', "-"));
        let request = self.admin.request(Method::POST, path);
        request.header("Idempotency-Key", key)
    }
}
