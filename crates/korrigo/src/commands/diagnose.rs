//! `korrigo diagnose`: what is the matter with a copy, a job, or what a request caused.

mod seen;

use std::str::FromStr;

use clap::{Args, Subcommand};
use domain::{CopyId, JobId, RequestId};
use store::{Error, Tx};

use crate::commands::cli::block_on;
use crate::commands::database::AppDatabase;
use crate::commands::queues::MaybeBroker;
use crate::commands::show::{NOT_FOUND, NOT_SEEN, TROUBLE};
use crate::commands::sight::{Sight, Within};
use crate::diagnosis::{Finding, Verdict};
use crate::{Answer, Failure};
use seen::{Around, Seen, unseen_as_json, unseen_as_text};

/// Arguments of `korrigo diagnose`.
#[derive(Debug, Args)]
pub struct Diagnose {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A copy: its state, lock, jobs and last events.
    ///
    /// Ends with 0 if all is as it should be, with 1 if somebody has to do something, and with 2 if it could not be looked
    /// at; its verdict then is what `korrigo status` finds.
    #[command(after_help = "Example: korrigo diagnose copy 0198c5a0-0000-7000-8000-000000000001")]
    Copy(On<CopyId>),
    /// A job: its attempts, its message, who works on it, and its copy.
    #[command(after_help = "Example: korrigo diagnose job 0198c5a0-0000-7000-8000-000000000001 --json")]
    Job(On<JobId>),
    /// What a request caused, by the request id that is in its answer and on its log lines.
    ///
    /// Events do not say which request they come from. One that caused no job is in the logs only: that is said, and it ends
    /// with 2.
    #[command(after_help = "Example: korrigo diagnose request 0198c5a0-0000-7000-8000-000000000001")]
    Request(On<RequestId>),
}

#[derive(Debug, Args)]
struct On<Id: Identifies> {
    #[command(flatten)]
    database: AppDatabase,
    #[command(flatten)]
    broker: MaybeBroker,
    #[command(flatten)]
    within: Within,
    /// Which.
    id: Id,
}

/// An id that can be written on a command line.
trait Identifies: Clone + Send + Sync + FromStr<Err: std::error::Error + Send + Sync> + 'static {}

impl<Id: Clone + Send + Sync + FromStr<Err: std::error::Error + Send + Sync> + 'static> Identifies for Id {}

impl Diagnose {
    /// Does it.
    pub fn run(self) -> Result<Answer, Failure> {
        let done = match self.command {
            Command::Copy(on) => on.diagnose(|tx, id| Seen::of_copy(tx, *id)),
            Command::Job(on) => on.diagnose(|tx, id| Seen::of_job(tx, *id)),
            Command::Request(on) => on.diagnose(Seen::of_request),
        };
        done.map_err(|failure| failure.ending(NOT_SEEN))
    }
}

impl<Id: Identifies> On<Id> {
    fn diagnose(
        self,
        look: impl FnOnce(&mut Tx<'_>, &Id) -> Result<Option<Seen>, Error> + Send + 'static,
    ) -> Result<Answer, Failure> {
        let deadline = self.within.deadline();
        let (sight, queues) = block_on(async {
            let database = self.database.in_a_hurry(self.within);
            let look = move |tx: &mut Tx<'_>| look(tx, &self.id);
            Ok(tokio::join!(
                deadline.tables(&database, "diagnose", look),
                deadline.queues(&self.broker),
            ))
        })?;
        let mut findings = Vec::from_iter(sight.finding());
        if let Some(Err(error)) = &queues {
            findings.push(Finding::of_broker(error));
        }
        let Sight { blockers, tables } = sight;
        let around = Around {
            blockers,
            findings,
            queues: queues.and_then(Result::ok),
        };
        match tables {
            Ok(Some(seen)) => Ok(told(&seen, &around)),
            Ok(None) => Err(Failure::new("there is no such thing", "check the id").called(NOT_FOUND)),
            Err(error) => Ok(unseen(&error, &around)),
        }
    }
}

/// Says what was seen.
fn told(seen: &Seen, around: &Around) -> Answer {
    let verdict = seen.verdict(around.queues.as_deref());
    let trouble = verdict.is_trouble() || !around.findings.is_empty();
    let json = seen.as_json((verdict, trouble), around);
    let answer = Answer::new(seen.as_text(verdict, around), json);
    if trouble {
        answer.ending(TROUBLE)
    } else if verdict == Verdict::LeftNothing {
        answer.ending(NOT_SEEN)
    } else {
        answer
    }
}

/// Says why nothing could be seen. That somebody is in the way is all there is to know about a copy that nobody gets at.
fn unseen(error: &Error, around: &Around) -> Answer {
    let first = around.findings.first().copied();
    let finding = first.unwrap_or_else(|| Finding::of_database(error));
    let blocked = finding == Finding::TransactionsBlocked;
    let words = unseen_as_text(finding, error, around);
    let answer = Answer::new(words, unseen_as_json(finding, error, around));
    answer.ending(if blocked { TROUBLE } else { NOT_SEEN })
}
