//! `korrigo audit reconcile`: whether the tables agree with the trail.

use clap::Args;
use serde_json::{Map, Value};

use crate::commands::database::AppDatabase;
use crate::commands::show::TROUBLE;
use crate::{Answer, Failure};

#[derive(Debug, Args)]
pub(super) struct Reconcile {
    #[command(flatten)]
    database: AppDatabase,
}

impl Reconcile {
    pub(super) fn run(&self) -> Result<Answer, Failure> {
        let counts = self
            .database
            .look("reconcile_audit", |tx| tx.reconciliation().run())?;
        let rows = counts.iter().map(|(check, count)| (check.as_str(), *count));
        let object: Map<String, Value> = rows
            .clone()
            .map(|(name, count)| (name.to_owned(), count.into()))
            .collect();
        let rows: Vec<String> = rows.map(|(name, count)| format!("{count:>8}  {name}")).collect();
        let answer = Answer::new(rows.join("\n"), Value::Object(object));
        Ok(if counts.iter().all(|(_, count)| *count == 0) {
            answer
        } else {
            answer.ending(TROUBLE)
        })
    }
}
