//! Every operation asked in every wrong way, with a canary wherever there is room for one.

use reqwest::{Method, RequestBuilder};
use serde_json::json;
use testkit::{Client, System, api};

use crate::driver::{Driver, Operation};
use crate::kinds::{BODY, HEADER, KEY, PATH, QUERY, TOKEN};
use crate::sent::{in_address, in_header};
use crate::work::Office;

impl Driver {
    /// Nobody, a stranger to the exam and an administrator ask for everything and get it wrong.
    pub(crate) async fn spoil(&mut self, system: &System, office: &Office) {
        let stranger = system.stranger().await;
        for (turn, (method, template)) in self.operations().into_iter().enumerate() {
            let path = fill(&template, office);
            let with_headers = |request| with_headers(request, turn);
            let ask = |client: &Client| client.request_at(method.parse().unwrap(), &path);
            let nobody = with_headers(ask(&system.client()))
                .header("Authorization", format!("Bearer {TOKEN}"))
                .header("Cookie", format!("korrigo_session={TOKEN}"));
            self.send(system, nobody).await;
            if ends_something(&(method.clone(), template.clone())) {
                continue;
            }
            let body =
                format!("{{\"text\": \"{BODY}\", \"{BODY}\": [\"{BODY}\"], \"login\": {{\"{BODY}\": 1}}}}");
            for (content, body) in [
                ("application/json", body.clone()),
                ("application/json", format!("{{\"text\": \"{BODY}")),
                (
                    "application/json",
                    format!("[{}0]", format!("\"{BODY}\",").repeat(40_000)),
                ),
                ("text/plain", body.clone()),
                (
                    "multipart/form-data; boundary=x",
                    format!(
                        "--x\r\nContent-Disposition: form-data; name=\"{BODY}\"; filename=\"{BODY}\"\r\n\r\n{BODY}\r\n--x--\r\n"
                    ),
                ),
            ] {
                let request = with_headers(ask(&office.admin)).header("Content-Type", content);
                self.send(system, request.body(body)).await;
            }
            let word = in_address(QUERY, turn);
            let query = format!("{path}?name={word}&cursor={word}&limit={word}&{word}");
            let query = office.admin.request_at(method.parse().unwrap(), &query);
            if !hides_copies(&template) {
                self.send(system, query).await;
            }
            self.send(
                system,
                with_headers(ask(&stranger)).json(&json!({"reason": BODY, "points": BODY})),
            )
            .await;
            let elsewhere = template.replace("{id}", &in_address(PATH, turn));
            let elsewhere = office.admin.request_at(method.parse().unwrap(), &elsewhere);
            self.send(system, with_headers(elsewhere)).await;
            let odd = system
                .client()
                .request_at(Method::from_bytes(b"BREW").unwrap(), &path);
            self.send(system, with_headers(odd)).await.expect(405);
        }
        self.stray(system, office).await;
    }

    /// An administrator asks for what there is not.
    async fn stray(&mut self, system: &System, office: &Office) {
        for turn in 0..5 {
            let (word, query) = (in_address(PATH, turn), in_address(QUERY, turn));
            for path in [
                format!("/{word}"),
                format!("/api/v1/{word}/{word}?{query}"),
                format!("/api/v1/exams/../{word}"),
            ] {
                let request = office.admin.request_at(Method::GET, &path);
                let request = with_headers(request, turn);
                self.send(system, request).await.expect(404);
            }
        }
    }
}

/// A canary in every header that somebody reads, and in some that nobody does.
fn with_headers(request: RequestBuilder, turn: usize) -> RequestBuilder {
    let word = |number: usize| in_header(HEADER, turn + number);
    let after = |before: &str, number| [before.as_bytes(), &word(number)].concat();
    let quoted = |number| [&b"\""[..], &word(number), b"\""].concat();
    let address = in_address(HEADER, turn);
    request
        .header("User-Agent", word(0))
        .header("Referer", format!("https://school.example/{address}"))
        .header("Origin", format!("https://{address}.example"))
        .header("X-Request-ID", after("Marie ", 1))
        .header("traceparent", after("00-", 2))
        .header("tracestate", after("school=", 3))
        .header("baggage", after("pupil=", 4))
        .header("Accept-Language", word(5))
        .header("X-Forwarded-For", word(0))
        .header("X-Lock-Token", TOKEN)
        .header("If-Match", quoted(1))
        .header("If-None-Match", quoted(2))
        .header("Idempotency-Key", format!("{KEY} Zoé"))
        .header(HEADER.replace('é', "e"), word(3))
}

/// What would leave nobody to go on with, or about.
fn ends_something((method, template): &Operation) -> bool {
    method == "DELETE" && ["/api/v1/session", "/api/v1/students/{id}"].contains(&template.as_str())
}

/// What nothing is wrong with without a body, and what the teacher could not see later copies after.
fn hides_copies(template: &str) -> bool {
    template.ends_with("/dispatch")
}

/// The path of something that is there.
fn fill<'a>(template: &'a str, office: &'a Office) -> String {
    api::fill(template, |kind| match kind {
        "exams" => &office.exam,
        "batches" => &office.batch,
        "copies" => &office.copy,
        "jobs" => &office.job,
        "annotations" => &office.annotation,
        "users" => &office.person,
        "students" => &office.student,
        "pages" => "0",
        "releases" | "scores" | "remarks" => "1",
        "problems" => "not_found",
        other => panic!("what is a thing of {other}?"),
    })
}
