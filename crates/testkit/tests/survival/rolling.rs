//! Every service is replaced under load, one instance after the other, and nobody sees a failure.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use testkit::{Client, Service, System, Upload, corpus, eventually, evidence};

/// How many requests are due in a second, unless `KORRIGO_ROLLING_RATE` says otherwise.
const FEW: u32 = 40;

#[expect(
    clippy::disallowed_methods,
    reason = "how much load there is is for the person who runs it to say"
)]
fn rate() -> u32 {
    let said = std::env::var("KORRIGO_ROLLING_RATE").ok();
    said.and_then(|text| text.parse().ok()).unwrap_or(FEW)
}

/// How long services that are to end still take requests.
const DRAIN_DELAY: Duration = Duration::from_secs(1);

/// A gateway as a load balancer knows it.
struct Target {
    client: Client,
    admin: RefCell<String>,
    ready: Cell<bool>,
}

#[tokio::test]
async fn every_service_is_replaced_under_load_and_no_request_fails() {
    let mut system = System::builder()
        .gateways(2)
        .gradings(2)
        .workers(2)
        .drain_delay(DRAIN_DELAY)
        .setting("KORRIGO_DRAIN_DELAY", "1s")
        .start()
        .await;
    let traffic = Traffic::of(&system).await;
    let replacing = async {
        for (place, gateway) in system.gateways.iter_mut().enumerate() {
            traffic.replace_gateway(place, gateway).await;
        }
        for grading in [&mut system.grading]
            .into_iter()
            .chain(&mut system.further_gradings)
        {
            traffic.replace(grading).await;
        }
        for worker in &mut system.workers {
            replace(worker).await;
        }
    };
    let Sent { answered, uploads } = traffic.during(replacing).await;
    system.settle().await;
    let imported = "SELECT count(*) FROM grading.copies WHERE page_count = 1";
    assert_eq!(system.count(imported), i64::from(uploads), "uploads");
    evidence(format_args!(
        "{answered} requests at {} in a second, {uploads} of them uploads, while two gateways, two grading services and two \
         workers were replaced: none failed",
        rate()
    ));
}

/// Ends it as an orchestrator would, and starts it again.
pub(crate) async fn replace(service: &mut Service) {
    service.terminate();
    let status = eventually("it to end", async || service.over().ok_or("it runs")).await;
    assert!(status.success(), "{} {status}", service.name());
    service.restart().await;
}

/// People who work at all gateways of a system, through a load balancer. None of their requests may fail.
pub(crate) struct Traffic {
    desk: Desk,
    targets: Vec<Target>,
    over: Cell<bool>,
}

impl Traffic {
    pub(crate) async fn of(system: &System) -> Self {
        let desk = Desk::take(system).await;
        let targets = system.gateways.iter().map(|gateway| Target {
            client: desk.teacher.at(gateway),
            admin: RefCell::new(gateway.admin()),
            ready: Cell::new(true),
        });
        Self {
            targets: targets.collect(),
            desk,
            over: Cell::new(false),
        }
    }

    /// They work until this is done.
    pub(crate) async fn during(&self, work: impl Future<Output = ()>) -> Sent {
        let until_done = async {
            work.await;
            self.over.set(true);
        };
        let load = load(&self.desk, &self.targets, &self.over);
        let (sent, (), ()) = tokio::join!(load, self.balance(), until_done);
        sent
    }

    /// Ends the gateway of this number and starts it again.
    pub(crate) async fn replace_gateway(&self, place: usize, gateway: &mut Service) {
        replace(gateway).await;
        if let Some(target) = self.targets.get(place) {
            target.admin.replace(gateway.admin());
        }
        self.known_ready().await;
    }

    /// Ends a service behind the gateways and starts it again.
    pub(crate) async fn replace(&self, service: &mut Service) {
        replace(service).await;
        self.known_ready().await;
    }

    /// Until the load balancer has found out that all gateways are there: it goes on with the next one only then.
    async fn known_ready(&self) {
        eventually("every gateway to be known as ready", async || {
            let ready = self.targets.iter().filter(|target| target.ready.get()).count();
            if ready == self.targets.len() {
                Ok(())
            } else {
                Err(ready)
            }
        })
        .await;
    }

    /// Asks again and again who is ready.
    async fn balance(&self) {
        while !self.over.get() {
            for target in &self.targets {
                let admin = target.admin.borrow().clone();
                let answer = reqwest::get(format!("{admin}/readyz")).await;
                target
                    .ready
                    .set(answer.is_ok_and(|answer| answer.status() == 200));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// A copy under a lock, and an exam for uploads.
struct Desk {
    teacher: Client,
    exam: String,
    copy: String,
    token: String,
}

impl Desk {
    async fn take(system: &System) -> Self {
        let (teacher, exam) = (system.teacher().await, system.exam().await);
        let admin = system.admin().await;
        let scheme = json!({"questions": [{"id": "1", "label": "Dissertation", "max_points": "20"}]});
        let request = admin.request(Method::PUT, &format!("/exams/{exam}/marking-scheme"));
        Client::send(request.header("If-Match", "\"0\"").json(&scheme))
            .await
            .expect(200);
        let upload = Upload::new(&exam, corpus::scan(2, 0), "rolling-desk");
        let copy = teacher.upload(upload).await.expect(202).text("/copy_id");
        system.settle().await;
        admin
            .post(&format!("/copies/{copy}/validate"), &json!({}))
            .await
            .expect(200);
        let lock = teacher.post(&format!("/copies/{copy}/lock"), &json!({})).await;
        let token = lock.expect(201).text("/token");
        Self {
            teacher,
            exam,
            copy,
            token,
        }
    }

    /// What is asked for the `number`th time.
    fn request(&self, client: &Client, number: u32) -> RequestBuilder {
        let held = |method, below: &str| {
            let path = format!("/copies/{}{below}", self.copy);
            client.request(method, &path).header("X-Lock-Token", &self.token)
        };
        match number % 5 {
            0 => held(Method::PUT, "/scores/1").json(&json!({"points": (number % 20).to_string()})),
            // Hundreds of annotations are on one copy, and no more.
            1 if number < 1_000 => held(Method::POST, "/annotations")
                .header("Idempotency-Key", format!("rolling-{number}"))
                .json(&json!({
                    "page_index": 0,
                    "rectangle": {"x": 0.1, "y": 0.1, "w": 0.4, "h": 0.1},
                    "kind": "COMMENT",
                    "text": "Bien vu.",
                })),
            _ => held(Method::GET, ""),
        }
    }
}

pub(crate) struct Sent {
    pub(crate) answered: u32,
    pub(crate) uploads: u32,
}

/// Sends at a fixed rate, to a gateway that calls itself ready, each request once. None may fail.
async fn load(desk: &Desk, targets: &[Target], over: &Cell<bool>) -> Sent {
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate());
    let mut answers = FuturesUnordered::new();
    let mut sent = Sent {
        answered: 0,
        uploads: 0,
    };
    let mut number = 0;
    loop {
        tokio::select! {
            biased;
            _ = ticks.tick(), if !over.get() => {
                number += 1;
                // By turns, to whoever is ready.
                let ready: Vec<&Target> = targets.iter().filter(|target| target.ready.get()).collect();
                let turn = usize::try_from(number).unwrap() % ready.len();
                answers.push(ask(desk, &ready.get(turn).unwrap().client, number));
            }
            Some(uploaded) = answers.next() => {
                sent.answered += 1;
                sent.uploads += u32::from(uploaded);
            }
            else => return sent,
        }
    }
}

/// Whether it was an upload.
async fn ask(desk: &Desk, client: &Client, number: u32) -> bool {
    let begun = Instant::now();
    let is_upload = number.is_multiple_of(rate());
    let answer = if is_upload {
        let key = format!("rolling-upload-{number}");
        let upload = Upload::new(&desk.exam, corpus::scan(1, number.into()), &key);
        client.try_upload(upload).await
    } else {
        Client::try_send(desk.request(client, number)).await
    };
    let answer = answer.unwrap_or_else(|error| panic!("request {number}: {error:?}"));
    let body = String::from_utf8_lossy(&answer.body);
    assert!(
        (200..300).contains(&answer.status),
        "request {number} after {:?}: {} {body}",
        begun.elapsed(),
        answer.status
    );
    is_upload
}
