//! Sending what is due when it is due.

use std::time::Duration;

use futures::future::join_all;
use testkit::{Answer, Client};
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
    /// Told to come again, and when.
    pub(crate) refused: bool,
}

impl Answered {
    fn of(task: Task, took: Duration, answer: Option<&Answer>) -> Self {
        let says_when = |answer: &Answer| answer.headers.contains_key("retry-after");
        Self {
            task,
            took,
            well: answer.is_some_and(|answer| (200..300).contains(&answer.status)),
            refused: answer.is_some_and(|answer| [429, 503].contains(&answer.status) && says_when(answer)),
        }
    }
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
            Answered::of(task, due.elapsed(), answer.ok().as_ref())
        });
    }
    asked.join_all().await
}

/// Sends what is in the plan one after the other, by so many people at a time who never pause, until the time is over.
pub(crate) async fn saturate(
    copies: &[Copy],
    plan: &[Due],
    from: usize,
    (people, time): (usize, Duration),
) -> Vec<Answered> {
    let begun = Instant::now();
    let working = (0..people).map(async |person| {
        let mut answers = Vec::new();
        for (number, due) in plan.iter().enumerate().skip(person).step_by(people) {
            let Some(copy) = copies.get(due.copy).filter(|_| begun.elapsed() < time) else {
                break;
            };
            let request = copy.request(due.task, from + number).timeout(PATIENCE);
            let sent = Instant::now();
            let answer = Client::try_send(request).await;
            answers.push(Answered::of(due.task, sent.elapsed(), answer.ok().as_ref()));
        }
        answers
    });
    join_all(working).await.concat()
}
