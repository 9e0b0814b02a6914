//! Locks: taken and given back with the copy, kept alive by themselves, and never under an old fence.

use std::time::Duration;

use domain::audit::Actor;
use domain::copy::{Locking, State};
use domain::lock::{LockToken, Ttl};
use domain::{Copy, Refusal, Status};
use store::{Error, Held};

use crate::desk::Desk;
use crate::harness::{Bench, attempt};

async fn locked_row(bench: &Bench, copy: &Copy) -> Option<Copy> {
    let id = copy.id;
    bench
        .tx(move |tx| tx.copies().for_update(id))
        .await
        .expect("the copy is read")
}

#[tokio::test]
async fn a_lock_is_taken_renewed_and_released() {
    let Desk { bench, copy, token } = Desk::new().await;
    assert_eq!(locked_row(&bench, &copy).await.as_ref(), Some(&copy));
    assert_eq!(bench.stored(copy.id).await, copy);

    let asked = bench.asked(bench.teacher).await;
    let (again, ttl) = (
        LockToken::random().digest(),
        Ttl::from_seconds(3_600).expect("a time"),
    );
    let Ok(Locking::Renewed(lock)) = copy.clone().lock(again, ttl, asked) else {
        panic!("the owner keeps the lock")
    };
    let id = copy.id;
    bench
        .tx(move |tx| tx.locks().renew(id, &lock))
        .await
        .expect("the lock is renewed");
    let renewed = bench.stored(id).await;
    assert_eq!(renewed.state.lock(), Some(lock));
    assert_eq!(
        (renewed.version, renewed.lock_fence),
        (copy.version, copy.lock_fence)
    );

    let wrong = renewed
        .clone()
        .release(Some(token), bench.asked(bench.teacher).await);
    assert_eq!(wrong.map(|_released| ()), Err(Refusal::TokenMismatch));
    let released = renewed
        .release(Some(again), bench.asked(bench.teacher).await)
        .expect("the owner may")
        .expect("there is a lock");
    let free = bench.recorded(released).await;
    assert_eq!(bench.stored(id).await, free);
    assert_eq!(bench.database.count("SELECT count(*) FROM grading.locks"), 0);
    assert_eq!(
        bench.tx(move |tx| tx.locks().renew(id, &lock)).await,
        Err(Error::Stale { table: "locks" })
    );
    assert_eq!(bench.database.verify_chains(), Ok(()));
}

#[tokio::test]
async fn a_lock_under_another_fence_is_not_kept_alive() {
    let Desk { bench, copy, .. } = Desk::new().await;
    let lock = copy.state.lock().expect("a lock");
    for fence in [lock.fence - 1, lock.fence + 1] {
        let (id, other) = (copy.id, domain::Lock { fence, ..lock });
        let answer = bench.tx(move |tx| tx.locks().renew(id, &other)).await;
        assert_eq!(answer, Err(Error::Stale { table: "locks" }));
    }
    assert_eq!(bench.stored(copy.id).await, copy);
}

#[tokio::test]
async fn lapsed_locks_are_found_oldest_first_and_taken_over_under_the_next_fence() {
    let bench = Bench::new().await;
    let (alive, _) = bench.locked(b"alive").await;
    let copy = bench.ready(b"lapsed").await;
    let (copy, _) = bench.lapsed_lock(copy, bench.teacher).await;
    let copy_of_another = bench.ready(b"lapsed later").await;
    let (later, _) = bench.lapsed_lock(copy_of_another, bench.admin).await;
    let lapsed = |limit| bench.tx(move |tx| tx.locks().lapsed(limit));
    assert_eq!(lapsed(9).await, Ok(vec![copy.id, later.id]));
    assert_eq!(lapsed(1).await, Ok(vec![copy.id]));

    let id = copy.id;
    let (by, operation, asked) = (
        Actor::Service(bench.ids.next()),
        bench.ids.next(),
        bench.asked(bench.admin).await,
    );
    let taken = bench.tx(move |tx| {
        let copy = tx.copies().for_update(id)?.expect("the copy is there");
        assert!(copy.has_lapsed_lock(asked.now));
        let ended = copy.lapse(asked.now, by, operation).expect("the lock has ended");
        let _entry = tx.record(&ended)?;
        let token = LockToken::random().digest();
        let Ok(Locking::Taken(locked)) = ended.into_copy().lock(token, Ttl::USUAL, asked) else {
            panic!("the copy is free")
        };
        tx.record(&locked).map(|_entry| locked.into_copy())
    });
    let taken = taken.await.expect("the lock is taken over");
    assert_eq!(bench.stored(id).await, taken);
    assert_eq!((copy.lock_fence, taken.lock_fence), (1, 2));
    assert_eq!(lapsed(9).await, Ok(vec![later.id]));
    assert_eq!(bench.stored(alive.id).await, alive);
    assert_eq!(bench.database.verify_chains(), Ok(()));
}

#[tokio::test]
async fn the_age_of_the_oldest_lock_and_how_many_have_ended_are_known() {
    let bench = Bench::new().await;
    let stats = || bench.tx(|tx| tx.locks().stats());
    let none = Held {
        oldest: Duration::ZERO,
        overdue: 0,
    };
    assert_eq!(stats().await, Ok(none));
    bench.locked(b"alive").await;
    bench
        .database
        .run("UPDATE grading.locks SET acquired_at = acquired_at - interval '1 hour'");
    let copy = bench.ready(b"lapsed").await;
    bench.lapsed_lock(copy, bench.teacher).await;
    let held = stats().await.expect("a look");
    assert_eq!(held.oldest.as_secs() / 100, 36, "{held:?}");
    assert_eq!(held.overdue, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_ask_for_a_copy_one_gets_it_and_the_other_is_told() {
    let bench = Bench::new().await;
    let copy = bench.ready(b"scan").await;
    let both = [bench.asked(bench.admin).await, bench.asked(bench.teacher).await];
    let [first, second] = both.map(|asked| {
        let (id, token) = (copy.id, LockToken::random().digest());
        bench.tx(move |tx| {
            let copy = tx.copies().for_update(id)?.expect("the copy is there");
            match copy.lock(token, Ttl::USUAL, asked) {
                Ok(Locking::Taken(locked)) => tx.record(&locked).map(|_entry| Ok(locked.into_copy())),
                Ok(Locking::Renewed(_)) => panic!("nobody had the lock"),
                Err(refusal) => Ok(Err(refusal)),
            }
        })
    });
    let (first, second) = tokio::join!(first, second);
    let won = match (first.expect("an answer"), second.expect("an answer")) {
        (Ok(won), Err(Refusal::AlreadyLocked { expires_at }))
        | (Err(Refusal::AlreadyLocked { expires_at }), Ok(won)) => {
            assert_eq!(won.state.lock().map(|lock| lock.expires_at), Some(expires_at));
            won
        }
        other => panic!("not exactly one won: {other:?}"),
    };
    assert_eq!(bench.stored(copy.id).await, won);
    assert_eq!(bench.database.verify_chains(), Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_lock_what_they_read_before_one_is_stale() {
    let bench = Bench::new().await;
    let copy = bench.ready(b"scan").await;
    let both = [bench.asked(bench.admin).await, bench.asked(bench.teacher).await];
    let [first, second] = both.map(|asked| {
        let Ok(Locking::Taken(taken)) = copy.clone().lock(LockToken::random().digest(), Ttl::USUAL, asked)
        else {
            panic!("the copy was free")
        };
        bench.tx(move |tx| tx.record(&taken))
    });
    let (first, second) = tokio::join!(first, second);
    let stale = Err(Error::Stale { table: "copies" });
    assert!((first == stale) != (second == stale), "{first:?} {second:?}");
    assert_eq!(bench.stored(copy.id).await.lock_fence, 1);
    assert_eq!(bench.database.count("SELECT count(*) FROM grading.locks"), 1);
}

#[tokio::test]
async fn the_database_refuses_a_fence_that_is_old_or_used() {
    let Desk { bench, copy, token } = Desk::new().await;
    let asked = bench.asked(bench.teacher).await;
    let released = copy.release(Some(token), asked).expect("the owner may");
    let free = bench.recorded(released.expect("there is a lock")).await;
    assert_eq!((free.state.status(), free.lock_fence), (Status::Ready, 1));
    let owner = bench.database.owner_url();
    for change in [
        "lock_fence = 0",
        "status = 'LOCKED'",
        "status = 'LOCKED', lock_fence = 0",
    ] {
        let sql = format!(
            "SET ROLE korrigo_owner;
             UPDATE grading.copies SET {change}, version = version + 1 WHERE id = '{}'",
            free.id
        );
        assert_eq!(
            attempt(&owner, &sql),
            Err("a lock has a new fence".to_owned()),
            "{change}"
        );
    }
    // The same from a program that kept an old copy of the copy.
    let old = Copy {
        lock_fence: 0,
        ..free
    };
    let asked = bench.asked(bench.admin).await;
    let Ok(Locking::Taken(taken)) = old.lock(LockToken::random().digest(), Ttl::USUAL, asked) else {
        panic!("the copy was free")
    };
    assert!(matches!(taken.copy().state, State::Locked { .. }));
    assert_eq!(
        bench.tx(move |tx| tx.record(&taken)).await,
        Err(Error::Refused {
            rule: "copies_lock_fence"
        })
    );
}
