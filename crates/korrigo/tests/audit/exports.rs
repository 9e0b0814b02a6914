//! An export is verified by whoever has it, with our program or with one that shares nothing with it.

use std::fs;

use contracts::audit_export::{Export, Line};
use domain::audit::{GENESIS, Leaf, Tampering, hash};
use domain::{Digest, TrailId};
use korrigo::audit::verify_export;
use testkit::text;

use crate::trail::Trail;

fn exported(trail: &Trail) -> String {
    let output = trail.export("trail");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    fs::read_to_string(trail.path("trail")).unwrap()
}

#[test]
fn an_export_verifies_with_us_and_without_us_and_is_recorded_before_it_leaves() {
    let trail = Trail::new();
    let export = exported(&trail);
    let lines: Vec<Line> = export.lines().map(|line| Line::read(line).unwrap()).collect();
    assert_eq!(lines.len(), 18);
    let recorded =
        "SELECT count(*) FROM grading.grading_events WHERE action = 'EXPORT' AND actor_kind = 'operator'
        AND metadata ->> 'variant' = 'audit' AND actor_id = (SELECT id FROM grading.users)";
    assert_eq!(trail.database.count(recorded), 3);

    let (code, said) = trail.verified(&["--export", "trail"]);
    assert_eq!(
        (code, &said["events"], &said["copies"]),
        (Some(0), &15.into(), &3.into())
    );
    let words = "OK: 15 events of 3 copies and 0 people are what was written";
    for more in [&[][..], &["checkpoints"]] {
        let (code, said) = trail.verified_by_others("trail", more);
        assert_eq!((code, said.trim()), (Some(0), words));
    }
    // The same checkpoint, the same bytes, also when there are new events. A later one vouches for more.
    trail.export("again");
    assert_eq!(fs::read_to_string(trail.path("again")).unwrap(), export);
    trail.vouch(100);
    trail.export("later");
    let (code, said) = trail.verified_by_others("later", &["checkpoints"]);
    assert_eq!(
        (code, said.trim()),
        (
            Some(0),
            "OK: 21 events of 3 copies and 0 people are what was written"
        )
    );
    assert_eq!(
        trail.verified(&["--export", "trail"]).0,
        Some(0),
        "the earlier one still holds"
    );
}

#[test]
fn nothing_is_recorded_or_written_for_somebody_who_may_not_or_into_a_file_that_is_there() {
    let trail = Trail::new();
    for arguments in [
        ["export", "--to", "new", "--operator", "nobody@school.example"],
        [
            "export",
            "--to",
            "checkpoints",
            "--operator",
            "head@school.example",
        ],
    ] {
        assert_eq!(trail.audit(&arguments).status.code(), Some(1), "{arguments:?}");
    }
    let recorded = "SELECT count(*) FROM grading.grading_events WHERE action = 'EXPORT'";
    assert_eq!(trail.database.count(recorded), 0);
}

#[test]
fn a_single_bit_is_missed_by_nobody() {
    let trail = Trail::new();
    let export = exported(&trail).into_bytes();
    let key = trail.key().public();
    assert_eq!(verify_export(export.as_slice(), &key, &[]).unwrap().finding, None);
    // Far apart, so that every line and every field has its turn.
    for number in 0..1500 {
        let bit = number * 7919 % (export.len() * 8);
        let flipped = flip(&export, bit);
        let found = verify_export(flipped.as_slice(), &key, &[]).unwrap().finding;
        assert!(found.is_some(), "bit {bit}");
        if number % 25 == 0 {
            fs::write(trail.path("flipped"), &flipped).unwrap();
            let (code, said) = trail.verified_by_others("flipped", &[]);
            assert_eq!(code, Some(1), "bit {bit}: {said}");
            assert!(said.starts_with("FAIL: "), "bit {bit}: {said}");
        }
    }
    testkit::evidence(format_args!(
        "1500 bits of {} bytes were flipped, each was found",
        export.len()
    ));
}

fn flip(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    flipped
}

type Alteration = fn(&mut Vec<Export>);

/// What somebody may do to the events of an export before they hand it on, with all hashes made anew.
const ALTERATIONS: [(&str, Alteration); 7] = [
    ("the first is gone", |events| drop(events.remove(0))),
    ("one in the middle is gone", |events| drop(events.remove(7))),
    ("the last is gone", |events| drop(events.pop())),
    ("two have changed places", |events| events.swap(3, 11)),
    ("one was inserted", |events| {
        let mut forged = events[4].clone();
        forged.event.operation = uuid::Uuid::from_u128(9).into();
        events.insert(5, forged);
    }),
    ("one was edited", |events| {
        events[6].event.metadata.push(' ');
    }),
    ("one has another id", |events| {
        events[6].event.id = uuid::Uuid::from_u128(9).into();
    }),
];

#[test]
fn an_altered_export_is_found_out_whether_or_not_its_hashes_were_made_anew() {
    let trail = Trail::new();
    let export = exported(&trail);
    for (what, alter) in ALTERATIONS {
        for anew in [false, true] {
            let altered = altered(&export, alter, anew);
            fs::write(trail.path("altered"), altered).unwrap();
            let (ours, said) = trail.verified(&["--export", "altered"]);
            assert_eq!(ours, Some(1), "{what}, {anew}: {said}");
            let (theirs, said) = trail.verified_by_others("altered", &[]);
            assert_eq!(theirs, Some(1), "{what}, {anew}: {said}");
            assert!(said.starts_with("FAIL: "), "{what}, {anew}: {said}");
            testkit::evidence(format_args!("{what}, hashes made anew: {anew}: {}", said.trim()));
        }
    }
}

fn altered(export: &str, alter: Alteration, anew: bool) -> String {
    let lines: Vec<Line> = export.lines().map(|line| Line::read(line).unwrap()).collect();
    let mut events = Vec::new();
    for line in &lines {
        if let Line::Event(event) = line {
            events.push((**event).clone());
        }
    }
    alter(&mut events);
    if anew {
        remake(&mut events);
    }
    let events = events.into_iter().map(|event| Line::Event(Box::new(event)));
    let (first, last) = (lines[0].clone(), lines[lines.len() - 2..].to_vec());
    let all = std::iter::once(first).chain(events).chain(last);
    all.map(|line| line.write() + "\n").collect()
}

/// Gives every event its place, its hashes and its leaf.
fn remake(events: &mut [Export]) {
    let mut ends: std::collections::HashMap<TrailId, (i64, Digest)> = std::collections::HashMap::new();
    for (export, position) in events.iter_mut().zip(0..) {
        let event = &mut export.event;
        let (seq, head) = ends
            .get(&event.trail)
            .copied()
            .unwrap_or((0, Digest::from(GENESIS)));
        event.seq = seq + 1;
        event.prev = head;
        event.hash = hash(event);
        ends.insert(event.trail, (event.seq, event.hash));
        export.position = position;
        let leaf = Leaf {
            position,
            trail: event.trail,
            seq: event.seq,
            hash: event.hash,
            event: event.id,
            version: event.version,
        };
        export.leaf = leaf.digest();
    }
}

#[test]
fn an_export_of_another_time_or_another_key_does_not_vouch_for_itself() {
    let trail = Trail::new();
    exported(&trail);
    let other = Trail::new();
    fs::copy(trail.path("trail"), other.path("trail")).unwrap();
    let (code, said) = other.verified(&["--export", "trail"]);
    assert_eq!(
        (code, &said["finding"]["kind"]),
        (Some(1), &"chain_rewritten".into())
    );
    let export = fs::read(trail.path("trail")).unwrap();
    let found = verify_export(export.as_slice(), &other.key().public(), &[]).unwrap();
    assert_eq!(
        found.finding.map(|finding| finding.kind),
        Some(Tampering::BadSignature)
    );
    assert_eq!(other.verified_by_others("trail", &[]).0, Some(1));

    // The key is the right one, and another trail was signed with it before.
    let root = domain::audit::Root {
        size: 7,
        hash: Digest::of(b"another trail"),
    };
    let forged = domain::audit::checkpoint(root, trail.key());
    fs::write(trail.path("checkpoints"), forged + "\n").unwrap();
    let found = verify_export(export.as_slice(), &trail.key().public(), &[root]).unwrap();
    assert_eq!(
        found.finding.map(|finding| finding.kind),
        Some(Tampering::ChainRewritten)
    );
    let (code, said) = trail.verified_by_others("trail", &["checkpoints"]);
    assert_eq!(
        (code, said.trim()),
        (Some(1), "FAIL: a checkpoint differs about the first 7 events")
    );
}
