//! Database and broker over TLS, as their URLs ask for it.

#![expect(
    clippy::tests_outside_test_module,
    clippy::unwrap_used,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use korrigo::stack::{Account, Postgres, ports};
use testkit::certificates::Flaw;
use testkit::commands::alone;
use testkit::{BrokerUser, Certificates, Logged, Service, System, Upload, corpus, eventually, program};

#[tokio::test]
async fn a_database_is_only_talked_to_if_it_shows_a_certificate_that_the_url_accepts() {
    let mut system = System::builder().own_database().start().await;
    let own = Certificates::make(&system.path("own"));
    let others = Certificates::make(&system.path("others"));
    let elsewhere = own.spoil(&system.path("elsewhere"), Flaw::WrongName);
    let app = system.database.app_url();
    let asking = |authority: &Certificates| {
        let file = authority.file("authority.pem");
        format!("{app}?sslmode=verify-full&sslrootcert={}", file.display())
    };
    let (right, wrong) = (asking(&own), asking(&others));
    let verdict = |url: &str| verdict(url, []);
    assert_eq!(verdict(&right), "database_untrusted", "without TLS");

    show(&system, &own).await;
    assert_eq!(verdict(&right), "well_as_far_as_seen");
    assert_eq!(verdict(&wrong), "database_untrusted", "another authority");
    assert_eq!(verdict(&app), "well_as_far_as_seen", "a URL that does not ask");

    system.grading.end().await;
    system.grading.set("KORRIGO_DATABASE_URL", &wrong);
    system.grading.launch();
    assert_eq!(system.grading.ended().code(), Some(1));
    let log = Logged::into_file(system.logs().join("grading/grading.log"));
    let untrusted = [("error", "connecting to the database: Untrusted")];
    log.wait_for("service.start_failed", &untrusted).await;

    system.grading.set("KORRIGO_DATABASE_URL", &right);
    system.grading.restart().await;
    system.teacher().await.get("/exams").await.expect(200);
    let (encrypted, plain) = connections(server(&system));
    assert!(
        encrypted > 0 && plain == 0,
        "{encrypted} encrypted, {plain} plain"
    );

    show(&system, &elsewhere).await;
    assert_eq!(verdict(&right), "database_untrusted", "another host");
}

#[tokio::test]
async fn a_broker_is_only_talked_to_if_it_shows_a_certificate_that_is_accepted() {
    let mut system = System::builder().own_broker().start().await;
    let own = Certificates::make(&system.path("own"));
    let others = Certificates::make(&system.path("others"));
    let elsewhere = own.spoil(&system.path("elsewhere"), Flaw::WrongName);
    let (right, wrong) = (listen(&system, &own), listen(&system, &elsewhere));
    let look = |address, authority| look(&system, &url(&system, BrokerUser::Operator, address), authority);
    assert_eq!(look(right, Some(&own)), "well_as_far_as_seen");
    assert_eq!(
        look(right, Some(&others)),
        "broker_untrusted",
        "another authority"
    );
    assert_eq!(
        look(right, None),
        "broker_untrusted",
        "none that the machine knows"
    );
    assert_eq!(look(wrong, Some(&own)), "broker_untrusted", "another host");
    assert_eq!(
        look(system.broker.address(), Some(&own)),
        "broker_untrusted",
        "no TLS"
    );

    let [for_grading, for_worker] =
        [BrokerUser::Grading, BrokerUser::Worker].map(|user| url(&system, user, right));
    system.grading.end().await;
    speak(&mut system.grading, &for_grading, &own);
    system.grading.restart().await;
    system.worker().end().await;
    speak(system.worker(), &for_worker, &others);
    system.worker().launch();
    let log = Logged::into_file(system.logs().join("pdf-worker/pdf-worker.log"));
    let untrusted = [
        ("connection", "consumer"),
        ("error", "broker::Error::Untrusted: Error: io::InvalidData"),
    ];
    log.wait_for("broker.unreachable", &untrusted).await;
    system.worker().end().await;
    speak(system.worker(), &for_worker, &own);
    system.worker().restart().await;

    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let upload = Upload::new(&exam, corpus::text(1), "encrypted-upload");
    teacher.upload(upload).await.expect(202);
    system.settle().await;
    eventually("four connections with TLS, and none without", async || {
        let encrypted = encrypted(&system).await;
        if encrypted == [true; 4] {
            Ok(())
        } else {
            Err(encrypted)
        }
    })
    .await;
}

#[tokio::test]
async fn settings_that_lead_to_no_broker_are_a_mistake_that_is_not_tried_again_and_again() {
    let mut system = System::start().await;
    let own = Certificates::make(&system.path("own"));
    let plain = system.broker.url(BrokerUser::Grading);
    system.grading.end().await;
    system.worker().end().await;
    for url in [plain.as_str(), "amqps://somebody:secret@[::1]/%2f", "not a url"] {
        let worker = system.workers.first_mut().unwrap();
        for service in [&mut system.grading, worker] {
            speak(service, url, &own);
            service.launch();
            assert_eq!(service.ended().code(), Some(2), "{url}");
        }
    }
}

/// Where the broker also listens with TLS, and shows the certificate of grading.
fn listen(system: &System, certificates: &Certificates) -> SocketAddr {
    let file = |end: &str| {
        certificates
            .file(&format!("korrigo-grading.{end}"))
            .display()
            .to_string()
    };
    let port = ports::free().unwrap();
    let start = format!(
        "application:ensure_all_started(ssl), rabbit_networking:start_ssl_listener({{\"127.0.0.1\", {port}}}, \
         [{{certfile, \"{}\"}}, {{keyfile, \"{}\"}}], 10).",
        file("pem"),
        file("key")
    );
    system.rabbitmq.as_ref().unwrap().ctl(&["eval", &start]).unwrap();
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn url(system: &System, user: BrokerUser, address: SocketAddr) -> String {
    system
        .broker
        .url_through(user, address)
        .replacen("amqp:", "amqps:", 1)
}

/// What the operators' command makes of a broker.
fn look(system: &System, url: &str, authority: Option<&Certificates>) -> String {
    let authority = authority.map(|authority| authority.file("authority.pem").display().to_string());
    let authority = authority.map(|file| ("KORRIGO_AMQP_TLS_AUTHORITY", file));
    let settings = [("KORRIGO_AMQP_URL", url.to_owned())]
        .into_iter()
        .chain(authority);
    verdict(&system.database.app_url(), settings)
}

/// From its next start on the service speaks to this broker, and this authority has to have signed its certificate.
fn speak(service: &mut Service, url: &str, authority: &Certificates) {
    service.set("KORRIGO_AMQP_URL", url);
    let file = authority.file("authority.pem").display().to_string();
    service.set("KORRIGO_AMQP_TLS_AUTHORITY", &file);
}

/// Which of the services' connections are encrypted, as the broker says.
async fn encrypted(system: &System) -> Vec<bool> {
    let api = system.rabbitmq.as_ref().unwrap().api_url();
    let said = reqwest::get(format!("{api}/api/connections")).await.unwrap();
    let said: serde_json::Value = said.json().await.unwrap();
    let ours = |connection: &&serde_json::Value| {
        let name = connection["user_provided_name"].as_str();
        name.is_some_and(|name| name.starts_with("korrigo-"))
    };
    let connections = said.as_array().unwrap().iter().filter(ours);
    connections.map(|connection| connection["ssl"] == true).collect()
}

fn server(system: &System) -> &Postgres {
    system.postgres.as_ref().unwrap()
}

/// Has the database server show the certificate of grading, which is for this machine.
async fn show(system: &System, certificates: &Certificates) {
    let files = ["pem", "key"].map(|end| {
        let file = system.path(&format!("database.{end}"));
        fs::copy(certificates.file(&format!("korrigo-grading.{end}")), &file).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        // It reads them as its own account.
        if let Some(account) = Account::for_unprivileged_servers().unwrap() {
            account.own(&file).unwrap();
        }
        file.display().to_string()
    });
    let [certificate, key] = files;
    let fingerprint = fingerprint(&certificate);
    for sql in [
        format!("ALTER SYSTEM SET ssl_cert_file = '{certificate}'"),
        format!("ALTER SYSTEM SET ssl_key_file = '{key}'"),
        "ALTER SYSTEM SET ssl = on".to_owned(),
        "SELECT pg_reload_conf()".to_owned(),
    ] {
        server(system).psql("postgres", &sql).unwrap();
    }
    let port = server(system).port();
    eventually("the server to show it", async || {
        let shown = shown(port);
        if shown == fingerprint { Ok(()) } else { Err(shown) }
    })
    .await;
}

/// What tells the certificate in a file from others.
fn fingerprint(file: &str) -> String {
    let mut openssl = Command::new("openssl");
    openssl.args(["x509", "-noout", "-fingerprint", "-in", file]);
    String::from_utf8(openssl.output().unwrap().stdout).unwrap()
}

/// The same of the certificate that the server shows.
fn shown(port: u16) -> String {
    let script = "openssl s_client -starttls postgres -connect \"$0\" </dev/null 2>/dev/null \
        | openssl x509 -noout -fingerprint 2>/dev/null";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, &format!("127.0.0.1:{port}")]);
    String::from_utf8(shell.output().unwrap().stdout).unwrap()
}

/// What the operators' command makes of a database, and of what else it is told.
fn verdict(url: &str, settings: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let mut korrigo = alone(program("korrigo"), &["status"]);
    korrigo.env("KORRIGO_DATABASE_URL", url);
    korrigo.env("KORRIGO_LOOK_WITHIN", "10s");
    korrigo.envs(settings);
    let said = String::from_utf8(korrigo.output().unwrap().stdout).unwrap();
    let first = said.lines().next().unwrap();
    first.strip_prefix("verdict").unwrap().trim().to_owned()
}

/// How many connections of grading are encrypted, and how many are not.
fn connections(server: &Postgres) -> (u32, u32) {
    let sql = "SELECT count(*) FILTER (WHERE ssl), count(*) FILTER (WHERE NOT ssl)
        FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'korrigo_app'";
    let said = server.psql("postgres", sql).unwrap();
    let (encrypted, plain) = said.split_once('|').unwrap();
    (encrypted.parse().unwrap(), plain.parse().unwrap())
}
