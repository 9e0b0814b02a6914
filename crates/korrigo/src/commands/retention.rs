//! `korrigo retention`: what is kept no longer.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use contracts::grading::retention_client::RetentionClient;
use contracts::grading::{
    ErasePupilRequest, ExpiredExam, PurgeReply, PurgeRequest, ReportRetentionReply, ReportRetentionRequest,
};
use domain::StudentId;
use serde_json::{Value, json};

use crate::Failure;
use crate::commands::operator::AsOperator;
use crate::commands::show::or_dash;
use crate::table::table;
use crate::terminal;

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
    /// One JSON object instead of a table.
    #[arg(long)]
    json: bool,
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
    pub fn run(self) -> Result<ExitCode, Failure> {
        match self.command {
            Command::Report(command) => command.run()?,
            Command::Purge(command) => command.run()?,
            Command::Erase(command) => command.run()?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Report {
    fn run(&self) -> Result<(), Failure> {
        let report = async |line| {
            let mut retention = RetentionClient::new(line);
            retention.report(ReportRetentionRequest {}).await
        };
        let (report, _request) = self.operator.act(report)?;
        terminal::result(if self.json {
            as_json(&report).to_string()
        } else {
            as_table(&report)
        });
        Ok(())
    }
}

impl Purge {
    fn run(&self) -> Result<(), Failure> {
        let (purged, request) = self.operator.act(async |line| {
            let mut retention = RetentionClient::new(line);
            let mut all = PurgeReply::default();
            loop {
                let reply = retention.purge(PurgeRequest {}).await?;
                let part = reply.get_ref();
                all.copies += part.copies;
                all.pupils += part.pupils;
                all.scans += part.scans;
                all.refused = part.refused;
                terminal::progress(format_args!("{} copies, {} pupils", all.copies, all.pupils));
                if !part.more {
                    return Ok(reply.map(|_last| all));
                }
            }
        })?;
        let PurgeReply {
            copies,
            pupils,
            scans,
            refused,
            ..
        } = purged;
        terminal::result(format_args!(
            "erased {copies} copies, {pupils} pupils and {scans} scans, {refused} left for the next time (request {request})"
        ));
        Ok(())
    }
}

impl Erase {
    fn run(&self) -> Result<(), Failure> {
        let asked = ErasePupilRequest {
            id: self.pupil.to_string(),
        };
        let erase = async |line| RetentionClient::new(line).erase_pupil(asked).await;
        let (erased, request) = self.operator.act(erase)?;
        terminal::result(format_args!(
            "erased the pupil and {} copies (request {request})",
            erased.copies
        ));
        Ok(())
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
