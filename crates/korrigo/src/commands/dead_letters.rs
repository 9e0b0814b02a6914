//! `korrigo dead-letters`: messages that the broker gave up.
//!
//! A message only points to a job. What is lost with it is the news of the job, which grading tells again by itself.

use std::str::FromStr;

use broker::{DeadLetter, Letters, Topology};
use chrono::DateTime;
use clap::{Args, Subcommand};
use contracts::grading::jobs_client::JobsClient;
use contracts::grading::{DismissLetterRequest, RetryJobRequest};
use contracts::jobs;
use domain::{Digest, JobId, RequestId, Timestamp, TraceParent};
use serde_json::{Value, json};

use crate::commands::cli::block_on;
use crate::commands::operator::AsOperator;
use crate::commands::queues::Broker;
use crate::commands::show::{LIMIT, NOT_FOUND, TROUBLE, or_dash};
use crate::{Answer, Failure, terminal};

/// Arguments of `korrigo dead-letters`.
#[derive(Debug, Args)]
pub struct DeadLetters {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the dead letters, the oldest of each queue first.
    #[command(after_help = "Example: korrigo dead-letters list --json")]
    List(List),
    /// Shows one: where it comes from, and what it is about.
    #[command(after_help = "Example: korrigo dead-letters show 5f0c2a9e7b31")]
    Show(Show),
    /// Has the jobs of dead letters tried again, and throws the letters away.
    ///
    /// A letter whose job runs or is done is refused: it can be thrown away.
    #[command(after_help = "Examples:
  korrigo dead-letters replay 5f0c2a9e7b31 --operator head@school.example
  korrigo dead-letters replay --all --operator head@school.example")]
    Replay(Settle),
    /// Throws dead letters away. Their jobs stay as they are.
    #[command(
        after_help = "Example: korrigo dead-letters discard 5f0c2a9e7b31 --operator head@school.example"
    )]
    Discard(Settle),
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    broker: Broker,
}

#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    broker: Broker,
    /// The letter, as `list` calls it.
    letter: String,
}

#[derive(Debug, Args)]
struct Settle {
    #[command(flatten)]
    broker: Broker,
    #[command(flatten)]
    operator: AsOperator,
    /// The letters, as `list` calls them.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    letters: Vec<String>,
    /// All that there are, up to 500 of each queue at a time.
    #[arg(long)]
    all: bool,
}

impl DeadLetters {
    /// Does it.
    pub fn run(self) -> Result<Answer, Failure> {
        match self.command {
            Command::List(command) => command.run(),
            Command::Show(command) => command.run(),
            Command::Replay(command) => command.run(Settle::replay),
            Command::Discard(command) => command.run(Settle::discard),
        }
    }
}

impl List {
    fn run(&self) -> Result<Answer, Failure> {
        let letters = looked_at(&self.broker)?;
        let rows: Vec<_> = letters.iter().map(row).collect();
        let heads = ["LETTER", "QUEUE", "JOB", "REASON", "DIED"];
        Ok(Answer::list(heads, &rows, letters.iter().map(as_json).collect()))
    }
}

impl Show {
    fn run(&self) -> Result<Answer, Failure> {
        let letters = looked_at(&self.broker)?;
        let letter = letters.iter().find(|letter| name(letter) == self.letter);
        let letter = letter.ok_or_else(nothing)?;
        Ok(Answer::new(in_words(letter), as_json(letter)))
    }
}

/// What became of one letter, in words and as JSON.
type Told = (String, Value);

/// What became of several.
#[derive(Default)]
struct Settled {
    settled: Vec<Told>,
    refused: Vec<Told>,
}

impl Settled {
    fn refuse(&mut self, letter: &str, failure: &Failure) {
        let (why, advice) = (failure.in_short(), failure.advice());
        self.refused.push((
            format!("{letter} is left: {why}; what to do: {advice}"),
            json!({ "letter": letter, "error": failure.as_json() }),
        ));
    }

    fn answer(self) -> Answer {
        let counted = format!(
            "{} settled, {} left where they are",
            self.settled.len(),
            self.refused.len()
        );
        let exit = if self.refused.is_empty() { 0 } else { TROUBLE };
        let (mut words, settled): (Vec<_>, Vec<_>) = self.settled.into_iter().unzip();
        let (left, refused): (Vec<_>, Vec<_>) = self.refused.into_iter().unzip();
        words.extend(left);
        words.push(counted);
        let json = json!({ "settled": settled, "refused": refused });
        Answer::new(words.join("\n"), json).ending(exit)
    }
}

impl Settle {
    fn run(
        &self,
        settle: impl AsyncFn(&Self, &DeadLetter) -> Result<Told, Failure>,
    ) -> Result<Answer, Failure> {
        block_on(async {
            let hand = self.broker.letters().await?;
            let mut settled = Settled::default();
            let done = self.each(&hand, settle, &mut settled).await;
            hand.close().await;
            match done {
                Ok(()) => Ok(settled.answer()),
                Err(failure) if settled.settled.is_empty() => Err(failure),
                Err(failure) => Err(failure.after(settled.answer())),
            }
        })
    }

    /// Each letter that was chosen, by itself: one that is refused goes back and does not stop the others.
    async fn each(
        &self,
        hand: &Letters,
        settle: impl AsyncFn(&Self, &DeadLetter) -> Result<Told, Failure>,
        into: &mut Settled,
    ) -> Result<(), Failure> {
        let letters = hand.take(&Topology::korrigo(), LIMIT).await?;
        let there: Vec<_> = letters.iter().map(name).collect();
        for asked in self.letters.iter().filter(|asked| !there.contains(asked)) {
            into.refuse(asked, &nothing());
        }
        let chosen = |letter: &DeadLetter| self.all || self.letters.contains(&name(letter));
        for letter in letters.into_iter().filter(chosen) {
            let name = name(&letter);
            match settle(self, &letter).await {
                Ok(told) => {
                    into.settled.push(told);
                    hand.discard(letter).await?;
                }
                Err(failure) => into.refuse(&name, &failure),
            }
            let count = into.settled.len() + into.refused.len();
            terminal::count(format_args!("{count} letters settled or left"));
        }
        Ok(())
    }

    async fn replay(&self, letter: &DeadLetter) -> Result<Told, Failure> {
        let Some(job) = job(letter) else {
            let failure = Failure::new(
                "nobody can read this letter",
                "throw it away: `korrigo dead-letters discard`",
            );
            return Err(failure.called("unreadable"));
        };
        let asked = RetryJobRequest { id: job.to_string() };
        let retry = async |line| JobsClient::new(line).retry(asked).await;
        let (retried, request) = self.operator.acting(retry).await?;
        let (name, retried) = (name(letter), retried.job_id);
        Ok((
            format!("{name}: job {retried} (request {request})"),
            json!({
                "letter": name,
                "job_id": retried,
                "retried_job_id": job.to_string(),
                "request_id": request.as_str(),
            }),
        ))
    }

    async fn discard(&self, letter: &DeadLetter) -> Result<Told, Failure> {
        let job = job(letter).map(|job| job.to_string());
        let asked = DismissLetterRequest {
            job_id: job.clone().unwrap_or_default(),
        };
        let dismiss = async |line| JobsClient::new(line).dismiss_letter(asked).await;
        let (_dismissed, request) = self.operator.acting(dismiss).await?;
        let name = name(letter);
        Ok((
            format!("{name}: thrown away (request {request})"),
            json!({ "letter": name, "job_id": job, "request_id": request.as_str() }),
        ))
    }
}

/// The letters, which are back in their queues afterwards.
fn looked_at(broker: &Broker) -> Result<Vec<DeadLetter>, Failure> {
    block_on(async {
        let hand = broker.letters().await?;
        let letters = hand.take(&Topology::korrigo(), LIMIT).await;
        hand.close().await;
        Ok(letters?)
    })
}

fn nothing() -> Failure {
    Failure::new("there is no such letter", "see `korrigo dead-letters list`").called(NOT_FOUND)
}

/// What a letter is called: the same every time that somebody looks. The publisher's own name for it need not be there.
fn name(letter: &DeadLetter) -> String {
    let said = [
        letter.queue.as_bytes(),
        letter.message.id.as_bytes(),
        &letter.message.body,
    ];
    Digest::of(&said.join(&0)).to_string().chars().take(12).collect()
}

fn job(letter: &DeadLetter) -> Option<JobId> {
    jobs::decode(&letter.message.kind, &letter.message.body).ok()
}

fn died(letter: &DeadLetter) -> Option<Timestamp> {
    DateTime::from_timestamp(i64::try_from(letter.died_at?).ok()?, 0)
}

fn row(letter: &DeadLetter) -> [String; 5] {
    [
        name(letter),
        letter.queue.to_owned(),
        job(letter).map_or_else(|| "unreadable".to_owned(), |job| job.to_string()),
        or_dash(letter.reason),
        or_dash(died(letter).map(|at| at.to_rfc3339())),
    ]
}

/// Nothing of what nobody can read but its size: it may hold anything.
fn in_words(letter: &DeadLetter) -> String {
    let [name, queue, job, reason, died] = row(letter);
    let deliveries = letter.message.delivery_count;
    [
        format!("letter   {name} in {queue}, {} bytes", letter.message.body.len()),
        format!("job      {job}"),
        format!("reason   {reason}, at {died}, after {deliveries} deliveries"),
        format!("request  {}", or_dash(request(letter))),
        format!("trace    {}", or_dash(trace(letter))),
    ]
    .join("\n")
}

fn as_json(letter: &DeadLetter) -> Value {
    json!({
        "letter": name(letter),
        "queue": letter.queue,
        "job": job(letter).map(|job| job.to_string()),
        "reason": letter.reason,
        "died_at": died(letter),
        "deliveries": letter.message.delivery_count,
        "bytes": letter.message.body.len(),
        "request_id": request(letter).map(|request| request.to_string()),
        "trace": trace(letter),
    })
}

fn request(letter: &DeadLetter) -> Option<RequestId> {
    header(letter, "x-request-id")
}

fn trace(letter: &DeadLetter) -> Option<String> {
    header(letter, "traceparent").map(|parent: TraceParent| parent.trace_id().to_owned())
}

/// A header that is what it should be.
fn header<T: FromStr>(letter: &DeadLetter, name: &str) -> Option<T> {
    let headers = letter.message.headers.iter();
    let mut found = headers.filter(|(known, _)| known == name);
    found.next()?.1.parse().ok()
}
