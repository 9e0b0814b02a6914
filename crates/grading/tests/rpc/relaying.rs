//! Messages that the broker does not take.

use testkit::eventually;

use crate::harness::Grading;

const IMPORTS: &str = broker::IMPORT_QUEUE;

#[tokio::test]
async fn a_message_that_the_broker_refuses_is_told_of_and_published_when_it_is_taken() {
    let grading = Grading::start().await;
    grading.broker.limit_length(IMPORTS, 1).await;
    // The limit is not an exact one: the queue learns of it, and that it is reached, a moment later.
    let refused = "SELECT id::text FROM grading.outbox WHERE last_error IS NOT NULL";
    let refused = eventually("a message to be refused", async || {
        grading.registered().await;
        grading.database.texts(refused).pop().ok_or(())
    })
    .await;
    let said = [("outbox_id", refused.as_str()), ("outcome", "nacked")];
    grading.logged.wait_for("outbox.publish_failed", &said).await;

    grading.broker.limit_length(IMPORTS, 1_000).await;
    let said = [("outbox_id", refused.as_str())];
    grading.logged.wait_for("outbox.published", &said).await;
}
