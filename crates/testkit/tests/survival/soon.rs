//! How soon operators are told, with the limit that their commands have by themselves: on a machine that does nothing else, so this
//! is no part of `make test`.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use testkit::{System, evidence, rounds, text};

use crate::corrector::Corrector;

/// How long whoever asks at night may wait.
const SOON: Duration = Duration::from_secs(2);
/// What the commands themselves take for enough, if nobody says otherwise.
const LIMIT: &str = "1700ms";

#[tokio::test]
async fn operators_are_told_within_two_seconds_whether_all_is_well_or_a_server_is_silent() {
    let system = System::builder().own_database().own_broker().start().await;
    let copy = Corrector::of(&system).await.correct(950).await;
    let of_job = |what: &str| {
        let job = format!(
            "SELECT {what}::text FROM grading.jobs WHERE copy_id = '{}' LIMIT 1",
            copy.id
        );
        system.database.texts(&job).concat()
    };
    let (job, request) = (of_job("id"), of_job("request_id"));
    let services: Vec<String> = system
        .services()
        .map(|service| format!("{}={}", kind(service.name()), service.admin()))
        .collect();
    let services = services.join(",");
    let looks = [
        vec!["status", "--admin-urls", &services],
        vec!["diagnose", "copy", &copy.id],
        vec!["diagnose", "job", &job],
        vec!["diagnose", "request", &request],
    ];
    let looking = |of: &str| -> Vec<String> {
        let look = |words: &Vec<&str>| told_soon(&system, words, of);
        looks.iter().map(look).collect()
    };
    for said in looking("all is well") {
        assert!(!said.contains("_silent"), "{said}");
    }
    let processes = [
        ("database_silent", system.postgres.as_ref().unwrap().process()),
        ("broker_silent", system.rabbitmq.as_ref().unwrap().process()),
    ];
    for (finding, process) in processes {
        let process = process.unwrap();
        process.signal(Signal::STOP);
        let said = looking(finding);
        process.signal(Signal::CONT);
        assert!(said.concat().contains(finding), "{finding}: {said:?}");
    }
    for service in system.services() {
        service.signal(Signal::STOP);
        let said = looking(service.name());
        service.signal(Signal::CONT);
        assert!(said.concat().contains("_silent"), "{}: {said:?}", service.name());
    }
}

/// What one command says, which it has to within two seconds.
fn told_soon(system: &System, words: &[&str], of: &str) -> String {
    let begun = Instant::now();
    let output = system.operate(&[words, &["--within", LIMIT]].concat());
    let took = begun.elapsed();
    let asked: Vec<&str> = words.iter().take(2).copied().collect();
    assert!(rounds() == 1 || took <= SOON, "{asked:?} with {of} took {took:?}");
    evidence(format_args!(
        "{of}: `{}` is done after {} ms",
        asked.join(" "),
        took.as_millis()
    ));
    text(&output)
}

/// What a service is called in the list of those that are asked.
fn kind(name: &str) -> &str {
    match name {
        "pdf-worker" => "worker",
        other => other.trim_end_matches(|letter: char| letter.is_ascii_digit()),
    }
}
