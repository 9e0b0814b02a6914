//! What becomes of a message: the way from a delivery to its outcome.
//!
//! The message only points to a job. Whether there is work is decided by the claim, so an old, doubled or
//! misplaced message does no harm.

use std::sync::Arc;
use std::time::Instant;

use broker::{Delivery, Outcome};
use contracts::{Problem, grading as pb, jobs};
use domain::{FailureCode, JobId, Reading};
use failpoint::Point;
use telemetry::events::{
    JobAttemptFailed, JobFinished, JobHandedBack, JobLeaseLost, JobReportFailed, JobReportKept,
    JobReportNotKept, MessageUnreadable,
};
use telemetry::metrics::{self, Finish, Settlement};
use telemetry::propagation::Origin;
use telemetry::span::{Process, process};
use telemetry::{Causes, Code, context};

use crate::archive::{self, Archived};
use crate::failure::Failure;
use crate::finalize::{self, Finalized};
use crate::grading::may_pass;
use crate::heartbeat::Pulse;
use crate::import;
use crate::kind::Kind;
use crate::reading;
use crate::split::{self, Apart};
use crate::worker::Worker;

/// Handles one delivery of `queue` as part of the request and the trace that caused it.
pub(crate) async fn handle(worker: Arc<Worker>, queue: &'static str, delivery: Delivery) -> Outcome {
    let origin = Origin::from_pairs(&delivery.headers);
    let context = origin.request_context();
    let traced = traced(worker, queue, delivery, origin);
    match context {
        Some(request) => context::scope(request, traced).await,
        None => traced.await,
    }
}

async fn traced(worker: Arc<Worker>, queue: &'static str, delivery: Delivery, origin: Origin) -> Outcome {
    let span = process(Process {
        exchange: broker::EXCHANGE,
        queue,
        message_id: delivery.id.parse().ok(),
        delivery_tag: delivery.tag,
        origin: &origin,
    });
    if delivery.redelivered {
        metrics::job_redelivered();
    }
    let outcome = span.run(Box::pin(work(worker, delivery))).await;
    metrics::message_settled(match outcome {
        Outcome::Ack => Settlement::Acked,
        Outcome::Retry => Settlement::Requeued,
        Outcome::Discard => Settlement::Discarded,
    });
    outcome
}

async fn work(worker: Arc<Worker>, delivery: Delivery) -> Outcome {
    let Ok(job) = jobs::decode(&delivery.kind, &delivery.body) else {
        telemetry::log(MessageUnreadable {});
        return Outcome::Discard;
    };
    context::set_job(job);
    failpoint::reach(Point::JobDelivered);
    let Some(_begun) = worker.running.begin(job) else {
        return Outcome::Ack;
    };
    // Whoever drains tells no more reports.
    let told = worker.draining.run_until_cancelled(worker.spool.told(job));
    if told.await.is_none() {
        return Outcome::Retry;
    }
    let claim = pb::ClaimRequest {
        job_id: job.to_string(),
        worker_id: worker.id.to_string(),
    };
    let answer = match worker.grading.claim(claim).await {
        Ok(reply) => reply.answer,
        Err(problem) => {
            telemetry::log(JobReportFailed {
                job_id: job,
                error: Causes::of(&problem),
            });
            return Outcome::Retry;
        }
    };
    match answer {
        Some(pb::claim_reply::Answer::Granted(granted)) => {
            failpoint::reach(Point::JobClaimed);
            let outcome = Box::pin(attempt(&worker, job, granted)).await;
            failpoint::reach(Point::JobReported);
            outcome
        }
        // There is nothing to do, or somebody else does it; if that changes, a new message will come.
        Some(pb::claim_reply::Answer::NotGranted(_)) | None => Outcome::Ack,
    }
}

/// How an attempt ended, before it is reported.
enum Ended {
    Imported(Vec<pb::ImportedPage>),
    Finalized(Finalized),
    Split(Apart),
    Read(Reading),
    Archived(Archived),
    Failed(FailureCode),
    LeaseLost,
    HandBack,
}

async fn attempt(worker: &Worker, job: JobId, granted: pb::Granted) -> Outcome {
    let _in_flight = metrics::job_in_flight();
    let started = Instant::now();
    let attempt = Attempt {
        worker,
        job,
        fence: granted.fence,
        kind: Kind::of(&granted),
        started,
    };
    let pulse = Pulse::new(job, &granted);
    let work = async {
        match granted.input {
            Some(pb::granted::Input::Import(input)) => match import::run(worker, job, &input, &pulse).await {
                Ok(pages) => Ended::Imported(pages),
                Err(code) => Ended::Failed(code),
            },
            Some(pb::granted::Input::Finalize(input)) => {
                match finalize::run(worker, job, &input, &pulse).await {
                    Ok(finalized) => Ended::Finalized(finalized),
                    Err(code) => Ended::Failed(code),
                }
            }
            Some(pb::granted::Input::Split(input)) => match split::run(worker, job, &input, &pulse).await {
                Ok(apart) => Ended::Split(apart),
                Err(code) => Ended::Failed(code),
            },
            Some(pb::granted::Input::Read(input)) => match reading::run(worker, job, &input, &pulse).await {
                Ok(reading) => Ended::Read(reading),
                Err(code) => Ended::Failed(code),
            },
            Some(pb::granted::Input::Archive(input)) => {
                match archive::run(worker, job, &input, &pulse).await {
                    Ok(archived) => Ended::Archived(archived),
                    Err(code) => Ended::Failed(code),
                }
            }
            None => Ended::Failed(FailureCode::Unknown),
        }
    };
    let ended = tokio::select! {
        ended = work => ended,
        () = pulse.beat(worker) => Ended::LeaseLost,
        () = worker.hand_back.cancelled() => Ended::HandBack,
    };
    attempt.report(ended).await
}

struct Attempt<'a> {
    worker: &'a Worker,
    job: JobId,
    fence: i64,
    kind: Kind,
    started: Instant,
}

impl Attempt<'_> {
    /// Tells the grading service; the message is done with when it has answered.
    async fn report(&self, ended: Ended) -> Outcome {
        failpoint::reach(Point::JobDone);
        match ended {
            Ended::Imported(pages) => self.complete_import(pages).await,
            Ended::Finalized(finalized) => self.complete_finalize(finalized).await,
            Ended::Split(apart) => self.complete_split(apart).await,
            Ended::Read(reading) => self.complete_reading(&reading).await,
            Ended::Archived(archived) => self.complete_archive(archived).await,
            Ended::Failed(code) => self.fail(code).await,
            Ended::LeaseLost => {
                telemetry::log(JobLeaseLost {
                    job_id: self.job,
                    fence: self.fence,
                });
                Outcome::Ack
            }
            Ended::HandBack => self.hand_back().await,
        }
    }

    async fn complete_import(&self, pages: Vec<pb::ImportedPage>) -> Outcome {
        let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
        let request = pb::CompleteImportRequest {
            job_id: self.job.to_string(),
            worker_id: self.worker.id.to_string(),
            fence: self.fence,
            pages,
        };
        match self.worker.grading.complete_import(request).await {
            Ok(reply) => self.completed(reply.accepted, count),
            Err(problem) => self.unreported(&problem),
        }
    }

    async fn complete_finalize(&self, finalized: Finalized) -> Outcome {
        let count = finalized.document.pages;
        let request = pb::CompleteFinalizeRequest {
            job_id: self.job.to_string(),
            worker_id: self.worker.id.to_string(),
            fence: self.fence,
            document: Some(finalized.document),
            anonymous: finalized.anonymous,
        };
        match self.worker.grading.complete_finalize(request).await {
            Ok(reply) => self.completed(reply.accepted, count),
            Err(problem) => self.unreported(&problem),
        }
    }

    async fn complete_split(&self, apart: Apart) -> Outcome {
        let pages = apart.pages;
        let request = pb::CompleteSplitRequest {
            job_id: self.job.to_string(),
            worker_id: self.worker.id.to_string(),
            fence: self.fence,
            pages,
            booklets: apart.booklets,
            anomalies: apart.anomalies,
        };
        match self.worker.grading.complete_split(request).await {
            Ok(reply) => self.completed(reply.accepted, pages),
            Err(problem) => self.unreported(&problem),
        }
    }

    async fn complete_reading(&self, reading: &Reading) -> Outcome {
        let request = pb::CompleteReadingRequest {
            job_id: self.job.to_string(),
            worker_id: self.worker.id.to_string(),
            fence: self.fence,
            reading: reading.expose().to_owned(),
        };
        match self.worker.grading.complete_reading(request).await {
            Ok(reply) => self.completed(reply.accepted, 1),
            Err(problem) => self.unreported(&problem),
        }
    }

    async fn complete_archive(&self, archived: Archived) -> Outcome {
        let copies = archived.copies;
        let request = pb::CompleteArchiveRequest {
            job_id: self.job.to_string(),
            worker_id: self.worker.id.to_string(),
            fence: self.fence,
            digest: archived.digest.to_string(),
            bytes: archived.bytes,
            copies,
        };
        match self.worker.grading.complete_archive(request).await {
            Ok(reply) => self.completed(reply.accepted, copies),
            Err(problem) => self.unreported(&problem),
        }
    }

    /// The grading service has answered a result of so many pages.
    fn completed(&self, accepted: bool, pages: u32) -> Outcome {
        if accepted {
            let duration = self.started.elapsed();
            self.kind.finished(Finish::Success, pages, duration);
            telemetry::log(JobFinished {
                job_id: self.job,
                pages,
                duration,
            });
        } else {
            telemetry::log(JobLeaseLost {
                job_id: self.job,
                fence: self.fence,
            });
        }
        Outcome::Ack
    }

    async fn fail(&self, code: FailureCode) -> Outcome {
        let failure = Failure {
            job: self.job,
            worker: self.worker.id,
            fence: self.fence,
            error: code,
            kind: self.kind,
            duration: self.started.elapsed(),
            origin: Origin::current().pairs(),
        };
        telemetry::log(JobAttemptFailed {
            job_id: self.job,
            error: Code::of(code),
            duration: failure.duration,
        });
        match self.worker.grading.fail(failure.request()).await {
            Ok(reply) => {
                failure.told(reply);
                Outcome::Ack
            }
            Err(problem) if may_pass(problem.code) => self.keep(failure, &problem).await,
            Err(problem) => self.unreported(&problem),
        }
    }

    /// The failure is part of the record: it is told later, by whoever finds it. The message has nothing to add.
    async fn keep(&self, failure: Failure, problem: &Problem) -> Outcome {
        match self.worker.spool.keep(failure.clone()).await {
            Ok(()) => {
                failpoint::reach(Point::ReportKept);
                telemetry::log(JobReportKept {
                    job_id: self.job,
                    fence: self.fence,
                    error: Causes::of(problem),
                });
                Outcome::Ack
            }
            Err(error) => {
                telemetry::log(JobReportNotKept {
                    job_id: self.job,
                    error: Causes::of(&error),
                });
                self.insist(&failure).await
            }
        }
    }

    async fn insist(&self, failure: &Failure) -> Outcome {
        match self.worker.grading.insist_on_failure(failure.request()).await {
            Ok(reply) => {
                failure.told(reply);
                Outcome::Ack
            }
            Err(problem) => self.unreported(&problem),
        }
    }

    async fn hand_back(&self) -> Outcome {
        let request = pb::HandBackRequest {
            job_id: self.job.to_string(),
            worker_id: self.worker.id.to_string(),
            fence: self.fence,
        };
        match self.worker.grading.hand_back(request).await {
            Ok(_) => {
                telemetry::log(JobHandedBack {
                    job_id: self.job,
                    fence: self.fence,
                });
                Outcome::Ack
            }
            Err(problem) => self.unreported(&problem),
        }
    }

    /// The outcome could not be reported: the message stays, the lease runs out, somebody tries again.
    fn unreported(&self, problem: &Problem) -> Outcome {
        telemetry::log(JobReportFailed {
            job_id: self.job,
            error: Causes::of(problem),
        });
        Outcome::Retry
    }
}
