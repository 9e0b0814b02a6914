//! Sending what is due when it is due.

use std::time::Duration;

use testkit::Client;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::copies::Copy;
use crate::plan::{Due, Task};

/// How long anybody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What became of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answered {
    pub(crate) task: Task,
    /// From when it was due to the last byte of its answer.
    pub(crate) took: Duration,
    pub(crate) well: bool,
}

/// Sends all of the plan; `numbers` begin at `from`, so that no two requests of a system are the same.
pub(crate) async fn send(copies: &[Copy], plan: &[Due], from: usize) -> Vec<Answered> {
    let begun = Instant::now();
    let mut asked = JoinSet::new();
    for (number, due) in plan.iter().enumerate() {
        let Some(copy) = copies.get(due.copy) else {
            continue;
        };
        let request = copy.request(due.task, from + number).timeout(PATIENCE);
        let (task, due) = (due.task, begun + due.at);
        sleep_until(due).await;
        asked.spawn(async move {
            let answer = Client::try_send(request).await;
            Answered {
                task,
                took: due.elapsed(),
                well: answer.is_ok_and(|answer| (200..300).contains(&answer.status)),
            }
        });
    }
    asked.join_all().await
}
