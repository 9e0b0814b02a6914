//! The ways to put Korrigo on machines, up to the first administrator.

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
    BUCKET, CERTIFICATES, CONTAINERS, KUBERNETES, OPERATIONS, PLAYBOOK, SECRETS, SECURITY, SYSTEMD, UPGRADES,
    lines,
};

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
        let unit = seat.path(&format!("/etc/systemd/system/{unit}.service"));
        assert!(unit.is_file());
        // What the unit reads is where it was written.
        let text = fs::read_to_string(&unit).unwrap();
        let files = text
            .lines()
            .filter_map(|line| line.strip_prefix("LoadCredential="));
        for file in files.map(|credential| credential.split_once(':').unwrap().1) {
            assert!(seat.path(file).is_file(), "{file}");
        }
    }
    calls::check(&seat.calls());
}

#[test]
fn on_one_machine_with_containers() {
    let (machine, database) = (machine(), TestDatabase::create());
    let variables = vec![("KORRIGO_DATABASE_URL".to_owned(), database.app_url().into())];
    let mut seat = Seat::take(machine.path(), variables);
    for line in lines(OPERATIONS, CONTAINERS, "sh") {
        seat.enter(&line);
    }
    assert_eq!(database.count("SELECT count(*) FROM grading.users"), 1);
    calls::check(&seat.calls());
    let compose = fs::read_to_string(seat.path("deploy/compose/compose.yaml")).unwrap();
    let secrets = compose.lines().filter_map(|line| line.split_once("{file: ./"));
    for (_, file) in secrets {
        let file = format!("deploy/compose/{}", file.trim_end_matches('}'));
        assert!(seat.path(&file).is_file(), "{file}");
    }
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
    for section in [KUBERNETES, BUCKET, UPGRADES] {
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
        let added = format!("/etc/systemd/system/{program}.service.d/certificates.conf");
        let text = fs::read_to_string(seat.path(&added))
            .unwrap()
            .replace("%p", program);
        let files = text
            .lines()
            .filter_map(|line| line.strip_prefix("LoadCredential="));
        for file in files.map(|credential| credential.split_once(':').unwrap().1) {
            assert!(seat.path(file).is_file(), "{file}");
        }
    }
    let compose = fs::read_to_string(seat.path("deploy/compose/certificates.yaml")).unwrap();
    for (_, file) in compose.lines().filter_map(|line| line.split_once("{file: ./")) {
        let file = format!("deploy/compose/{}", file.trim_end_matches('}'));
        assert!(seat.path(&file).is_file(), "{file}");
    }
    let secrets = seat.calls();
    let secrets = secrets.iter().filter(|call| call.contains(&"generic".to_owned()));
    assert_eq!(secrets.count(), 4);
    calls::check(&seat.calls());
}

#[test]
fn what_is_said_to_machines_within_sentences_can_be_typed_as_well() {
    let machine = machine();
    let mut seat = Seat::take(machine.path(), Vec::new());
    let spans = [OPERATIONS, PLAYBOOK].map(fences::inline).concat();
    let to_machines = |span: &&String| {
        let (first, rest) = span.split_once(' ').unwrap_or((span, ""));
        ["docker", "kubectl", "systemctl"].contains(&first) && !rest.is_empty()
    };
    for line in spans.iter().filter(to_machines) {
        seat.enter(line);
    }
    calls::check(&seat.calls());
}
