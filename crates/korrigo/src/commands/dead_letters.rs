//! `korrigo dead-letters`: messages that the broker gave up.
//!
//! A message only points to a job. What is lost with it is the news of the job, which grading tells again by itself.

use std::process::ExitCode;
use std::str::FromStr;

use broker::{DeadLetter, Letters, Topology};
use chrono::DateTime;
use clap::{Args, Subcommand};
use contracts::grading::jobs_client::JobsClient;
use contracts::grading::{DismissLetterRequest, RetryJobRequest};
use contracts::jobs;
use domain::{Digest, JobId, RequestId, Timestamp, TraceParent};
use serde_json::{Value, json};

use crate::Failure;
use crate::commands::cli::block_on;
use crate::commands::operator::AsOperator;
use crate::commands::queues::Broker;
use crate::commands::show::{LIMIT, or_dash};
use crate::table::table;
use crate::terminal;

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
    /// One JSON array instead of a table.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    broker: Broker,
    /// The letter, as `list` calls it.
    letter: String,
    /// One JSON object instead of sentences.
    #[arg(long)]
    json: bool,
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
    pub fn run(self) -> Result<ExitCode, Failure> {
        match self.command {
            Command::List(command) => command.run()?,
            Command::Show(command) => command.run()?,
            Command::Replay(command) => return command.run(Settle::replay),
            Command::Discard(command) => return command.run(Settle::discard),
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    fn run(&self) -> Result<(), Failure> {
        let letters = looked_at(&self.broker)?;
        terminal::result(if self.json {
            letters.iter().map(as_json).collect::<Value>().to_string()
        } else {
            let rows: Vec<_> = letters.iter().map(row).collect();
            table(["LETTER", "QUEUE", "JOB", "REASON", "DIED"], &rows)
        });
        Ok(())
    }
}

impl Show {
    fn run(&self) -> Result<(), Failure> {
        let letters = looked_at(&self.broker)?;
        let letter = letters.iter().find(|letter| name(letter) == self.letter);
        let letter = letter.ok_or_else(nothing)?;
        terminal::result(if self.json {
            as_json(letter).to_string()
        } else {
            in_words(letter)
        });
        Ok(())
    }
}

impl Settle {
    fn run(
        &self,
        settle: impl AsyncFn(&Self, &DeadLetter) -> Result<String, Failure>,
    ) -> Result<ExitCode, Failure> {
        block_on(async {
            let hand = self.broker.letters().await?;
            let done = self.each(&hand, settle).await;
            hand.close().await;
            done
        })
    }

    /// Each letter that was chosen, by itself: one that is refused goes back and does not stop the others.
    async fn each(
        &self,
        hand: &Letters,
        settle: impl AsyncFn(&Self, &DeadLetter) -> Result<String, Failure>,
    ) -> Result<ExitCode, Failure> {
        let letters = hand.take(&Topology::korrigo(), LIMIT).await?;
        let chosen = |letter: &DeadLetter| self.all || self.letters.contains(&name(letter));
        let (mut settled, mut refused) = (0_u32, 0_u32);
        for letter in letters.into_iter().filter(chosen) {
            match settle(self, &letter).await {
                Ok(told) => {
                    terminal::result(format_args!("{}: {told}", name(&letter)));
                    hand.discard(letter).await?;
                    settled += 1;
                }
                Err(failure) => {
                    terminal::problem(format_args!("{}:", name(&letter)));
                    failure.print();
                    refused += 1;
                }
            }
        }
        if settled + refused == 0 && !self.all {
            return Err(nothing());
        }
        terminal::progress(format_args!("{settled} settled, {refused} left where they are"));
        Ok(if refused == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    async fn replay(&self, letter: &DeadLetter) -> Result<String, Failure> {
        let Some(job) = job(letter) else {
            return Err(Failure::new(
                "nobody can read this letter",
                "throw it away: `korrigo dead-letters discard`",
            ));
        };
        let asked = RetryJobRequest { id: job.to_string() };
        let retry = async |line| JobsClient::new(line).retry(asked).await;
        let (retried, request) = self.operator.acting(retry).await?;
        Ok(format!("job {} (request {request})", retried.job_id))
    }

    async fn discard(&self, letter: &DeadLetter) -> Result<String, Failure> {
        let asked = DismissLetterRequest {
            job_id: job(letter).map(|job| job.to_string()).unwrap_or_default(),
        };
        let dismiss = async |line| JobsClient::new(line).dismiss_letter(asked).await;
        let (_dismissed, request) = self.operator.acting(dismiss).await?;
        Ok(format!("thrown away (request {request})"))
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
    Failure::new("there is no such letter", "see `korrigo dead-letters list`")
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
