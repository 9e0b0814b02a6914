//! Certificates that are no good are a mistake in the configuration, and told before anything else happens.

#![expect(
    clippy::tests_outside_test_module,
    reason = "an integration test is a test module"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod idle;

use std::path::Path;
use std::process::Command;

use idle::{command, output};

const UNREADABLE: &str = "names a file that cannot be read";
const NO_CERTIFICATE: &str = "names a file without a certificate in PEM";
const NO_KEY: &str = "names a file without a key in PEM that needs no passphrase";
const NOT_ITS_KEY: &str = "is not the key of the certificate";
const STRANGE: &str = "names a file with a certificate that is damaged or of an unknown kind";
const MANY: &str =
    "names a file with more authorities than are of your own: whatever they sign would be let in";

/// Certificate, key and authority; which of them is wrong, and how.
type Case = ([&'static str; 3], &'static str, &'static str);

const CASES: [Case; 12] = [
    (["nowhere", "good.key", "good.pem"], "CERTIFICATE", UNREADABLE),
    (["good.pem", "nowhere", "good.pem"], "KEY", UNREADABLE),
    (["good.pem", "good.key", "nowhere"], "AUTHORITY", UNREADABLE),
    (["words", "good.key", "good.pem"], "CERTIFICATE", NO_CERTIFICATE),
    (
        ["good.key", "good.key", "good.pem"],
        "CERTIFICATE",
        NO_CERTIFICATE,
    ),
    (["good.pem", "good.key", "words"], "AUTHORITY", NO_CERTIFICATE),
    (["good.pem", "good.pem", "good.pem"], "KEY", NO_KEY),
    (["good.pem", "locked.key", "good.pem"], "KEY", NO_KEY),
    (["good.pem", "other.key", "good.pem"], "KEY", NOT_ITS_KEY),
    (["damaged.pem", "good.key", "good.pem"], "CERTIFICATE", STRANGE),
    (["good.pem", "good.key", "damaged.pem"], "AUTHORITY", STRANGE),
    (["good.pem", "good.key", "many.pem"], "AUTHORITY", MANY),
];

#[test]
fn certificates_that_cannot_be_used_are_named_by_their_setting_and_their_files_are_not_quoted() {
    let directory = tempfile::tempdir().unwrap();
    make_files(directory.path());
    for (files, culprit, problem) in CASES {
        let flag = format!("--grading-tls-{}", culprit.to_lowercase());
        let line = format!("korrigo-korrigo: {flag} (KORRIGO_GRADING_TLS_{culprit}): {problem}\n");
        assert_eq!(told(directory.path(), files), (Some(2), line), "{files:?}");
    }
    let good = told(directory.path(), ["good.pem", "good.key", "other.pem"]);
    assert_eq!(good, (Some(0), String::new()));
}

/// What `--check-config` says of these files.
fn told(home: &Path, [certificate, key, authority]: [&str; 3]) -> (Option<i32>, String) {
    let run = command(&["--check-config", "--grading-url", "https://grading:7070"])
        .env("KORRIGO_GRADING_TLS_CERTIFICATE", home.join(certificate))
        .env("KORRIGO_GRADING_TLS_KEY", home.join(key))
        .env("KORRIGO_GRADING_TLS_AUTHORITY", home.join(authority))
        .output()
        .unwrap();
    (
        run.status.code(),
        String::from_utf8_lossy(&run.stderr).into_owned(),
    )
}

fn make_files(home: &Path) {
    openssl(home, "good", &["-noenc"]);
    openssl(home, "other", &["-noenc"]);
    openssl(home, "locked", &["-passout", "pass:hunter22"]);
    let write = |name: &str, text: &str| std::fs::write(home.join(name), text).unwrap();
    let good = std::fs::read_to_string(home.join("good.pem")).unwrap();
    write("many.pem", &good.repeat(17));
    write("words", "hunter22\n");
    let (begin, end) = (good.lines().next().unwrap(), good.lines().last().unwrap());
    write("damaged.pem", &format!("{begin}\naHVudGVyMjI=\n{end}\n"));
}

/// Makes a key, and a certificate of it, as files of this name.
fn openssl(directory: &Path, name: &str, options: &[&str]) {
    let mut command = Command::new("openssl");
    command.args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=grading".split(' '));
    command.args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.pem")]);
    let made = command.args(options).current_dir(directory).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

#[test]
fn an_address_and_certificates_that_do_not_go_together_are_refused_without_starting_anything() {
    let directory = tempfile::tempdir().unwrap();
    openssl(directory.path(), "good", &["-noenc"]);
    let file = |end: &str| directory.path().join(format!("good.{end}")).display().to_string();
    let (certificate, key) = (file("pem"), file("key"));
    let given = [
        "--grading-tls-certificate",
        &certificate,
        "--grading-tls-key",
        &key,
        "--grading-tls-authority",
        &certificate,
    ];
    let url = "korrigo-korrigo: --grading-url (KORRIGO_GRADING_URL)";
    for (address, given, problem) in [
        (
            "http://grading:7070",
            &given[..],
            "has to begin with https://, as certificates are given",
        ),
        (
            "https://grading:7070",
            &[],
            "begins with https://, and no certificates are given",
        ),
        (
            "https://gra_ding!:7070",
            &given,
            "has a host that no certificate can be for",
        ),
        (
            "grpc://grading:7070",
            &given,
            "expected http://host:port, or https://host:port where certificates are given",
        ),
    ] {
        let output = output(&[&["--grading-url", address], given].concat());
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(told, format!("{url}: {problem}\n"));
        assert_eq!(output.status.code(), Some(2));
    }
}
