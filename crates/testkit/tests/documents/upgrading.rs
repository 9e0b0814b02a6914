//! A new version takes the place of one that runs and gives it back, in each of the ways to put Korrigo on machines.

use std::fs;

use tempfile::TempDir;
use testkit::{TestDatabase, program, stand_in};

use crate::calls;
use crate::seat::Seat;
use crate::typed::{OPERATIONS, UPGRADES, WAY_BACK, blocks, lines};

/// The order in which versions may meet, which is the other way round on the way back: `.config/prove-versions.sh` has them do
/// it.
const ORDER: [&str; 3] = ["pdf-worker", "grading", "gateway"];
/// What a version is made of, beside `korrigo`.
const SERVICES: [&str; 3] = ["korrigo-gateway", "korrigo-grading", "korrigo-pdf-worker"];
/// What each of the ways is typed with, in the order of the document.
const WAYS: [&str; 3] = ["systemctl", "docker", "kubectl"];
/// How a line ends that only says what would be taken back.
const LOOKS: &str = "korrigo migrate down --steps \"$N\"";

#[test]
fn a_new_version_takes_the_place_of_one_that_runs_and_gives_it_back_in_each_of_these_ways() {
    let (on, back) = (
        blocks(OPERATIONS, UPGRADES, ""),
        blocks(OPERATIONS, UPGRADES, WAY_BACK),
    );
    assert_eq!([on.len(), back.len()], [WAYS.len(); 2]);
    let typed = on.iter().chain(&back).map(Vec::len).sum::<usize>();
    assert_eq!(typed, lines(OPERATIONS, UPGRADES, "sh").len());
    for (way, (on, back)) in WAYS.into_iter().zip(on.iter().zip(&back)) {
        on_and_back(way, on, back);
    }
}

fn on_and_back(way: &str, on: &[String], back: &[String]) {
    let (machine, database) = (TempDir::new().unwrap(), TestDatabase::create());
    let variables = vec![("KORRIGO_MIGRATE_URL".to_owned(), database.owner_url().into())];
    let mut seat = Seat::take(machine.path(), variables);
    put_programs(&seat);
    seat.enter("korrigo migrate down --steps 1 --yes");
    let schema = seat.outcome("korrigo migrate status");

    upgrade(&mut seat, on);
    let on_the_way = seat.calls();
    assert_eq!(replaced(way, &on_the_way), ORDER, "{way}");
    assert_eq!(is_installed(&seat, NEW), way == "systemctl", "{way}");

    go_back(&mut seat, back);
    let calls = seat.calls();
    let mut order = replaced(way, &calls[on_the_way.len()..]);
    order.reverse();
    assert_eq!(order, ORDER, "{way}");
    assert!(is_installed(&seat, BEFORE), "{way}");
    assert_eq!(seat.outcome("korrigo migrate status"), schema, "{way}");
    calls::check(&calls);
}

/// What the programs of the two versions have in them.
const BEFORE: &str = "before";
const NEW: &str = "new";

fn put_programs(seat: &Seat) {
    let korrigo = program("korrigo");
    let korrigo = format!("exec {} \"$@\"", korrigo.display());
    stand_in(&seat.path("new"), "korrigo", &korrigo);
    for service in SERVICES {
        fs::write(seat.path(&format!("new/{service}")), NEW).unwrap();
    }
    for program in SERVICES.iter().chain(&["korrigo"]) {
        fs::write(seat.path(&format!("/usr/local/bin/{program}")), BEFORE).unwrap();
    }
}

/// Whether all programs of the machine are of this version, and not of the other.
fn is_installed(seat: &Seat, version: &str) -> bool {
    let read = |place: String| fs::read_to_string(seat.path(&place)).unwrap();
    let services = SERVICES.map(|service| read(format!("/usr/local/bin/{service}")) == version);
    let of_before = read("/usr/local/bin/korrigo".to_owned()) == BEFORE;
    let all = services.into_iter().chain([of_before == (version == BEFORE)]);
    let all: Vec<bool> = all.collect();
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "a mixture");
    all[0]
}

fn upgrade(seat: &mut Seat, lines: &[String]) {
    let mut pending = 0;
    for line in lines {
        if line.starts_with("install ") {
            // A service that ends from now on by itself is started again in the new version.
            seat.enter("korrigo migrate check");
        }
        let (code, printed) = seat.outcome(line);
        assert_eq!(code, 0, "{line}: {printed}");
        if line.ends_with("korrigo migrate status") {
            pending = printed.lines().filter(|line| line.starts_with("pending")).count();
        }
    }
    assert_eq!(pending, 1, "{lines:?} show what is pending before it is applied");
    seat.enter("korrigo migrate check");
}

fn go_back(seat: &mut Seat, lines: &[String]) {
    let mut looked = false;
    for line in lines {
        let looks = line.ends_with(LOOKS);
        let (code, printed) = seat.outcome(line);
        assert_eq!(code, i32::from(looks), "{line}: {printed}");
        assert_eq!(
            looks,
            printed.contains("this would take back"),
            "{line}: {printed}"
        );
        looked |= looks;
    }
    assert!(looked, "{lines:?} do not show what is taken back");
}

/// The services that calls replace and wait for, in their order.
fn replaced<'a>(way: &str, calls: &'a [Vec<String>]) -> Vec<&'a str> {
    let replaced: Vec<&str> = calls.iter().filter_map(|call| replaces(call)).collect();
    if way == "kubectl" {
        for service in ORDER {
            let told = |word: &str| {
                let deployment = format!("deployment/{service}");
                let says = |call: &Vec<String>, word: &str| call.iter().any(|said| said == word);
                let of_it = |call: &Vec<String>| says(call, word) && says(call, &deployment);
                calls.iter().position(of_it)
            };
            let (image, status) = (told("image").unwrap(), told("status").unwrap());
            assert!(image < status, "{service} is waited for when it has its image");
        }
    }
    replaced
}

fn replaces(call: &[String]) -> Option<&str> {
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
