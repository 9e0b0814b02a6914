//! `korrigo drill`: whether the playbook is true.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::commands::show::TROUBLE;
use crate::drill::{SCENARIOS, Way, run};
use crate::{Answer, Failure};

/// Arguments of `korrigo drill`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  korrigo drill worker-down
  korrigo drill --all --json
  korrigo drill --all --alerts deploy/prometheus")]
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
    /// Has a Prometheus watch, with the configuration and the rules of this directory. The alert of each fault that has one has to come and to
    /// go; how long a fault has to last for it is shortened. Prometheus has to be installed.
    #[arg(long, value_name = "DIRECTORY")]
    alerts: Option<PathBuf>,
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
        let way = Way {
            directory: &self.directory,
            alerts: self.alerts.as_deref(),
            keep: self.keep,
        };
        let report = run(&way, &chosen)?;
        let answer = Answer::new(report.as_text(), report.as_json());
        Ok(if report.is_good() {
            answer
        } else {
            answer.ending(TROUBLE)
        })
    }
}
