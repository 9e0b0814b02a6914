//! Servers and processes that go away, and what cannot be written: nobody says more then.

use std::fs;
use std::io::Write as _;
use std::net::TcpStream;

use reqwest::{Body, Method};
use serde_json::json;
use testkit::{Client, System, eventually};
use tokio_stream::StreamExt as _;

use crate::driver::{Driver, json};
use crate::kinds::{ANNOTATION, DRAFT, FILE, MESSAGE, WINDOW};
use crate::sinks;
use crate::work::{Office, annotation, held, key, talkative, uploading};

impl Driver {
    pub(crate) async fn suffer(&mut self, system: &mut System, office: &Office) {
        self.half_an_upload(system, office).await;
        self.no_event(system, office).await;
        self.busy_table(system, office).await;
        self.cut_off(system, office).await;
        self.no_document(system, office).await;
        self.foreign_messages(system).await;
        self.killed_worker(system, office).await;
        self.away(system, office).await;
    }

    /// A client that goes away in the middle of a file.
    async fn half_an_upload(&mut self, system: &System, office: &Office) {
        let before = events(system, "upload.abandoned");
        drop(self.half_sent(system, office).await);
        eventually("the gateway to notice", async || {
            let seen = events(system, "upload.abandoned");
            if seen > before { Ok(()) } else { Err(seen) }
        })
        .await;
    }

    /// A client in the middle of a file.
    pub(crate) async fn half_sent(&mut self, system: &System, office: &Office) -> TcpStream {
        let request = uploading(
            &office.teacher,
            &format!("/exams/{}/copies", office.exam),
            Vec::new(),
        );
        let authorization = request.build().unwrap().headers()["authorization"]
            .to_str()
            .unwrap()
            .to_owned();
        let mut stream = TcpStream::connect(system.gateway().socket()).unwrap();
        let head = format!(
            "POST /api/v1/exams/{}/copies HTTP/1.1\r\nHost: school.example\r\nAuthorization: {authorization}\r\n\
             Idempotency-Key: {}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n\
             --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{FILE}\"\r\n\r\n%PDF-1.7 {FILE}",
            office.exam,
            key()
        );
        let before = system.blob_files();
        let mut seen: Vec<String> = Vec::new();
        stream.write_all(head.as_bytes()).unwrap();
        // The one that is seen often is no file with which it is tried whether there is room.
        eventually("the file to begin", async || {
            let mut new = system.blob_files();
            new.retain(|name| !before.contains(name));
            seen.extend(new);
            let often = |name| seen.iter().filter(|again| *again == name).count() > 20;
            if seen.iter().any(often) {
                Ok(())
            } else {
                Err("it does not stay")
            }
        })
        .await;
        stream
    }

    /// The trail cannot be written.
    async fn no_event(&mut self, system: &System, office: &Office) {
        system
            .database
            .run("REVOKE INSERT ON grading.grading_events FROM korrigo_app");
        let path = format!("/copies/{}", office.copy);
        let annotate = held(
            &office.teacher,
            Method::POST,
            &format!("{path}/annotations"),
            &office.lock,
        );
        let annotate = annotate.header("Idempotency-Key", key()).json(&annotation());
        self.send(system, annotate).await.expect(503);
        let columns = "(id, copy_id, action, actor_kind, actor_id, operation_id, metadata)";
        system.database.run(&format!(
            "GRANT INSERT {columns} ON grading.grading_events TO korrigo_app"
        ));
    }

    /// Somebody else has the table for longer than anybody waits, and meanwhile a body does not come.
    async fn busy_table(&mut self, system: &System, office: &Office) {
        let bar = system.database.bar("grading.annotations");
        let path = format!("/copies/{}/annotations/{}", office.copy, office.annotation);
        let amend = held(&office.teacher, Method::PATCH, &path, &office.lock).header("If-Match", "\"1\"");
        let amend = amend.json(&json!({"text": format!("{ANNOTATION}, encore")}));
        let begun = format!("{{\"text\": \"{ANNOTATION}");
        let never = tokio_stream::iter([Ok::<_, std::io::Error>(begun)]).chain(tokio_stream::pending());
        let half = held(&office.teacher, Method::PATCH, &path, &office.lock).header("If-Match", "\"1\"");
        let half = half.header("Content-Type", "application/json");
        let (amended, half) = tokio::join!(
            Client::send(amend),
            Client::send(half.body(Body::wrap_stream(never)))
        );
        drop(bar);
        for (answer, status, code) in [(amended, 503, "db_contention"), (half, 408, "request_timeout")] {
            self.keep(&Method::PATCH, &answer);
            answer.expect_problem(status, code);
        }
    }

    /// Grading ends in the middle of a call, and nobody knows what became of that.
    async fn cut_off(&mut self, system: &mut System, office: &Office) {
        let bar = system.database.bar("grading.annotations");
        let path = format!("/copies/{}/annotations/{}", office.copy, office.annotation);
        let amend = held(&office.teacher, Method::PATCH, &path, &office.lock).header("If-Match", "\"1\"");
        let amend = amend.json(&json!({"text": format!("{ANNOTATION}, coupé")}));
        let grading = &mut system.grading;
        let kill = async {
            bar.reached().await;
            grading.kill();
        };
        let (answer, ()) = tokio::join!(Client::send(amend), kill);
        drop(bar);
        self.keep(&Method::PATCH, &answer);
        answer.expect_problem(504, "timeout");
        system.grading.restart().await;
    }

    /// A finalization whose source is gone, to its last attempt.
    async fn no_document(&mut self, system: &System, office: &Office) {
        let (copy, _) = self
            .uploaded(system, &office.teacher, &office.exam, talkative(20))
            .await;
        let path = format!("/copies/{copy}");
        let validate = office.teacher.request(Method::POST, &format!("{path}/validate"));
        self.send(system, validate).await.expect(200);
        let take = json(&office.teacher, Method::POST, &format!("{path}/lock"), &json!({}));
        let lock = self.send(system, take).await.expect(201).text("/token");
        let lock = self.secret("lock", lock);
        let source = domain::Digest::of(&talkative(20)).to_string();
        fs::remove_file(system.blob(&source).unwrap()).unwrap();
        let finalize = held(&office.teacher, Method::POST, &format!("{path}/finalize"), &lock);
        self.send(system, finalize.header("Idempotency-Key", key()))
            .await
            .expect(202);
        // The pauses between attempts are not waited for.
        eventually("the last attempt", async || {
            system.database.hurry();
            let failed = "SELECT count(*) AS count FROM grading.copies WHERE status = 'GRADING_FAILED'";
            if system.count(failed) == 1 {
                Ok(())
            } else {
                Err("not yet")
            }
        })
        .await;
    }

    /// Messages that nobody of us wrote.
    async fn foreign_messages(&mut self, system: &System) {
        for (kind, body) in [
            ("korrigo.jobs.v1.JobMessage", MESSAGE.as_bytes().to_vec()),
            (MESSAGE, b"\x0a\x24".to_vec()),
        ] {
            system.broker.publish("korrigo.pdf.import", kind, body).await;
        }
        system.broker.wait_for_depth("korrigo.pdf.import.dead", 2).await;
    }

    async fn killed_worker(&mut self, system: &mut System, office: &Office) {
        let upload = uploading(
            &office.teacher,
            &format!("/exams/{}/copies", office.exam),
            talkative(21),
        );
        self.send(system, upload).await.expect(202);
        system.worker().kill();
        system.worker().restart().await;
        system.settle().await;
        system.worker().replace().await;
    }

    /// Database, broker and grading go away while somebody works, and come back.
    async fn away(&mut self, system: &mut System, office: &Office) {
        let path = format!("/copies/{}", office.copy);
        let draft = json!({"client_id": WINDOW, "version": 9, "payload": DRAFT});
        system.postgres.as_mut().unwrap().kill();
        let put = json(&office.teacher, Method::PUT, &format!("{path}/draft"), &draft);
        let answer = self.send(system, put).await;
        assert!([503, 504].contains(&answer.status), "{}", answer.status);
        system.postgres.as_mut().unwrap().restart().unwrap();
        system.rabbitmq.as_mut().unwrap().kill();
        let uploads = format!("/exams/{}/copies", office.exam);
        // The connections to the database come back in a moment.
        eventually("an upload without a broker", async || {
            let upload = uploading(&office.teacher, &uploads, talkative(22));
            match Client::send(upload).await.status {
                202 => Ok(()),
                other => Err(other),
            }
        })
        .await;
        system.rabbitmq.as_mut().unwrap().restart().unwrap();
        system.grading.kill();
        let put = json(&office.teacher, Method::PUT, &format!("{path}/draft"), &draft);
        let answer = self.send(system, put).await;
        assert!([503, 504].contains(&answer.status), "{}", answer.status);
        system.grading.restart().await;
        system.settle().await;
    }
}

/// How often an event was logged.
pub(crate) fn events(system: &System, code: &str) -> usize {
    // It is asked often, and there are many lines: they are not taken apart.
    let told = format!("\"event\":\"{code}\"");
    let logs = sinks::files("log", &system.logs()).into_iter();
    logs.map(|log| String::from_utf8_lossy(&log.content).matches(&told).count())
        .sum()
}
