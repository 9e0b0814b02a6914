//! Who holds up others is seen by the role that may only look, and can be ended, and nobody else can.

use std::time::Duration;

use domain::secret::Secret;
use store::{Blocker, Config, Database, blockers};
use testkit::eventually;

use crate::harness::Bench;

async fn listed(looker: &Database) -> Vec<Blocker> {
    let listed = looker.transaction("test", |tx| tx.blockers().list()).await;
    listed.expect("they can be listed")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_holds_up_others_is_seen_and_ended_and_what_waited_goes_through() {
    let bench = Bench::with(|config| config.lock_timeout = Duration::from_secs(30)).await;
    let read = Secret::new(&bench.database.read_url());
    let looker = Database::connect(Config::new(read)).await.expect("it may look");
    let superuser = Secret::new(&bench.database.superuser_url());
    assert_eq!(listed(&looker).await, []);

    let bar = bench.database.bar("grading.copies");
    let ended = async {
        let blocker = eventually("a blocker", async || match listed(&looker).await.as_slice() {
            [blocker] => Ok(blocker.clone()),
            other => Err(other.len()),
        })
        .await;
        assert_eq!(blocker.waiting, 1);
        assert_eq!(
            blockers::end(&superuser, blocker.pid + 100_000),
            Ok(false),
            "nobody waits for that one"
        );
        assert_eq!(blockers::end(&superuser, blocker.pid), Ok(true));
    };
    let (_copy, ()) = tokio::join!(bench.registered(b"who waits"), ended);
    assert_eq!(listed(&looker).await, []);
    drop(bar);
}
