//! Follows a job for a client, for as long as both last.
//!
//! The stream from grading may break: grading restarts, a network fails. It is opened again and again
//! while the client stays, after the revision that the client has; the client only sees a pause.

use std::sync::Arc;
use std::time::Duration;

use contracts::grading::{self as pb, WatchJobRequest};
use contracts::{Code, Problem};
use domain::JobState;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep, timeout};
use tonic::Streaming;

use crate::auth::Credentials;
use crate::grading::{self, Grading, harmless};
use crate::sse::{Gone, Sender};
use crate::state::State;
use crate::view::Job;

/// How often a client hears that the connection lives.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The first and the longest pause before the stream is opened again.
const PAUSE: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

/// What is needed to follow a job.
pub(crate) struct Follow {
    state: Arc<State>,
    caller: Credentials,
    seen: Option<i64>,
}

impl Follow {
    /// For a client that has seen the job up to a revision, or not at all.
    pub(crate) fn new(state: Arc<State>, caller: Credentials, seen: Option<i64>) -> Self {
        Self { state, caller, seen }
    }

    /// Sends the job as it is, each change, and heartbeats, until the job or the process ends.
    pub(crate) async fn run(mut self, now: pb::Job, mut sender: Sender) {
        let id = now.id.clone();
        let mut ended = self.tell(now, &mut sender).await;
        let mut heartbeats = heartbeats();
        let draining = self.state.lifecycle.draining();
        let mut changes = Changes {
            id,
            source: None,
            pause: PAUSE.0,
        };
        while let Ok(false) = ended {
            ended = tokio::select! {
                () = draining.cancelled() => return,
                _ = heartbeats.tick() => sender.heartbeat().await.map(|()| false),
                change = changes.next(&self) => match change {
                    Ok(job) => self.tell(job, &mut sender).await,
                    // The session has ended, or the job is hidden now. The client learns which when it asks.
                    Err(_refused) => return,
                },
            };
        }
    }

    /// Sends the job unless the client has it so already; whether that was the end.
    async fn tell(&mut self, job: pb::Job, sender: &mut Sender) -> Result<bool, Gone> {
        let (revision, last) = (job.revision, is_final(&job));
        if self.seen.is_none_or(|seen| seen < revision) {
            self.seen = Some(revision);
            let data = serde_json::to_string(&Job::from(job)).map_err(|_never| Gone)?;
            sender.event(revision, "job", &data).await?;
        }
        Ok(last)
    }
}

/// Whether the job will not change any more.
pub(crate) fn is_final(job: &pb::Job) -> bool {
    job.state.parse().is_ok_and(JobState::is_final)
}

fn heartbeats() -> Interval {
    let mut heartbeats = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    heartbeats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    heartbeats
}

/// The changes of a job, over as many streams as it takes.
struct Changes {
    id: String,
    source: Option<Streaming<pb::Job>>,
    pause: Duration,
}

impl Changes {
    /// The next change. Dropped while it waits, it loses none.
    async fn next(&mut self, follow: &Follow) -> Result<pb::Job, Problem> {
        loop {
            let ended = match &mut self.source {
                None => self.open(follow).await,
                Some(source) => match source.message().await {
                    Ok(Some(job)) => {
                        self.pause = PAUSE.0;
                        return Ok(job);
                    }
                    Ok(None) => Err(Problem::of(Code::Unavailable)),
                    Err(status) => Err(harmless(&status)),
                },
            };
            if let Err(problem) = ended {
                self.source = None;
                self.wait(problem).await?;
            }
        }
    }

    async fn open(&mut self, follow: &Follow) -> Result<(), Problem> {
        let grading = &follow.state.grading;
        let watch = WatchJobRequest {
            id: self.id.clone(),
            after_revision: follow.seen.unwrap_or_default(),
        };
        let mut client = grading::jobs(grading.transport());
        let opened = timeout(
            grading.deadline(),
            client.watch(Grading::request(Some(&follow.caller), watch)),
        );
        let opened = opened.await.map_err(|_elapsed| Code::Timeout)?;
        self.source = Some(opened.map_err(|status| harmless(&status))?.into_inner());
        Ok(())
    }

    /// Waits before the next try, unless the problem will not go away.
    async fn wait(&mut self, problem: Problem) -> Result<(), Problem> {
        if problem.code.http() < 500 && !problem.code.is_transient() {
            return Err(problem);
        }
        let pause = self.pause;
        self.pause = (pause * 2).min(PAUSE.1);
        sleep(pause).await;
        Ok(())
    }
}
