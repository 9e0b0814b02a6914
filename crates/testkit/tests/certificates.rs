//! Certificates between the services: who has none gets nowhere, and each side's log says why.

#![expect(
    clippy::tests_outside_test_module,
    clippy::unwrap_used,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use testkit::certificates::Flaw;
use testkit::{Certificates, Logged, System, eventually};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// More than grading talks to at a time.
const SILENT: usize = 300;
/// The first words of HTTP/2 without TLS.
const PLAIN: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

#[tokio::test]
async fn who_calls_without_a_certificate_of_the_authority_is_sent_away_and_grading_says_why() {
    let system = System::builder().certificates().start().await;
    let certificates = system.certificates.as_ref().unwrap();
    let others = Certificates::make(&system.path("others"));
    let expired = certificates.spoil(&system.path("expired"), Flaw::Expired);
    let grading = log(&system, "grading");

    call(&system, &[]).await;
    refused(&grading, "no_certificate").await;
    call(&system, &shown(&others, "korrigo-gateway")).await;
    refused(&grading, "unknown_authority").await;
    call(&system, &shown(&expired, "korrigo-gateway")).await;
    refused(&grading, "expired").await;
    call(&system, &["-tls1_2".to_owned()]).await;
    refused(&grading, "incompatible").await;
    assert_eq!(say(&system, PLAIN).await, "", "an answer in plain text");
    refused(&grading, "not_tls").await;

    // Nothing of it was a call, and whoever is known goes on.
    system.teacher().await.get("/exams").await.expect(200);
    let calls = grading.of("rpc.refused").len() + grading.of("rpc.failed").len();
    assert_eq!(calls, 0);
}

#[tokio::test]
async fn each_service_says_until_when_its_certificate_is_valid() {
    const GAUGE: &str = "tls_certificate_expiry_timestamp_seconds";
    let system = System::builder().certificates().start().await;
    let certificates = system.certificates.as_ref().unwrap();
    let services = [
        ("korrigo-grading", &system.grading),
        ("korrigo-gateway", system.gateway()),
        ("korrigo-pdf-worker", system.workers.first().unwrap()),
    ];
    for (program, service) in services {
        let end = end_of(&certificates.file(&format!("{program}.pem")));
        let said = service.metric(GAUGE, "").await;
        assert_eq!(format!("{said}"), format!("{end}"), "{program}");
    }
    let plain = System::start().await;
    assert!(plain.grading.metric(GAUGE, "").await.abs() < 1.0);
}

#[tokio::test]
async fn a_certificate_that_expires_within_days_is_said_while_all_goes_on() {
    let mut system = System::builder().certificates().start().await;
    let own = system.certificates.clone().unwrap();
    let expiring = own.spoil(&system.path("expiring"), Flaw::Expiring);
    let renewed = own.renew(&system.path("renewed"));
    for program in ["korrigo-grading", "korrigo-gateway", "korrigo-pdf-worker"] {
        assert!(!found(&system).contains("certificate_expires"));
        for (certificates, is_said) in [(&expiring, true), (&renewed, false)] {
            own.replace(program, certificates, program);
            let service = match program {
                "korrigo-grading" => &mut system.grading,
                "korrigo-gateway" => system.gateways.first_mut().unwrap(),
                _worker => system.workers.first_mut().unwrap(),
            };
            service.replace().await;
            eventually("status to say what it is", async || {
                let said = found(&system);
                let wanted = said.contains("certificate_expires") == is_said;
                if wanted { Ok(()) } else { Err(said) }
            })
            .await;
            system.teacher().await.get("/exams").await.expect(200);
        }
    }
}

#[tokio::test]
async fn a_handshake_that_is_never_ended_is_given_up_and_holds_nobody_else_up() {
    let system = System::builder().certificates().start().await;
    let mut silent = Vec::new();
    for _ in 0..SILENT {
        silent.push(TcpStream::connect(system.grading.socket()).await.unwrap());
    }
    let operator = ["--operator", system.admin_login()];
    let told = system.operate(&[&["retention", "report"][..], &operator].concat());
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    for mut stream in silent {
        // It is closed from the other side.
        assert_eq!(stream.read(&mut [0; 64]).await.unwrap_or(0), 0);
    }
    refused(&log(&system, "grading"), "no_answer").await;
}

#[tokio::test]
async fn a_service_that_is_not_grading_is_not_talked_to_and_the_gateway_says_why() {
    let mut system = System::builder().certificates().start().await;
    let teacher = system.teacher().await;
    let own = system.certificates.clone().unwrap();
    let elsewhere = own.spoil(&system.path("elsewhere"), Flaw::WrongName);
    let expired = own.spoil(&system.path("expired"), Flaw::Expired);
    let others = Certificates::make(&system.path("others"));
    let gateway = log(&system, "gateway1");

    for (impostor, program, reason) in [
        (&elsewhere, "korrigo-grading", "wrong_name"),
        (&expired, "korrigo-grading", "expired"),
        (&others, "korrigo-grading", "unknown_authority"),
        // Whoever has stolen it from a worker.
        (&own, "korrigo-pdf-worker", "wrong_purpose"),
    ] {
        own.replace("korrigo-grading", impostor, program);
        system.grading.replace().await;
        teacher.get("/exams").await.expect_problem(503, "unavailable");
        // What may not be sent twice was not sent at all.
        let exam = serde_json::json!({"name": "x", "date": "2026-06-15", "correctors": []});
        let refusal = teacher.post("/exams", &exam).await;
        refusal.expect_problem(503, "unavailable");
        gateway.wait_for("tls.failed", &[("reason", reason)]).await;
        noticed(&system, "degraded").await;
    }
    let rejected = log(&system, "grading");
    refused(&rejected, "rejected").await;

    let renewed = own.renew(&system.path("renewed"));
    own.replace("korrigo-grading", &renewed, "korrigo-grading");
    system.grading.replace().await;
    noticed(&system, "ok").await;
    teacher.get("/exams").await.expect(200);
}

#[tokio::test]
async fn a_caller_with_another_certificate_learns_that_it_was_rejected() {
    let mut system = System::builder().certificates().start().await;
    let teacher = system.teacher().await;
    let own = system.certificates.clone().unwrap();
    let others = Certificates::make(&system.path("others"));
    own.replace("korrigo-gateway", &others, "korrigo-gateway");
    let gateway = system.gateways.first_mut().unwrap();
    gateway.end().await;
    gateway.launch();
    let said = log(&system, "gateway1");
    said.wait_for("tls.failed", &[("reason", "rejected")]).await;
    refused(&log(&system, "grading"), "unknown_authority").await;
    // It has never reached grading, and says so.
    let gateway = system.gateways.first().unwrap();
    let body = eventually("an answer of the gateway", async || {
        let answer = reqwest::get(format!("{}/readyz", gateway.admin())).await;
        let answer = answer.map_err(|error| error.to_string())?;
        let (status, body) = (answer.status(), answer.text().await.unwrap_or_default());
        if status == 503 { Ok(body) } else { Err(body) }
    })
    .await;
    assert!(body.contains("grading_reached"), "{body}");
    own.replace("korrigo-gateway", &own, "korrigo-operator");
    system.gateways.first_mut().unwrap().replace().await;
    let gateway = system.gateways.first().unwrap();
    teacher.at(gateway).get("/exams").await.expect(200);
}

#[tokio::test]
async fn plain_text_and_certificates_do_not_meet() {
    let mut system = System::builder().gateways(2).start().await;
    let certificates = Certificates::make(&system.path("certificates"));
    let teacher = system.teacher().await;

    // The second gateway asks for certificates, and does not go back to plain text when it finds none.
    let url = format!("https://{}", system.grading.socket());
    let second = system.gateways.last_mut().unwrap();
    second.show(&certificates);
    second.set("KORRIGO_GRADING_URL", &url);
    second.end().await;
    second.launch();
    let said = log(&system, "gateway2");
    said.wait_for("tls.failed", &[("reason", "not_tls")]).await;

    // Now grading asks for them too. The first gateway does not know.
    system.grading.show(&certificates);
    system.grading.replace().await;
    system.gateways.last_mut().unwrap().ready().await;
    let second = teacher.at(system.gateways.last().unwrap());
    second.get("/exams").await.expect(200);
    // Whether the call was heard before the connection broke, it cannot know.
    let first = teacher.get("/exams").await;
    assert!([503, 504].contains(&first.status), "{}", first.status);
    refused(&log(&system, "grading"), "not_tls").await;
}

#[test]
fn the_document_says_what_to_do_about_each_reason() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations.md");
    let text = fs::read_to_string(document).unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| `")).collect();
    for reason in telemetry::events::TlsFailure::ALL {
        let name = format!("`{reason}`");
        let told = rows
            .iter()
            .any(|row| row.split('|').nth(1).is_some_and(|first| first.contains(&name)));
        assert!(told, "{reason}");
    }
}

/// What `status` says of all of them.
fn found(system: &System) -> String {
    let admins = system.admin_urls();
    let output = system.operate(&["status", "--json", "--admin-urls", &admins]);
    testkit::text(&output)
}

/// When a certificate expires, in seconds since 1970, as a program that is not ours says it.
fn end_of(certificate: &Path) -> i64 {
    let mut openssl = Command::new("openssl");
    openssl
        .args(["x509", "-noout", "-enddate", "-in"])
        .arg(certificate);
    let said = String::from_utf8(openssl.output().unwrap().stdout).unwrap();
    let end = said.trim().strip_prefix("notAfter=").unwrap();
    let end = chrono::NaiveDateTime::parse_from_str(end, "%b %e %H:%M:%S %Y GMT").unwrap();
    end.and_utc().timestamp()
}

/// What a service has logged.
fn log(system: &System, name: &str) -> Logged {
    let program = name.trim_end_matches(|end: char| end.is_ascii_digit());
    Logged::into_file(system.logs().join(name).join(format!("{program}.log")))
}

async fn refused(grading: &Logged, reason: &str) {
    grading.wait_for("tls.refused", &[("reason", reason)]).await;
}

/// The options with which a stranger shows a certificate.
fn shown(certificates: &Certificates, program: &str) -> Vec<String> {
    let file = |end: &str| {
        certificates
            .file(&format!("{program}.{end}"))
            .display()
            .to_string()
    };
    vec!["-cert".to_owned(), file("pem"), "-key".to_owned(), file("key")]
}

/// A stranger calls grading with a program that is not ours, and says nothing.
async fn call(system: &System, options: &[String]) {
    let mut openssl = Command::new("openssl");
    openssl
        .arg("s_client")
        .arg("-connect")
        .arg(system.grading.socket().to_string());
    openssl.args(["-alpn", "h2", "-quiet"]).args(options);
    openssl
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let ended = tokio::task::spawn_blocking(move || openssl.status())
        .await
        .unwrap();
    ended.unwrap();
}

/// What grading answers to these bytes, as text, if it is none.
async fn say(system: &System, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(system.grading.socket()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // It may be reset.
    drop(stream.read_to_end(&mut answer).await);
    // An alert of TLS begins so.
    answer.strip_prefix(&[21, 3]).map_or_else(
        || String::from_utf8_lossy(&answer).into_owned(),
        |_alert| String::new(),
    )
}

/// Waits until the gateway's check of grading says this.
async fn noticed(system: &System, expected: &str) {
    let url = format!("{}/readyz", system.gateway().admin());
    eventually("the gateway to notice", async || {
        let body = reqwest::get(&url).await.unwrap().text().await.unwrap();
        let said = format!("\"grading\":\"{expected}\"");
        if body.contains(&said) { Ok(()) } else { Err(body) }
    })
    .await;
}
