//! Proofs about single events and about the growth of the tree, and the comparison of tables and trail.

use domain::Digest;
use domain::audit::{Root, continues, includes, open_checkpoint};
use serde_json::Value;
use testkit::text;

use crate::trail::Trail;

fn said(trail: &Trail, arguments: &[&str]) -> Value {
    let output = trail.audit(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn digest(value: &Value) -> Digest {
    value.as_str().unwrap().parse().unwrap()
}

fn digests(value: &Value) -> Vec<Digest> {
    value.as_array().unwrap().iter().map(digest).collect()
}

#[test]
fn each_event_of_a_copy_is_proven_to_be_in_the_tree_that_is_signed_for() {
    let trail = Trail::new();
    let (code, all) = trail.verified(&[]);
    assert_eq!((code, &all["events"]), (Some(0), &15.into()));
    trail.export("trail");
    let export = std::fs::read_to_string(trail.path("trail")).unwrap();
    for line in export.lines().skip(1).take(15) {
        let event: Value = serde_json::from_str(line).unwrap();
        let (copy, seq) = (event["copy_id"].as_str().unwrap(), event["seq"].to_string());
        let proof = said(&trail, &["prove", copy, &seq]);
        let root = open_checkpoint(proof["checkpoint"].as_str().unwrap(), &trail.key().public()).unwrap();
        assert_eq!(root.hash, digest(&proof["root"]));
        let (position, leaf) = (proof["position"].as_u64().unwrap(), digest(&event["leaf"]));
        assert!(includes(root, position, leaf, &digests(&proof["proof"])));
        assert!(!includes(
            root,
            position,
            Digest::of(b"other"),
            &digests(&proof["proof"])
        ));
    }
    let new = trail.audit(&["prove", "00000000-0000-0000-0000-000000000001", "1"]);
    assert_eq!(new.status.code(), Some(1));
    assert!(text(&new).contains("no checkpoint vouches for this event"));
}

#[test]
fn the_tree_of_a_checkpoint_is_proven_to_begin_with_the_tree_of_the_one_before() {
    let trail = Trail::new();
    let proof = said(&trail, &["consistency", "7", "15"]);
    let root = |which: &str| Root {
        size: proof[format!("{which}_size")].as_u64().unwrap(),
        hash: digest(&proof[format!("{which}_root")]),
    };
    assert!(continues(root("old"), root("new"), &digests(&proof["proof"])));
    for sizes in [["0", "15"], ["7", "16"], ["15", "7"]] {
        let refused = trail.audit(&[&["consistency"], sizes.as_slice()].concat());
        assert_eq!(refused.status.code(), Some(1), "{sizes:?}");
    }
}

#[test]
fn tables_that_agree_with_the_trail_are_told_from_those_that_do_not() {
    let trail = Trail::new();
    let counts = said(&trail, &["reconcile", "--json"]);
    assert!(
        counts.as_object().unwrap().values().all(|count| count == 0),
        "{counts}"
    );
    trail.alter("UPDATE grading.copies SET ev_seq = 4");
    let table = trail.audit(&["reconcile"]);
    assert_eq!(table.status.code(), Some(1));
    assert!(text(&table).contains("       3  trail_ends"), "{}", text(&table));
}

#[test]
fn a_new_pair_of_keys_is_printed_by_its_public_half_only() {
    let trail = Trail::new();
    let arguments = [
        "key",
        "new",
        "--origin",
        "school.example/korrigo",
        "--to",
        "audit-key",
    ];
    let made = trail.audit(&arguments);
    assert!(text(&made).starts_with("school.example/korrigo+"));
    assert!(!text(&made).contains("PRIVATE"));
    assert_eq!(trail.audit(&arguments).status.code(), Some(1), "once");
}
