//! The end of a process that uses a database.

#![expect(
    clippy::expect_used,
    clippy::tests_outside_test_module,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

use std::process::Command;
use std::sync::mpsc;

use domain::secret::Secret;
use store::migrations;
use testkit::TestDatabase;

/// Says to a run of this program that it is the one that ends, and which database it uses.
const CONNECTING: &str = "KORRIGO_TEST_CONNECTING";
/// Says the same to one that was the first to connect itself, without the store, as tests do.
const CONNECTED: &str = "KORRIGO_TEST_CONNECTED";
/// So many that some are connecting whenever it ends; a pool has eight.
const THREADS: usize = 12;

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "libtest takes no arguments of a test's own"
)]
fn a_process_that_ends_while_it_connects_ends_well() {
    if let Ok(url) = std::env::var(CONNECTING) {
        return connect_to_the_end(&Secret::new(&url));
    }
    if let Ok(url) = std::env::var(CONNECTED) {
        let _own = TestDatabase::create();
        return connect_to_the_end(&Secret::new(&url));
    }
    let database = TestDatabase::create();
    let program = std::env::current_exe().expect("a test knows its program");
    // OpenSSL that was cleaned up crashed one in five.
    let (services, tests) = ([CONNECTING; 40], [CONNECTED; 20]);
    for as_whom in services.into_iter().chain(tests) {
        let ended = Command::new(&program)
            .arg("--test-threads=1")
            .env(as_whom, database.owner_url())
            .output();
        let ended = ended.expect("the program runs");
        assert!(ended.status.success(), "{ended:?}");
    }
}

/// Leaves threads behind that go on connecting.
fn connect_to_the_end(url: &Secret) {
    let (answered, has_answered) = mpsc::channel();
    for _ in 0..THREADS {
        let (url, answered) = (url.clone(), answered.clone());
        std::thread::spawn(move || {
            loop {
                let _ = answered.send(migrations::check(&url));
            }
        });
    }
    for answer in has_answered.iter().take(THREADS) {
        answer.expect("the schema is the right one");
    }
}
