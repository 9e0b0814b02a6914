//! Whatever strangers send, no process gets another series.

use std::collections::BTreeSet;

use reqwest::{Method, RequestBuilder};
use testkit::{Client, Scrape, System};

use crate::contract::services;

/// How many requests there are, unless `KORRIGO_HOSTILE_REQUESTS` says otherwise.
const FEW: u64 = 500;

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let count = u64::try_from(choices.len()).unwrap();
        choices
            .get(usize::try_from(self.roll() % count).unwrap())
            .unwrap()
    }
}

const METHODS: &[&str] = &[
    "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW", "PROPFIND",
];

async fn series(system: &System) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (name, service, bound) in services(system) {
        let scrape = Scrape::of(service).await;
        let found = scrape.series.len();
        assert!(found < bound, "{name} has {found} series");
        testkit::evidence(format_args!("{found} series of {name}, at most {bound}"));
        all.extend(scrape.series.into_keys());
    }
    all
}

/// The paths of the document, with made-up ids in them, and paths that are not in it.
fn path(dice: &mut Dice, known: &[String]) -> String {
    if dice.roll().is_multiple_of(4) {
        return format!("/{:x}/{:x}", dice.roll(), dice.roll());
    }
    let mut parts = Vec::new();
    for part in dice.of(known).split('/') {
        parts.push(match (part.starts_with('{'), dice.roll() % 3) {
            (false, _) => part.to_owned(),
            (true, 0) => format!(
                "{:08x}-0000-7000-8000-{:012x}",
                dice.roll() >> 32,
                dice.roll() >> 16
            ),
            (true, _) => format!("{:x}", dice.roll()),
        });
    }
    parts.join("/")
}

fn attack(client: &Client, dice: &mut Dice, known: &[String]) -> RequestBuilder {
    let invented = format!("M{:X}", dice.roll() % 1_000_000);
    let method = if dice.roll().is_multiple_of(5) {
        invented.as_str()
    } else {
        *dice.of(METHODS)
    };
    let path = path(dice, known);
    let number = dice.roll();
    let request = client
        .request_at(Method::from_bytes(method.as_bytes()).unwrap(), &path)
        .header("X-Request-ID", format!("request-{number:x}"))
        .header(
            "traceparent",
            format!("00-{:032x}-{:016x}-01", u128::from(number) | 1, number | 1),
        )
        .header(format!("x-{:x}", number % 100_000), "value")
        .header("Idempotency-Key", format!("{number:x}"))
        .header("X-Lock-Token", format!("{number:x}"));
    match number % 4 {
        0 => request.body("{"),
        1 => request
            .header("Content-Type", "application/json")
            .body(format!("{{\"a{number}\":1}}")),
        2 => request.header("Accept", format!("made/up-{number:x}")),
        _ => request,
    }
}

#[tokio::test]
async fn random_methods_paths_headers_and_bodies_make_no_series() {
    let system = System::start().await;
    let document: serde_json::Value = system.client().get("/openapi.json").await.expect(200).json();
    let paths = document
        .get("paths")
        .and_then(serde_json::Value::as_object)
        .unwrap();
    // The streams of a job last as long as somebody listens.
    let known: Vec<String> = paths.keys().cloned().collect();
    let (anybody, somebody) = (system.client(), system.stranger().await);
    let before = series(&system).await;
    let mut dice = Dice(0x4b6f_7272_6967_6f21);
    for number in 0..requests() {
        let client = if number % 2 == 0 { &anybody } else { &somebody };
        // A request that the HTTP library does not even let through does no harm either.
        let _answer = Client::try_send(attack(client, &mut dice, &known)).await;
    }
    let after = series(&system).await;
    let new: Vec<_> = after.difference(&before).collect();
    assert!(new.is_empty(), "{new:#?}");
    testkit::evidence(format_args!(
        "{} hostile requests; {} series of all services before, {} after",
        requests(),
        before.len(),
        after.len()
    ));
}

fn requests() -> u64 {
    testkit::wanted("KORRIGO_HOSTILE_REQUESTS", FEW)
}
