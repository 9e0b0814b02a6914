//! What people order is one trace each, down to the worker's stages: a corrected document, an archive, readings of many
//! copies. The shape of each trace is written down here: service, kind and name of every span below the one that it
//! continues, and behind an arrow what it links to.

use reqwest::{Method, RequestBuilder};
use serde_json::json;
use testkit::{Client, Span, System, Upload, corpus, eventually, evidence};

use crate::story::only_what_is_listed;

const FINALIZE: &str = "
gateway SERVER POST /api/v1/copies/{id}/finalize
  gateway CLIENT korrigo.grading.v1.Copies/Finalize
    grading SERVER korrigo.grading.v1.Copies/Finalize
      grading CLIENT transaction finalize_copy
        grading PRODUCER publish korrigo.jobs:korrigo.pdf.finalize
          pdf-worker CLIENT ack korrigo.pdf.finalize
          pdf-worker CONSUMER process korrigo.jobs:korrigo.pdf.finalize:korrigo.pdf.finalize -> publish korrigo.jobs:korrigo.pdf.finalize
            pdf-worker CLIENT korrigo.grading.v1.Work/Claim
              grading SERVER korrigo.grading.v1.Work/Claim
                grading CLIENT transaction claim_job
            pdf-worker CLIENT korrigo.grading.v1.Work/CompleteFinalize
              grading SERVER korrigo.grading.v1.Work/CompleteFinalize
                grading CLIENT transaction complete_finalize
            pdf-worker INTERNAL pdf.fetch
            pdf-worker INTERNAL pdf.flatten
            pdf-worker INTERNAL store.put
";

const ARCHIVE: &str = "
gateway SERVER POST /api/v1/exams/{id}/archive
  gateway CLIENT korrigo.grading.v1.Results/OrderArchive
    grading SERVER korrigo.grading.v1.Results/OrderArchive
      grading CLIENT transaction order_archive
        grading PRODUCER publish korrigo.jobs:korrigo.pdf.import
          pdf-worker CLIENT ack korrigo.pdf.import
          pdf-worker CONSUMER process korrigo.jobs:korrigo.pdf.import:korrigo.pdf.import -> publish korrigo.jobs:korrigo.pdf.import
            pdf-worker CLIENT korrigo.grading.v1.Work/Claim
              grading SERVER korrigo.grading.v1.Work/Claim
                grading CLIENT transaction claim_job
            pdf-worker CLIENT korrigo.grading.v1.Work/CompleteArchive
              grading SERVER korrigo.grading.v1.Work/CompleteArchive
                grading CLIENT transaction complete_archive
            pdf-worker INTERNAL store.put
";

const READINGS: &str = "
gateway SERVER POST /api/v1/exams/{id}/identification/suggestions
  gateway CLIENT korrigo.grading.v1.Identities/OrderReadings
    grading SERVER korrigo.grading.v1.Identities/OrderReadings
      grading CLIENT transaction order_readings
        grading PRODUCER publish korrigo.jobs:korrigo.pdf.identity
          pdf-worker CLIENT ack korrigo.pdf.identity
          pdf-worker CONSUMER process korrigo.jobs:korrigo.pdf.identity:korrigo.pdf.identity -> publish korrigo.jobs:korrigo.pdf.identity
            pdf-worker CLIENT korrigo.grading.v1.Work/Claim
              grading SERVER korrigo.grading.v1.Work/Claim
                grading CLIENT transaction claim_job
            pdf-worker CLIENT korrigo.grading.v1.Work/CompleteReading
              grading SERVER korrigo.grading.v1.Work/CompleteReading
                grading CLIENT transaction complete_reading
            pdf-worker INTERNAL pdf.fetch
            pdf-worker INTERNAL pdf.read
        grading PRODUCER publish korrigo.jobs:korrigo.pdf.identity
          pdf-worker CLIENT ack korrigo.pdf.identity
          pdf-worker CONSUMER process korrigo.jobs:korrigo.pdf.identity:korrigo.pdf.identity -> publish korrigo.jobs:korrigo.pdf.identity
            pdf-worker CLIENT korrigo.grading.v1.Work/Claim
              grading SERVER korrigo.grading.v1.Work/Claim
                grading CLIENT transaction claim_job
            pdf-worker CLIENT korrigo.grading.v1.Work/CompleteReading
              grading SERVER korrigo.grading.v1.Work/CompleteReading
                grading CLIENT transaction complete_reading
            pdf-worker INTERNAL pdf.fetch
            pdf-worker INTERNAL pdf.read
";

/// A call that only comes where a job takes long.
const HEARTBEAT: &str = "Work/Heartbeat";

#[tokio::test]
async fn a_corrected_document_is_one_trace_and_an_archive_and_readings_of_many_copies_are() {
    let system = System::builder().traces().start().await;
    let exam = graded(&system).await;
    let admin = system.admin().await;
    for order in ["release", "archive"] {
        let request = admin.request(Method::POST, &format!("/exams/{exam}/{order}"));
        let ordered = Client::send(request.header("Idempotency-Key", order)).await;
        assert!(ordered.status < 300, "{order}: {}", ordered.status);
    }
    system.settle().await;

    let exam = system.exam().await;
    for number in 0..2 {
        imported(&system, &exam, number).await;
    }
    let all = format!("/exams/{exam}/identification/suggestions");
    let ordered = admin.post(&all, &json!({})).await.expect(202);
    assert_eq!(ordered.json(), json!({"queued": 2}));
    system.settle().await;

    for expected in [FINALIZE, ARCHIVE, READINGS] {
        told(&system, expected).await;
    }
    only_what_is_listed(&system);
}

/// An exam of one copy, whose corrected document is made.
async fn graded(system: &System) -> String {
    let (admin, teacher, exam) = (system.admin().await, system.teacher().await, system.exam().await);
    let seen = admin.get(&format!("/exams/{exam}")).await.expect(200);
    let scheme = json!({"questions": [{"id": "1", "label": "Dissertation", "max_points": "20"}]});
    let request = admin.request(Method::PUT, &format!("/exams/{exam}/marking-scheme"));
    let request = request.header("If-Match", seen.header("etag"));
    Client::send(request.json(&scheme)).await.expect(200);
    let copy = imported(system, &exam, 9).await;
    let (copy, lock) = locked((&admin, &teacher), &copy).await;
    let held = |method, below: &str| -> RequestBuilder {
        let request = teacher.request(method, &format!("{copy}{below}"));
        request.header("X-Lock-Token", &lock)
    };
    let score = held(Method::PUT, "/scores/1").json(&json!({"points": "12.5"}));
    Client::send(score).await.expect(200);
    let finalize = held(Method::POST, "/finalize").header("Idempotency-Key", "a-finalize-to-follow");
    Client::send(finalize).await.expect(202);
    system.settle().await;
    exam
}

/// The path of an imported copy, and the token of the lock that the teacher takes on it.
pub(crate) async fn locked((admin, teacher): (&Client, &Client), copy: &str) -> (String, String) {
    let copy = format!("/copies/{copy}");
    admin
        .post(&format!("{copy}/validate"), &json!({}))
        .await
        .expect(200);
    let lock = teacher
        .post(&format!("{copy}/lock"), &json!({}))
        .await
        .expect(201);
    (copy, lock.text("/token"))
}

/// The id of a copy of one page, which says whose it is.
async fn imported(system: &System, exam: &str, number: u32) -> String {
    let document = corpus::header(&["NOM : Martin", &format!("Prénom : Paul {number}")]);
    let key = format!("a-copy-to-follow-{number}");
    let upload = Upload::new(exam, document, &key);
    let copy = system
        .teacher()
        .await
        .upload(upload)
        .await
        .expect(202)
        .text("/copy_id");
    system.settle().await;
    copy
}

/// Waits until the trace that begins as this one does looks like it: each service sends its spans when it likes.
async fn told(system: &System, expected: &str) {
    let expected: Vec<&str> = expected.trim_start().lines().collect();
    let root = expected.first().copied().unwrap();
    eventually(&format!("the trace of {root}"), async || {
        let found = tree(&system.collector.as_ref().unwrap().spans(), root);
        if found == expected { Ok(()) } else { Err(found) }
    })
    .await;
    evidence(format_args!("one trace of {} spans: {root}", expected.len()));
}

/// The lines of the trace that begins with this span.
fn tree(spans: &[Span], root: &str) -> Vec<String> {
    let is_root = |span: &&Span| span.parent.is_empty() && said(span) == root;
    let Some(root) = spans.iter().find(is_root) else {
        return Vec::new();
    };
    let trace: Vec<&Span> = spans.iter().filter(|span| span.trace == root.trace).collect();
    let mut lines = branch(&trace, root);
    let missing =
        |span: &&&Span| !span.parent.is_empty() && trace.iter().all(|other| other.id != span.parent);
    lines.extend(
        trace
            .iter()
            .filter(missing)
            .map(|span| format!("? {}", said(span))),
    );
    lines
}

/// A span and what continues it, in the order of the alphabet: who was first is chance.
fn branch(trace: &[&Span], span: &Span) -> Vec<String> {
    let linked = span.links.iter().map(|link| {
        let other = trace.iter().find(|other| other.id == *link);
        other.map_or(" -> ?".to_owned(), |other| format!(" -> {}", other.name))
    });
    let mut told = vec![said(span) + &linked.collect::<String>()];
    let below = trace
        .iter()
        .filter(|other| other.parent == span.id && !other.name.ends_with(HEARTBEAT));
    let mut below: Vec<Vec<String>> = below.map(|other| branch(trace, other)).collect();
    below.sort();
    told.extend(below.concat().iter().map(|line| format!("  {line}")));
    told
}

fn said(span: &Span) -> String {
    let service = span.service.trim_start_matches("korrigo-");
    format!("{service} {} {}", span.kind, span.name)
}
