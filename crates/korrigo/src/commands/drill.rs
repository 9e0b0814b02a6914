//! `korrigo drill`: whether the playbook is true.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::commands::show::TROUBLE;
use crate::drill::{SCENARIOS, run};
use crate::{Answer, Failure};

/// Arguments of `korrigo drill`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  korrigo drill worker-down
  korrigo drill --all --json")]
pub struct Drill {
    /// Which, by their headings in the playbook.
    #[arg(value_parser = names(), required_unless_present = "all")]
    scenarios: Vec<String>,
    /// All of them, which takes some minutes.
    #[arg(long, conflicts_with = "scenarios")]
    all: bool,
    /// Where the local stacks are. The drill has one of its own there, and removes it at the end.
    #[arg(long, default_value = "var")]
    directory: PathBuf,
    /// Leaves the files of its stack, the logs among them, if the last one fails.
    #[arg(long)]
    keep: bool,
}

fn names() -> PossibleValuesParser {
    SCENARIOS
        .iter()
        .map(|scenario| scenario.name)
        .collect::<Vec<_>>()
        .into()
}

impl Drill {
    /// Does it.
    pub fn run(self) -> Result<Answer, Failure> {
        let wanted = |name: &str| self.all || self.scenarios.iter().any(|chosen| chosen == name);
        let chosen: Vec<_> = SCENARIOS
            .iter()
            .filter(|scenario| wanted(scenario.name))
            .collect();
        let report = run(&self.directory, &chosen, self.keep)?;
        let answer = Answer::new(report.as_text(), report.as_json());
        Ok(if report.is_good() {
            answer
        } else {
            answer.ending(TROUBLE)
        })
    }
}
