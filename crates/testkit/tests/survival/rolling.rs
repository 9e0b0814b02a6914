//! Every service is replaced under load, one instance after the other, and nobody sees a failure.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use testkit::commands::alone;
use testkit::system::Builder;
use testkit::{
    Client, Proxy, Service, System, Upload, Version, corpus, eventually, evidence, program, text, wanted,
};
use tokio::process::Command;

/// How many requests are due in a second, unless `KORRIGO_ROLLING_RATE` says otherwise.
const FEW: u32 = 40;

fn rate() -> u32 {
    wanted("KORRIGO_ROLLING_RATE", FEW)
}

/// So long 99 of 100 wait at most while the schema changes.
const BEARABLE: Duration = Duration::from_secs(1);

/// How long a client keeps a connection on which nothing happens: it has given it up before a gateway that is to end does.
const IDLE: Duration = Duration::from_millis(400);

/// A gateway as a load balancer knows it.
struct Target {
    client: Client,
    admin: RefCell<String>,
    place: SocketAddr,
    ready: Cell<bool>,
}

#[tokio::test]
async fn every_service_is_replaced_under_load_and_no_request_fails() {
    let builder = System::builder().version(Version::Before).workers(2);
    let mut system = twofold(builder).start().await;
    let traffic = Traffic::of(&system).await;
    let both = Version::is_before_there();
    if both {
        migrate(&system, BACK).await;
    }
    let replacing = async {
        // The order of an upgrade; and where there is a version before, the way back.
        if both {
            traffic.while_it_migrates(migrate(&system, ON)).await;
        }
        workers(&mut system, Version::Now).await;
        gradings(&mut system, &traffic, Version::Now).await;
        gateways(&mut system, &traffic, Version::Now).await;
        if both {
            gateways(&mut system, &traffic, Version::Before).await;
            gradings(&mut system, &traffic, Version::Before).await;
            workers(&mut system, Version::Before).await;
            traffic.while_it_migrates(migrate(&system, BACK)).await;
        }
    };
    let sent = traffic.during(replacing).await;
    if both {
        migrate(&system, ON).await;
    }
    system.settle().await;
    let imported = "SELECT count(*) FROM grading.copies WHERE page_count = 1";
    assert_eq!(system.count(imported), i64::from(sent.uploads), "uploads");
    sent.tell();
}

/// With two gateways and two gradings, one of which can be replaced.
pub(crate) fn twofold(builder: Builder) -> Builder {
    const DRAIN_DELAY: &str = "KORRIGO_DRAIN_DELAY";
    let builder = builder.gateways(2).gradings(2);
    // How long what is to end still takes requests.
    if rate() > FEW {
        return builder.setting(DRAIN_DELAY, "2s");
    }
    // A machine that is busy with other things makes people wait, and that is no failure of what is replaced. At length it has
    // nothing else to do, and the limits are those of an installation.
    builder
        .setting(DRAIN_DELAY, "3s")
        .setting("KORRIGO_DATABASE_WAIT", "20s")
        .setting("KORRIGO_DATABASE_CONNECTIONS", "16")
        .setting("KORRIGO_GRADING_TIMEOUT", "1m")
        .setting("KORRIGO_MAX_CONCURRENT_REQUESTS", "2000")
}

/// The newest step, and the way back.
const ON: &[&str] = &["migrate", "up"];
const BACK: &[&str] = &["migrate", "down", "--steps", "1", "--yes"];

/// What an operator does to the schema, while others go on.
async fn migrate(system: &System, words: &[&str]) {
    let mut command = alone(program("korrigo"), words);
    command.envs(system.seat());
    let output = Command::from(command).output().await.unwrap();
    assert!(output.status.success(), "{words:?}: {}", text(&output));
}

pub(crate) async fn workers(system: &mut System, version: Version) {
    for worker in &mut system.workers {
        worker.become_of(version);
        worker.replace().await;
    }
}

pub(crate) async fn gradings(system: &mut System, traffic: &Traffic, version: Version) {
    let further = &mut system.further_gradings;
    for grading in [&mut system.grading].into_iter().chain(further) {
        grading.become_of(version);
        traffic.replace(grading).await;
    }
}

pub(crate) async fn gateways(system: &mut System, traffic: &Traffic, version: Version) {
    for (place, gateway) in system.gateways.iter_mut().enumerate() {
        gateway.become_of(version);
        traffic.replace_gateway(place, gateway).await;
    }
}

/// People who work at all gateways of a system, through a load balancer. None of their requests may fail.
pub(crate) struct Traffic {
    desk: Desk,
    targets: Vec<Target>,
    /// Where new connections are led to a gateway that calls itself ready.
    front: Proxy,
    /// Who keeps connections, through the front.
    kept: Client,
    migrating: Cell<bool>,
    over: Cell<bool>,
}

impl Traffic {
    pub(crate) async fn of(system: &System) -> Self {
        let desk = Desk::take(system).await;
        let targets = system.gateways.iter().map(|gateway| Target {
            client: desk.teacher.at(gateway),
            admin: RefCell::new(gateway.admin()),
            place: gateway.socket(),
            ready: Cell::new(true),
        });
        let targets: Vec<Target> = targets.collect();
        let front = Proxy::before(targets.iter().map(|target| target.place).collect()).await;
        let kept = desk.teacher.through(&front).keeping_connections_for(IDLE);
        Self {
            desk,
            targets,
            front,
            kept,
            migrating: Cell::new(false),
            over: Cell::new(false),
        }
    }

    /// They work until this is done.
    pub(crate) async fn during(&self, work: impl Future<Output = ()>) -> Sent {
        let until_done = async {
            work.await;
            self.over.set(true);
        };
        let load = self.load();
        let (sent, (), ()) = tokio::join!(load, self.balance(), until_done);
        sent
    }

    /// They work on while this is done to the schema, and are asked how long they waited.
    async fn while_it_migrates(&self, work: impl Future<Output = ()>) {
        self.migrating.set(true);
        work.await;
        self.migrating.set(false);
    }

    /// Ends the gateway of this number and starts it again.
    pub(crate) async fn replace_gateway(&self, place: usize, gateway: &mut Service) {
        gateway.replace().await;
        if let Some(target) = self.targets.get(place) {
            target.admin.replace(gateway.admin());
        }
        self.known_ready().await;
    }

    /// Ends a service behind the gateways and starts it again.
    pub(crate) async fn replace(&self, service: &mut Service) {
        service.replace().await;
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

    /// Asks again and again who is ready, and leads new connections there, by turns.
    async fn balance(&self) {
        let mut turn = 0;
        while !self.over.get() {
            for target in &self.targets {
                let admin = target.admin.borrow().clone();
                let answer = reqwest::get(format!("{admin}/readyz")).await;
                target
                    .ready
                    .set(answer.is_ok_and(|answer| answer.status() == 200));
            }
            let mut ready: Vec<SocketAddr> = self.ready().map(|target| target.place).collect();
            let places = ready.len().max(1);
            ready.rotate_left(turn % places);
            turn += 1;
            self.front.lead_to(ready);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn ready(&self) -> impl Iterator<Item = &Target> {
        self.targets.iter().filter(|target| target.ready.get())
    }

    /// Sends at a fixed rate, each request once: by turns over a new connection to a gateway that calls itself ready, and over one
    /// that is kept until the gateway gives it up. None may fail.
    async fn load(&self) -> Sent {
        let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate());
        let mut answers = FuturesUnordered::new();
        let begun = Instant::now();
        let mut sent = Sent {
            answered: 0,
            uploads: 0,
            while_migrating: Vec::new(),
            slowest: Duration::ZERO,
            took: Duration::ZERO,
        };
        let mut number = 0;
        loop {
            tokio::select! {
                biased;
                _ = ticks.tick(), if !self.over.get() => {
                    number += 1;
                    sent.took = begun.elapsed();
                    let asking = ask(&self.desk, self.chosen(number), number);
                    let migrating = self.migrating.get();
                    answers.push(async move { (asking.await, migrating) });
                }
                Some(((uploaded, took), migrating)) = answers.next() => {
                    sent.answered += 1;
                    sent.uploads += u32::from(uploaded);
                    sent.slowest = sent.slowest.max(took);
                    sent.while_migrating.extend(migrating.then_some(took));
                }
                else => return sent,
            }
        }
    }

    /// Who asks for the `number`th time.
    fn chosen(&self, number: u32) -> &Client {
        // A version before this one may not say that it is about to end a connection.
        if (number + number / rate()).is_multiple_of(2) && !Version::is_before_there() {
            return &self.kept;
        }
        let ready: Vec<&Target> = self.ready().collect();
        let turn = usize::try_from(number / 2).unwrap() % ready.len();
        &ready.get(turn).unwrap().client
    }
}

/// How many copies are written on: who writes on one waits for whoever does so too.
const COPIES: u32 = 7;

/// Copies under a lock each, and an exam for uploads.
struct Desk {
    teacher: Client,
    exam: String,
    held: Vec<Held>,
}

struct Held {
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
        let mut held = Vec::new();
        for place in 0..COPIES {
            let key = format!("rolling-desk-{place}");
            let upload = Upload::new(&exam, corpus::scan(2, u64::from(place) + 1_000_000), &key);
            let copy = teacher.upload(upload).await.expect(202).text("/copy_id");
            system.settle().await;
            let path = format!("/copies/{copy}");
            admin
                .post(&format!("{path}/validate"), &json!({}))
                .await
                .expect(200);
            let lock = teacher.post(&format!("{path}/lock"), &json!({})).await;
            let token = lock.expect(201).text("/token");
            held.push(Held { copy, token });
        }
        Self { teacher, exam, held }
    }

    /// What is asked for the `number`th time.
    fn request(&self, client: &Client, number: u32) -> RequestBuilder {
        let place = usize::try_from(number / 5 % COPIES).unwrap();
        let Held { copy, token } = self.held.get(place).unwrap();
        let held = |method, below: &str| {
            let path = format!("/copies/{copy}{below}");
            client.request(method, &path).header("X-Lock-Token", token)
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

/// What was asked and answered.
pub(crate) struct Sent {
    pub(crate) answered: u32,
    pub(crate) uploads: u32,
    /// How long those waited who asked while the schema changed.
    while_migrating: Vec<Duration>,
    slowest: Duration,
    took: Duration,
}

impl Sent {
    /// Says what was seen, and makes sure that there was as much load as was to be.
    fn tell(&self) {
        let reached = f64::from(self.answered) / self.took.as_secs_f64();
        assert!(
            reached > 0.9 * f64::from(rate()),
            "{reached:.0} requests in a second"
        );
        let kept = if Version::is_before_there() {
            "none"
        } else {
            "half"
        };
        evidence(format_args!(
            "{} requests at {reached:.0} in a second, {kept} of them over connections that were kept, {} of them uploads, while two gateways, \
             two grading services and two workers were replaced: none failed, the slowest took {:.1?}",
            self.answered, self.uploads, self.slowest
        ));
        if Version::is_before_there() {
            self.tell_of_the_schema();
        }
    }

    /// Says how long people waited for the schema. Only where there are two versions, which is in a proof that has the
    /// machine for itself.
    fn tell_of_the_schema(&self) {
        let mut waits = self.while_migrating.clone();
        waits.sort_unstable();
        let (many, place) = (waits.len(), waits.len() * 99 / 100);
        let p99 = waits.get(place).unwrap();
        evidence(format_args!(
            "{many} of them while a step was applied and taken back: 99 of 100 took at most {p99:.1?}"
        ));
        assert!(*p99 < BEARABLE, "{p99:?} while the schema changed");
    }
}

/// Whether it was an upload, and how long it took.
async fn ask(desk: &Desk, client: &Client, number: u32) -> (bool, Duration) {
    let begun = Instant::now();
    let is_upload = number.is_multiple_of(rate());
    let answer = if is_upload {
        let key = format!("rolling-upload-{number}");
        let upload = Upload::new(&desk.exam, corpus::scan(1, number.into()), &key);
        client.try_upload(upload).await
    } else {
        Client::try_send(desk.request(client, number)).await
    };
    let took = begun.elapsed();
    let answer = answer.unwrap_or_else(|error| panic!("request {number} after {took:?}: {error:?}"));
    let body = String::from_utf8_lossy(&answer.body);
    assert!(
        (200..300).contains(&answer.status),
        "request {number} after {took:?}: {} {body}",
        answer.status
    );
    (is_upload, took)
}
