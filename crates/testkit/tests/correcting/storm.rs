//! A network that swallows answers: whoever sends again until they are answered ends where everybody else does.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::{Answer, Client, Proxy, System};

use crate::desk::{Desk, Pen, comment, items, text};

/// How many answers to each request get lost before one arrives.
const LOST: usize = 4;

/// A corrector who does not give up.
struct Patient<'a> {
    teacher: Client,
    /// Where answers get lost, if they do.
    storm: Option<&'a Proxy>,
}

impl Patient<'_> {
    /// Sends the request until it is answered.
    async fn send(&self, request: impl Fn() -> RequestBuilder) -> Answer {
        if let Some(storm) = self.storm {
            storm.lose_replies(true);
            for _ in 0..LOST {
                let lost = Client::try_send(request()).await;
                assert!(lost.is_err(), "an answer came through");
            }
            storm.lose_replies(false);
        }
        Client::send(request()).await
    }

    /// Whether answers to earlier attempts may have been lost, so that a refusal may speak of our own success.
    fn in_doubt(&self) -> bool {
        self.storm.is_some()
    }
}

#[tokio::test]
async fn requests_sent_again_and_again_lead_where_requests_sent_once_do() {
    let system = System::start().await;
    let proxy = Proxy::start(system.gateway().socket()).await;
    let teacher = system.teacher().await;
    let (calm, stormy) = (Desk::ready(&system).await, Desk::ready(&system).await);
    let patient = Patient {
        teacher: teacher.through(&proxy),
        storm: Some(&proxy),
    };
    correct(&patient, &stormy).await;
    let usual = Patient {
        teacher: teacher.clone(),
        storm: None,
    };
    correct(&usual, &calm).await;
    system.settle().await;

    assert_eq!(state(&stormy, &teacher).await, state(&calm, &teacher).await);
    let once = steps(&calm).await;
    let end = ["UNLOCK", "FINALIZE"].map(str::to_owned);
    assert!(once.ends_with(&end), "{once:?}");
    assert_eq!(steps(&stormy).await, once);
    for table in [
        "annotations",
        "scores",
        "remarks",
        "appreciations",
        "documents",
        "jobs",
    ] {
        assert_eq!(stormy.rows(table), calm.rows(table), "{table}");
    }
}

async fn correct(patient: &Patient<'_>, desk: &Desk<'_>) {
    let lock = || {
        patient
            .teacher
            .request(Method::POST, &desk.at("/lock"))
            .json(&json!({}))
    };
    let taken = patient.send(lock).await;
    // Whoever asks again has it already, and gets another token.
    assert_eq!(taken.status, if patient.in_doubt() { 200 } else { 201 });
    let pen = Pen {
        client: patient.teacher.clone(),
        copy: desk.copy.clone(),
        token: taken.text("/token"),
    };
    annotations(patient, &pen).await;

    patient.send(|| pen.score("1.a", Some("2.25"))).await.expect(200);
    patient.send(|| pen.score("2", Some("12.5"))).await.expect(200);
    patient.send(|| pen.score("1.a", None)).await.expect(200);
    patient.send(|| pen.remark("2", "Relisez.")).await.expect(200);
    patient.send(|| pen.appreciate("Bien.")).await.expect(200);
    patient.send(|| pen.heartbeat()).await.expect(200);
    let key = format!("finalize-{}", desk.copy);
    patient.send(|| pen.finalize(&key)).await.expect(202);
}

async fn annotations(patient: &Patient<'_>, pen: &Pen) {
    let mut made = Vec::new();
    for number in 1..=3 {
        let key = format!("annotation-{number}-of-{}", pen.copy);
        let body = comment(&format!("Remarque {number}."));
        let answer = patient.send(|| pen.annotate(&key, &body)).await;
        made.push(answer.expect(201).text("/id"));
    }
    let [first, second, _third] = made.try_into().unwrap();
    let change = json!({"text": "Mieux dit."});
    let changed = patient.send(|| pen.amend(&first, 0, &change)).await;
    let erased = patient.send(|| pen.erase(&second, 0)).await;
    if patient.in_doubt() {
        // The version that was seen is gone, by our own hand; and what was taken away cannot be taken away again.
        changed.expect_problem(412, "stale_version");
        erased.expect_problem(404, "not_found");
    } else {
        changed.expect(200);
        erased.expect(204);
    }
}

/// What a corrector sees of it, without what differs from copy to copy.
async fn state(desk: &Desk<'_>, teacher: &Client) -> Value {
    let copy = desk.seen_by(teacher).await;
    let annotations = teacher.get(&desk.at("/annotations")).await.expect(200).json();
    let annotations: Vec<Value> = items(&annotations)
        .iter()
        .map(|annotation| json!([annotation["text"], annotation["version"], annotation["rectangle"]]))
        .collect();
    let marks = teacher.get(&desk.at("/scores")).await.expect(200).json();
    json!({
        "status": copy["status"], "score": copy["score"], "version": copy["version"], "retries": copy["retries"],
        "annotations": annotations, "marks": marks,
    })
}

/// What happened, in order.
async fn steps(desk: &Desk<'_>) -> Vec<String> {
    let events = desk.events().await;
    events.iter().map(|event| text(event, "/action")).collect()
}
