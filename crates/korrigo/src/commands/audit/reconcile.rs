//! `korrigo audit reconcile`: whether the tables agree with the trail.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Map, Value};

use crate::Failure;
use crate::commands::database::AppDatabase;
use crate::terminal;

#[derive(Debug, Args)]
pub(super) struct Reconcile {
    #[command(flatten)]
    database: AppDatabase,
    /// One JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

impl Reconcile {
    pub(super) fn run(&self) -> Result<ExitCode, Failure> {
        let counts = self
            .database
            .look("reconcile_audit", |tx| tx.reconciliation().run())?;
        let rows = counts.iter().map(|(check, count)| (check.as_str(), *count));
        terminal::result(if self.json {
            let object: Map<String, Value> = rows
                .map(|(name, count)| (name.to_owned(), count.into()))
                .collect();
            Value::Object(object).to_string()
        } else {
            let rows: Vec<String> = rows.map(|(name, count)| format!("{count:>8}  {name}")).collect();
            rows.join("\n")
        });
        Ok(if counts.iter().all(|(_, count)| *count == 0) {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
