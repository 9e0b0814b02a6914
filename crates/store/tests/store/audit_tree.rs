//! The tree over all events: it grows in order, by one at a time, and nobody rewrites it.

use domain::audit::{Frontier, Place, Root, Tampering};
use domain::secret::Secret;
use domain::{CopyId, Digest};
use store::{Config, Database, Error, Scope, verify, vouched};

use crate::harness::{Bench, attempt};

/// Adds all leaves that there are to add, a few at a time.
async fn grown(bench: &Bench) -> Frontier {
    loop {
        let (added, tree) = bench
            .tx(|tx| {
                assert!(tx.audit_tree().take_turn()?);
                tx.audit_tree().grow(2)
            })
            .await
            .expect("the tree grows");
        if added < 2 {
            return tree;
        }
    }
}

fn leaf(copy: CopyId, seq: i64) -> String {
    format!("INSERT INTO grading.audit_leaves (copy_id, seq) VALUES ('{copy}', {seq})")
}

#[tokio::test]
async fn each_event_becomes_one_leaf_after_its_predecessor_and_the_frontier_is_that_of_the_leaves() {
    let bench = Bench::new().await;
    bench.ready(b"one").await;
    bench.ready(b"two").await;
    let tree = grown(&bench).await;
    let waits = "SELECT count(*) FROM grading.audit_pending";
    assert_eq!((tree.size(), bench.database.count(waits)), (4, 0));

    bench.ready(b"three").await;
    assert_eq!(bench.database.count(waits), 2);
    let tree = grown(&bench).await;
    let leaves = bench.tx(|tx| tx.trails().leaves(0, 100)).await.expect("leaves");
    let mut again = Frontier::default();
    for planted in &leaves {
        assert!(planted.present);
        again.push(planted.leaf.digest());
    }
    assert_eq!((again.size(), &again), (6, &tree));
    assert_eq!(bench.tx(|tx| tx.audit_tree().frontier()).await, Ok(tree));
    let events = bench
        .tx(|tx| tx.audit_tree().events(0, 100))
        .await
        .expect("events");
    assert!(events.iter().all(|(leaf, event)| leaf.is_of(event)));
    let verified = verify(&bench.store, Scope::default())
        .await
        .expect("it is verified");
    assert_eq!((verified.copies, verified.events, verified.leaves), (3, 6, 6));
    assert_eq!(verified.finding, None);
}

#[tokio::test]
async fn only_one_process_at_a_time_adds_leaves() {
    let bench = Bench::new().await;
    bench.ready(b"scan").await;
    let store = bench.store.clone();
    let turns = bench
        .tx(move |tx| {
            let mine = tx.audit_tree().take_turn()?;
            let other = std::thread::scope(|scope| {
                let asking = scope.spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                    let asked = store.transaction("test", |tx| tx.audit_tree().take_turn());
                    runtime.expect("a runtime").block_on(asked)
                });
                asking.join().expect("it is answered")
            })?;
            Ok((mine, other))
        })
        .await;
    assert_eq!(turns, Ok((true, false)));
}

#[tokio::test]
async fn the_services_role_can_only_append_the_next_leaf() {
    let bench = Bench::new().await;
    let copy = bench.ready(b"scan").await.id;
    let app = bench.database.app_url();
    let out_of_order = attempt(&app, &leaf(copy, 2)).expect_err("the first comes first");
    assert_eq!(out_of_order, "the events of a copy come in their order");
    assert_eq!(attempt(&app, &leaf(copy, 1)), Ok(()));
    assert!(attempt(&app, &leaf(copy, 1)).is_err(), "once");
    let unknown = attempt(&app, &leaf(copy, 3)).expect_err("no such event");
    assert_eq!(unknown, "a leaf belongs to an event");
    for attack in [
        "UPDATE grading.audit_leaves SET position = 7",
        "DELETE FROM grading.audit_leaves",
        "TRUNCATE grading.audit_leaves",
        "DELETE FROM grading.audit_pending",
        "INSERT INTO grading.audit_pending (copy_id, seq) VALUES (gen_random_uuid(), 1)",
        "INSERT INTO grading.audit_leaves (position, copy_id, seq) VALUES (7, gen_random_uuid(), 1)",
        "DELETE FROM grading.audit_frontier",
        "ALTER TABLE grading.audit_leaves DISABLE TRIGGER ALL",
    ] {
        let answer = attempt(&app, attack).expect_err(attack);
        let refused = ["permission denied", "must be owner"];
        assert!(
            refused.iter().any(|beginning| answer.starts_with(beginning)),
            "{attack}: {answer}"
        );
    }
    let superuser = bench.database.superuser_url();
    for attack in [
        "DELETE FROM grading.audit_leaves",
        "TRUNCATE grading.audit_leaves",
    ] {
        assert_eq!(
            attempt(&superuser, attack),
            Err("the audit trail is append-only".to_owned())
        );
    }
}

#[tokio::test]
async fn a_frontier_that_is_not_of_the_leaves_is_not_added_to() {
    let bench = Bench::new().await;
    bench.ready(b"one").await;
    grown(&bench).await;
    bench
        .database
        .run("UPDATE grading.audit_frontier SET size = 1, nodes = substr(nodes, 1, 32)");
    bench.ready(b"two").await;
    let answer = bench.tx(|tx| tx.audit_tree().grow(10)).await;
    assert_eq!(
        answer.map(|_grown| ()),
        Err(Error::Corrupt {
            table: "audit_frontier"
        })
    );
}

#[tokio::test]
async fn an_event_that_was_kept_from_the_tree_for_long_is_found() {
    let bench = Bench::new().await;
    bench.ready(b"scan").await;
    let verified = verify(&bench.store, Scope::default())
        .await
        .expect("it is verified");
    assert_eq!(verified.finding, None, "a new event may wait");
    bench.database.run(
        "SET session_replication_role = replica;
         DELETE FROM grading.audit_pending;
         ALTER TABLE grading.grading_events DISABLE ROW LEVEL SECURITY;
         UPDATE grading.grading_events SET at = at - interval '1 hour'",
    );
    rehash(&bench);
    let verified = verify(&bench.store, Scope::default())
        .await
        .expect("it is verified");
    assert_eq!(
        verified.finding.map(|finding| finding.kind),
        Some(Tampering::OutsideTree)
    );
}

/// Makes the chains fit together again, as somebody would who knows how they are made.
fn rehash(bench: &Bench) {
    bench.database.run(
        "SET session_replication_role = replica;
         DO $$
         DECLARE
             event record;
             head bytea;
         BEGIN
             FOR event IN SELECT * FROM grading.grading_events ORDER BY copy_id, seq LOOP
                 IF event.seq = 1 THEN
                     head := decode(repeat('00', 32), 'hex');
                 END IF;
                 UPDATE grading.grading_events SET prev = head, hash = sha256(
                     convert_to('korrigo.audit.v1', 'UTF8') || '\\x00'::bytea || head || uuid_send(copy_id)
                     || int8send(seq) || grading.audit_text(action) || grading.audit_text(actor_kind)
                     || uuid_send(actor_id) || uuid_send(operation_id)
                     || int8send((extract(epoch FROM at) * 1000000)::bigint) || grading.audit_text(metadata::text)
                 ) WHERE copy_id = event.copy_id AND seq = event.seq RETURNING hash INTO head;
                 UPDATE grading.copies SET ev_head = head WHERE id = event.copy_id;
             END LOOP;
         END
         $$",
    );
}

fn root(size: u64) -> Root {
    Root {
        size,
        hash: Digest::of(&size.to_be_bytes()),
    }
}

async fn known(bench: &Bench) -> Option<Root> {
    vouched(&bench.store).await.expect("what is known")
}

#[tokio::test]
async fn what_was_vouched_for_only_grows_and_only_the_owner_forgets_it() {
    let bench = Bench::new().await;
    bench.ready(b"one").await;
    bench.ready(b"two").await;
    assert_eq!(grown(&bench).await.size(), 4);
    assert_eq!(known(&bench).await, None);
    let app = bench.database.app_url();
    let outside = "nobody vouches for what is not in the tree";
    let begun = "INSERT INTO grading.audit_vouched (size, root) VALUES (5, sha256('x'))";
    assert_eq!(attempt(&app, begun), Err(outside.to_owned()));
    for (size, kept) in [(2, 2), (4, 4), (3, 4)] {
        let stored = bench.tx(move |tx| tx.audit_tree().vouch(root(size))).await;
        assert_eq!(stored, Ok(()));
        assert_eq!(known(&bench).await, Some(root(kept)));
    }
    for (sql, answer) in [
        (
            "UPDATE grading.audit_vouched SET size = 3",
            "what was vouched for is not taken back",
        ),
        ("UPDATE grading.audit_vouched SET size = 5", outside),
        (
            "UPDATE grading.audit_vouched SET root = sha256('x')",
            "what was vouched for is not taken back",
        ),
        (
            "DELETE FROM grading.audit_vouched",
            "permission denied for table audit_vouched",
        ),
    ] {
        assert_eq!(attempt(&app, sql), Err(answer.to_owned()), "{sql}");
    }
    let owner = Config::of_owner(Secret::new(&bench.database.owner_url()));
    let owner = Database::connect(owner).await.expect("the owner may connect");
    for (size, forgotten) in [(3, None), (4, Some(root(4)))] {
        assert_eq!(known(&bench).await, Some(root(4)));
        let answer = owner
            .transaction("begin_anew", move |tx| tx.audit_tree().forget_vouched(size))
            .await;
        assert_eq!(answer, Ok::<_, Error>(forgotten));
    }
    assert_eq!(known(&bench).await, None);
}

#[tokio::test]
async fn checkpoints_have_what_is_known_to_have_been_vouched_for() {
    let bench = Bench::new().await;
    bench.ready(b"scan").await;
    let tree = grown(&bench).await;
    let last = Root {
        size: tree.size(),
        hash: tree.root(),
    };
    let found = async |checkpoints: Vec<Root>| {
        let scope = Scope {
            trail: None,
            checkpoints,
            vouched: Some(last),
        };
        let verified = verify(&bench.store, scope).await.expect("it is verified");
        verified.finding.map(|finding| (finding.kind, finding.place))
    };
    assert_eq!(found(vec![last]).await, None);
    let missing = |left| Some((Tampering::CheckpointsLost, Place::Leaves(left..last.size)));
    assert_eq!(found(Vec::new()).await, missing(0));
    let mut first = Frontier::default();
    let leaves = bench.tx(|tx| tx.trails().leaves(0, 1)).await.expect("a leaf");
    for planted in &leaves {
        first.push(planted.leaf.digest());
    }
    let first = Root {
        size: 1,
        hash: first.root(),
    };
    assert_eq!(found(vec![first]).await, missing(1));
}
