//! Every operation asked in every wrong way, with a canary wherever there is room for one.

use reqwest::{Method, RequestBuilder};
use serde_json::json;
use testkit::{Client, System, api};

use crate::driver::{Driver, Operation};
use crate::kinds::{BODY, HEADER, KEY, PATH, QUERY, TOKEN};
use crate::work::Office;

impl Driver {
    /// Nobody, a stranger to the exam and an administrator ask for everything and get it wrong.
    pub(crate) async fn spoil(&mut self, system: &System, office: &Office) {
        let stranger = system.stranger().await;
        for (method, template) in self.operations() {
            let path = fill(&template, office);
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
            let query = office.admin.request_at(
                method.parse().unwrap(),
                &format!("{path}?name={QUERY}&cursor={QUERY}&limit={QUERY}"),
            );
            if !hides_copies(&template) {
                self.send(system, query).await;
            }
            self.send(
                system,
                with_headers(ask(&stranger)).json(&json!({"reason": BODY, "points": BODY})),
            )
            .await;
            let elsewhere = template.replace("{id}", PATH);
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
        for path in [
            format!("/{PATH}"),
            format!("/api/v1/{PATH}/{PATH}?{QUERY}"),
            format!("/api/v1/exams/../{PATH}"),
        ] {
            let request = office.admin.request_at(Method::GET, &path);
            self.send(system, with_headers(request)).await.expect(404);
        }
    }
}

/// A canary in every header that somebody reads, and in some that nobody does.
fn with_headers(request: RequestBuilder) -> RequestBuilder {
    request
        .header("User-Agent", HEADER)
        .header("Referer", format!("https://school.example/{HEADER}"))
        .header("Origin", format!("https://{HEADER}.example"))
        .header("X-Request-ID", format!("{HEADER} Marie"))
        .header("traceparent", format!("00-{HEADER}"))
        .header("tracestate", format!("school={HEADER}"))
        .header("baggage", format!("pupil={HEADER}"))
        .header("Accept-Language", HEADER)
        .header("X-Forwarded-For", HEADER)
        .header("X-Lock-Token", TOKEN)
        .header("If-Match", format!("\"{HEADER}\""))
        .header("If-None-Match", format!("\"{HEADER}\""))
        .header("Idempotency-Key", format!("{KEY} Zoé"))
        .header(HEADER, HEADER)
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
