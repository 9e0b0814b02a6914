//! The database over TLS, as its URL asks for it.

#![expect(
    clippy::tests_outside_test_module,
    clippy::unwrap_used,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use korrigo::stack::{Account, Postgres};
use testkit::certificates::Flaw;
use testkit::{Certificates, Logged, System, eventually, program};

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
    assert_eq!(verdict(&right), "database_untrusted", "without TLS");

    show(&system, &own).await;
    assert_eq!(verdict(&right), "well_as_far_as_seen");
    assert_eq!(verdict(&wrong), "database_untrusted", "another authority");
    assert_eq!(verdict(&app), "well_as_far_as_seen", "a URL that does not ask");

    system.grading.terminate();
    system.grading.ended();
    system.grading.set("KORRIGO_DATABASE_URL", &wrong);
    system.grading.launch();
    assert_eq!(system.grading.ended().code(), Some(1));
    let log = Logged::into_file(system.logs().join("grading/grading.log"));
    let untrusted = [("error", "store::Error::Untrusted")];
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

/// What the operators' command makes of a database.
fn verdict(url: &str) -> String {
    let mut korrigo = Command::new(program("korrigo"));
    korrigo.arg("status").env("KORRIGO_DATABASE_URL", url);
    korrigo.env("KORRIGO_LOOK_WITHIN", "10s");
    korrigo
        .env_remove("KORRIGO_AMQP_URL")
        .env_remove("KORRIGO_ADMIN_URLS");
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
