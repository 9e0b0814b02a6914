//! The ways to put Korrigo on machines, up to the first administrator.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use korrigo::fences;
use korrigo::stack::{Durability, Postgres};
use tempfile::TempDir;
use testkit::{TestDatabase, packages};

use crate::calls;
use crate::seat::Seat;
use crate::typed::{
    BUCKET, CERTIFICATES, CONTAINERS, KUBERNETES, OPERATIONS, PLAYBOOK, SECRETS, SECURITY, SYSTEMD, lines,
};

/// Programs of which sentences speak: those that machines have, and what a shell does itself.
const MACHINES: &[&str] = &["docker", "journalctl", "kubectl", "systemctl"];
const OPENSSL: &[&str] = &["openssl"];
const SHELL: &[&str] = &["export", "set"];

/// What else is said within sentences like a command, and why it is not typed.
const NOT_TYPED: [(&str, &str); 10] = [
    (
        "cat authority.pem new-authority.pem",
        "the test of survival that renews an authority puts them together by itself",
    ),
    (
        "chattr +a",
        "it wants a file system that knows it, and the right to it",
    ),
    (
        "chown -R korrigo:korrigo \"$KORRIGO_BLOBS_DIR\"",
        "it is of root, where services run as somebody else",
    ),
    ("connecting to the database: Untrusted", "it is what a log says"),
    (
        "leaves 0 to 1520 of the tree: checkpoints_lost",
        "it is what a command says",
    ),
    ("make check-deploy", "it is of developers"),
    (
        "make drill-restore",
        "it is of developers, and `make test` does it with fewer copies",
    ),
    ("make prove ARGS=s3", "it is of developers, and brings a storage"),
    (
        "make prove ARGS=versions",
        "it is of developers, and builds another version",
    ),
    ("make run", "it is of developers"),
];

/// What sentences say that begins with one of these.
fn said_of(programs: &[&str]) -> Vec<String> {
    let mut spans = commands_in_sentences();
    spans.retain(|span| programs.contains(&program_of(span)));
    assert!(!spans.is_empty(), "nobody speaks of {programs:?}");
    spans
}

/// What looks like a program with its words.
fn commands_in_sentences() -> Vec<String> {
    let mut spans = [OPERATIONS, PLAYBOOK].map(fences::inline).concat();
    spans.retain(|span| {
        let program = program_of(span);
        program != span && program.chars().all(|letter| letter.is_ascii_lowercase())
    });
    spans
}

fn program_of(span: &str) -> &str {
    span.split(' ').next().unwrap()
}

#[test]
fn every_command_within_sentences_has_who_types_it() {
    // Those of korrigo are typed beside a running system.
    let typed = [&["korrigo"][..], MACHINES, OPENSSL, SHELL].concat();
    let mut spans = commands_in_sentences();
    spans.retain(|span| !typed.contains(&program_of(span)));
    let others: BTreeSet<&str> = spans.iter().map(String::as_str).collect();
    assert_eq!(others, NOT_TYPED.map(|(span, _)| span).into());
}

/// What a unit, or a part of one, reads is where it was written.
fn credentials_are_there(seat: &Seat, program: &str, unit: &str) {
    let text = fs::read_to_string(seat.path(&format!("/etc/systemd/system/{unit}"))).unwrap();
    let text = text.replace("%p", program);
    let files = text
        .lines()
        .filter_map(|line| line.strip_prefix("LoadCredential="));
    for file in files.map(|credential| credential.split_once(':').unwrap().1) {
        assert!(seat.path(file).is_file(), "{file}");
    }
}

/// The files of secrets that containers are given are where they were written.
fn secrets_are_there(seat: &Seat, file: &str) {
    let text = fs::read_to_string(seat.path(&format!("deploy/compose/{file}"))).unwrap();
    for (_, secret) in text.lines().filter_map(|line| line.split_once("{file: ./")) {
        let secret = format!("deploy/compose/{}", secret.trim_end_matches('}'));
        assert!(seat.path(&secret).is_file(), "{secret}");
    }
}

/// A directory that servers can enter.
fn machine() -> TempDir {
    let open = fs::Permissions::from_mode(0o755);
    tempfile::Builder::new().permissions(open).tempdir().unwrap()
}

/// The database server of a new machine, and how PostgreSQL's own variables lead to it by whatever name.
fn server(machine: &TempDir) -> (Postgres, Vec<(String, OsString)>) {
    let directory = machine.path().join("postgres");
    let server = Postgres::start(&packages(), &directory, Durability::Fast).unwrap();
    let url = server.superuser_url("postgres");
    let account = url.split_once("://").unwrap().1.split_once('@').unwrap().0;
    let (user, password) = account.split_once(':').unwrap();
    let variables = [
        ("PGHOSTADDR", "127.0.0.1".to_owned()),
        ("PGPORT", server.port().to_string()),
        ("PGUSER", user.to_owned()),
        ("PGPASSWORD", password.to_owned()),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.into()));
    (server, variables.into())
}

fn administrators(server: &Postgres) -> String {
    let query = "SELECT login FROM grading.users WHERE role = 'ADMIN'";
    server.psql("korrigo", query).unwrap().trim().to_owned()
}

#[test]
fn on_one_machine_with_systemd() {
    let machine = machine();
    let (server, variables) = server(&machine);
    let mut seat = Seat::take(machine.path(), variables);
    let own = lines(OPERATIONS, SYSTEMD, "sh");
    for line in own.iter().chain(&lines(SECURITY, SECRETS, "sh")) {
        seat.enter(line);
    }
    assert_eq!(administrators(&server), "head@school.example");
    for unit in ["korrigo-gateway", "korrigo-grading", "korrigo-pdf-worker"] {
        credentials_are_there(&seat, unit, &format!("{unit}.service"));
    }
    for line in said_of(SHELL) {
        seat.enter(&line);
    }
    calls::check(&seat.calls());
}

#[test]
fn on_one_machine_with_containers() {
    let machine = machine();
    let (server, mut variables) = server(&machine);
    variables.extend(in_the_container(&machine));
    let mut seat = Seat::take(machine.path(), variables);
    for line in lines(OPERATIONS, CONTAINERS, "sh") {
        seat.enter(&line);
    }
    assert_eq!(administrators(&server), "head@school.example");
    calls::check(&seat.calls());
    secrets_are_there(&seat, "compose.yaml");
    let settings = fs::metadata(seat.path("deploy/compose/.env")).unwrap();
    assert_eq!(settings.permissions().mode() & 0o777, 0o600);
}

/// What the operator's container is told of the database, and the server of this machine instead of the one beside it.
fn in_the_container(machine: &TempDir) -> Vec<(String, OsString)> {
    let secrets = machine.path().join("clone/deploy/compose/secrets");
    let files = [
        ("KORRIGO_DATABASE_URL_FILE", "database-url"),
        ("KORRIGO_MIGRATE_URL_FILE", "migrate-url"),
        ("KORRIGO_MIGRATE_PASSWORD_FILE", "migrate-password"),
        ("KORRIGO_APP_PASSWORD_FILE", "app-password"),
        ("KORRIGO_READ_PASSWORD_FILE", "read-password"),
    ];
    let compose = include_str!("../../../../deploy/compose/compose.yaml");
    let own = files.map(|(name, file)| {
        let said = format!("      {name}: /run/secrets/{file}\n");
        assert!(compose.contains(&said), "{said}");
        (name.to_owned(), secrets.join(file).into())
    });
    let superuser = ("KORRIGO_SUPERUSER_URL".to_owned(), "postgres:///postgres".into());
    own.into_iter().chain([superuser]).collect()
}

#[test]
fn on_several_machines_with_kubernetes_and_with_a_bucket() {
    let (machine, database) = (machine(), TestDatabase::create());
    let (server, mut variables) = server(&machine);
    variables.push(("KORRIGO_DATABASE_URL".to_owned(), database.app_url().into()));
    let mut seat = Seat::take(machine.path(), variables);
    fs::create_dir(seat.path("secrets")).unwrap();
    for (file, text) in [
        ("secrets/superuser-url", "postgres:///postgres"),
        ("key-id", "name"),
        ("secret", "key"),
    ] {
        fs::write(seat.path(file), text).unwrap();
    }
    for section in [KUBERNETES, BUCKET] {
        for line in lines(OPERATIONS, section, "sh") {
            seat.enter(&line);
        }
    }
    assert_eq!(database.count("SELECT count(*) FROM grading.users"), 1);
    let roles = r"SELECT count(*) FROM pg_roles WHERE rolname ~ '^korrigo_(owner|migrate|app|read)$'";
    assert_eq!(server.psql("korrigo", roles).unwrap().trim(), "4");
    calls::check(&seat.calls());
}

#[test]
fn with_certificates_between_the_services_in_each_of_these_ways() {
    let machine = machine();
    let mut seat = Seat::take(machine.path(), Vec::new());
    for line in lines(OPERATIONS, CERTIFICATES, "sh") {
        seat.enter(&line);
    }
    for program in ["korrigo-gateway", "korrigo-grading", "korrigo-pdf-worker"] {
        credentials_are_there(&seat, program, &format!("{program}.service.d/certificates.conf"));
    }
    secrets_are_there(&seat, "certificates.yaml");
    let secrets = seat.calls();
    let secrets = secrets.iter().filter(|call| call.contains(&"generic".to_owned()));
    let (renewed, made): (Vec<_>, Vec<_>) =
        secrets.partition(|call| call.contains(&"--dry-run=client".to_owned()));
    assert_eq!([made.len(), renewed.len()], [4, 4]);
    calls::check(&seat.calls());
    seat.enter("cd certificates");
    for line in said_of(OPENSSL) {
        seat.enter(&line);
    }
}

#[test]
fn what_is_said_to_machines_within_sentences_can_be_typed_as_well() {
    let machine = machine();
    let mut seat = Seat::take(machine.path(), Vec::new());
    for line in said_of(MACHINES) {
        seat.enter(&line);
    }
    calls::check(&seat.calls());
}
