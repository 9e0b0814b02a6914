//! A new version takes the place of one that runs, in each of the ways to put Korrigo on machines.

use std::fs;

use tempfile::TempDir;
use testkit::TestDatabase;

use crate::calls;
use crate::seat::Seat;
use crate::typed::{OPERATIONS, UPGRADES, lines};

/// The order in which versions may meet: `.config/prove-versions.sh` has them do it.
const ORDER: [&str; 3] = ["pdf-worker", "grading", "gateway"];
/// What a version is made of.
const PROGRAMS: [&str; 4] = [
    "korrigo",
    "korrigo-gateway",
    "korrigo-grading",
    "korrigo-pdf-worker",
];
/// What each of the ways is typed with.
const WAYS: [&str; 3] = ["systemctl", "docker", "kubectl"];

#[test]
fn a_new_version_takes_the_place_of_one_that_runs_in_each_of_these_ways() {
    let all = lines(OPERATIONS, UPGRADES, "sh");
    for way in WAYS {
        let own: Vec<&String> = all.iter().filter(|line| typed_for(line) == way).collect();
        upgrade(way, &own);
    }
}

/// Whose line this is. What names neither is typed in the seat of a machine.
fn typed_for(line: &str) -> &'static str {
    match line.split([' ', '=']).next().unwrap() {
        "docker" => "docker",
        "kubectl" | "IMAGE" => "kubectl",
        _ => "systemctl",
    }
}

fn upgrade(way: &str, lines: &[&String]) {
    let (machine, database) = (TempDir::new().unwrap(), TestDatabase::create());
    let variables = vec![("KORRIGO_MIGRATE_URL".to_owned(), database.owner_url().into())];
    let mut seat = Seat::take(machine.path(), variables);
    fs::create_dir(seat.path("new")).unwrap();
    for program in PROGRAMS {
        fs::write(seat.path(&format!("new/{program}")), program).unwrap();
    }
    seat.enter("korrigo migrate down --steps 1 --yes");
    let mut pending = 0;
    for line in lines {
        let (code, printed) = seat.outcome(line);
        assert_eq!(code, 0, "{line}: {printed}");
        if line.ends_with("korrigo migrate status") {
            pending = printed.lines().filter(|line| line.starts_with("pending")).count();
        }
    }
    assert_eq!(pending, 1, "{way} shows what is pending before it is applied");
    seat.enter("korrigo migrate check");
    let calls = seat.calls();
    calls::check(&calls);
    let replaced: Vec<&str> = calls.iter().filter_map(|call| replaced(call)).collect();
    assert_eq!(replaced, ORDER, "{way}");
    match way {
        "systemctl" => PROGRAMS.iter().for_each(|program| {
            let installed = fs::read_to_string(seat.path(&format!("/usr/local/bin/{program}")));
            assert_eq!(installed.unwrap(), *program);
        }),
        "kubectl" => {
            for service in ORDER {
                let deployment = format!("deployment/{service}");
                let told = |word: &str| {
                    let says = |call: &Vec<String>, word: &str| call.iter().any(|said| said == word);
                    calls
                        .iter()
                        .position(|call| says(call, word) && says(call, &deployment))
                };
                let (image, status) = (told("image").unwrap(), told("status").unwrap());
                assert!(image < status, "{service} is waited for when it has its image");
            }
        }
        _ => {}
    }
}

/// The service that a call replaces and waits for.
fn replaced(call: &[String]) -> Option<&str> {
    let has = |word: &str| call.iter().any(|said| said == word);
    let last = call.last()?;
    match call.first()?.as_str() {
        "systemctl" => last.strip_prefix("korrigo-").filter(|_| has("restart")),
        "docker" => (has("up") && has("--wait") && has("--no-deps")).then_some(last.as_str()),
        "kubectl" => last
            .strip_prefix("deployment/")
            .filter(|name| has("status") && *name != "operator"),
        _ => None,
    }
}
