//! `korrigo retention`: what is kept no longer.

use clap::{Args, Subcommand};
use contracts::grading::retention_client::RetentionClient;
use contracts::grading::{
    ErasePupilRequest, ExpiredExam, PurgeReply, PurgeRequest, ReportRetentionReply, ReportRetentionRequest,
};
use domain::{RequestId, StudentId};
use serde_json::{Value, json};
use tonic::{Response, Status};

use crate::commands::operator::AsOperator;
use crate::commands::show::or_dash;
use crate::operator::Line;
use crate::table::table;
use crate::terminal;
use crate::{Answer, Failure};

/// Arguments of `korrigo retention`.
#[derive(Debug, Args)]
pub struct Retention {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What a purge would erase today, by the periods that grading is started with. Nothing is erased.
    #[command(after_help = "Example: korrigo retention report --operator head@school.example")]
    Report(Report),
    /// Erases what is kept no longer. It does not come back.
    ///
    /// Pages, documents and words of old copies go, and who old pupils are. Scores and audit trails stay. What a
    /// corrector or a worker has in hand is left for the next time.
    #[command(after_help = "Example: korrigo retention purge --yes --operator head@school.example")]
    Purge(Purge),
    /// Forgets one pupil, with the pages of their copies and all that was written about them. They do not come back.
    #[command(
        after_help = "Example: korrigo retention erase 0198c5a0-0000-7000-8000-000000000001 --yes \\
  --operator head@school.example"
    )]
    Erase(Erase),
}

#[derive(Debug, Args)]
struct Report {
    #[command(flatten)]
    operator: AsOperator,
}

#[derive(Debug, Args)]
struct Purge {
    #[command(flatten)]
    operator: AsOperator,
    /// Yes, it is to be erased for ever.
    #[arg(long, required = true)]
    yes: bool,
}

#[derive(Debug, Args)]
struct Erase {
    #[command(flatten)]
    operator: AsOperator,
    /// The pupil.
    pupil: StudentId,
    /// Yes, they are to be forgotten for ever.
    #[arg(long, required = true)]
    yes: bool,
}

impl Retention {
    /// Does it.
    pub fn run(self) -> Result<Answer, Failure> {
        match self.command {
            Command::Report(command) => command.run(),
            Command::Purge(command) => command.run(),
            Command::Erase(command) => command.run(),
        }
    }
}

impl Report {
    fn run(&self) -> Result<Answer, Failure> {
        let report = async |line| {
            let mut retention = RetentionClient::new(line);
            retention.report(ReportRetentionRequest {}).await
        };
        let (report, _request) = self.operator.act(report)?;
        Ok(Answer::new(as_table(&report), as_json(&report)))
    }
}

impl Purge {
    fn run(&self) -> Result<Answer, Failure> {
        let mut all = PurgeReply::default();
        let done = self.operator.act(async |line| purge(line, &mut all).await);
        match done {
            Ok(((), request)) => Ok(erased(&all, Some(&request))),
            // What is erased does not come back, also if the rest failed.
            Err(failure) if all != PurgeReply::default() => Err(failure.after(erased(&all, None))),
            Err(failure) => Err(failure),
        }
    }
}

/// Erases part after part, and counts.
async fn purge(line: Line, all: &mut PurgeReply) -> Result<Response<()>, Status> {
    let mut retention = RetentionClient::new(line);
    loop {
        let reply = retention.purge(PurgeRequest {}).await?;
        let part = reply.get_ref();
        all.copies += part.copies;
        all.pupils += part.pupils;
        all.scans += part.scans;
        all.refused = part.refused;
        terminal::count(format_args!(
            "{} copies, {} pupils erased",
            all.copies, all.pupils
        ));
        if !part.more {
            return Ok(reply.map(|_last| ()));
        }
    }
}

fn erased(all: &PurgeReply, request: Option<&RequestId>) -> Answer {
    let PurgeReply {
        copies,
        pupils,
        scans,
        refused,
        ..
    } = all;
    let asked = or_dash(request);
    Answer::new(
        format!(
            "erased {copies} copies, {pupils} pupils and {scans} scans, {refused} left for the next time (request {asked})"
        ),
        json!({
            "copies": copies,
            "pupils": pupils,
            "scans": scans,
            "refused": refused,
            "request_id": request.map(RequestId::as_str),
        }),
    )
}

impl Erase {
    fn run(&self) -> Result<Answer, Failure> {
        let asked = ErasePupilRequest {
            id: self.pupil.to_string(),
        };
        let erase = async |line| RetentionClient::new(line).erase_pupil(asked).await;
        let (erased, request) = self.operator.act(erase)?;
        let copies = erased.copies;
        Ok(Answer::new(
            format!("erased the pupil and {copies} copies (request {request})"),
            json!({
                "student_id": self.pupil.to_string(),
                "copies": copies,
                "request_id": request.as_str(),
            }),
        ))
    }
}

fn as_json(report: &ReportRetentionReply) -> Value {
    let exam = |exam: &ExpiredExam| json!({"exam_id": exam.exam_id, "date": exam.date, "copies": exam.copies, "held": exam.held});
    json!({
        "copies_days": report.copies_days,
        "discarded_days": report.discarded_days,
        "pupils_days": report.pupils_days,
        "exams": report.exams.iter().map(exam).collect::<Value>(),
        "pupils": report.pupils,
        "copies_of_pupils": report.copies_of_pupils,
        "held_pupils": report.held_pupils,
        "scans": report.scans,
    })
}

fn as_table(report: &ReportRetentionReply) -> String {
    let periods = format!(
        "days kept: copies {}, put aside {}, pupils {}",
        or_dash(report.copies_days),
        or_dash(report.discarded_days),
        or_dash(report.pupils_days)
    );
    let row = |exam: &ExpiredExam| {
        [
            exam.exam_id.clone(),
            exam.date.clone(),
            exam.copies.to_string(),
            exam.held.to_string(),
        ]
    };
    let rows: Vec<_> = report.exams.iter().map(row).collect();
    let exams = table(["EXAM", "DATE", "COPIES", "IN HAND"], &rows);
    format!(
        "{periods}\npupils to be forgotten: {}, with {} copies; {} have a copy in somebody's hands\n\
         scans that could not be taken apart: {}\n{exams}",
        report.pupils, report.copies_of_pupils, report.held_pupils, report.scans
    )
}
