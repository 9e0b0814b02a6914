//! What came of the drills: which fault was named by which verdict, as a table that has to be a diagonal.

use serde_json::{Value, json};

use crate::Failure;
use crate::drill::follow::Outcome;
use crate::table::table;

/// The outcomes, in the order of the drills.
#[derive(Debug, Default)]
pub struct Report(Vec<Outcome>);

impl Report {
    pub(super) fn add(&mut self, outcome: Outcome) {
        self.0.push(outcome);
    }

    /// Whether every fault was named by its own verdict only, and mended.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.0.iter().all(|outcome| outcome.problem.is_none())
    }

    /// A row for each fault, with a column for each verdict.
    #[must_use]
    pub fn as_text(&self) -> String {
        let numbers: Vec<String> = (1..=self.0.len()).map(|number| format!("{number:>2}")).collect();
        let rows: Vec<_> = (1..)
            .zip(&self.0)
            .map(|(number, outcome): (usize, _)| {
                [
                    format!("{number:>2} {}", outcome.name),
                    outcome.verdict.to_owned(),
                    self.named_by(outcome),
                    outcome.alert.unwrap_or("-").to_owned(),
                    format!("{:>4} s", outcome.seconds),
                    result(outcome).to_owned(),
                ]
            })
            .collect();
        table(
            [
                "   FAULT",
                "VERDICT",
                &numbers.join(" "),
                "ALERT",
                "TIME",
                "RESULT",
            ],
            &rows,
        )
    }

    /// One object for each fault.
    #[must_use]
    pub fn as_json(&self) -> Value {
        let rows = self.0.iter().map(|outcome| {
            json!({
                "fault": outcome.name,
                "verdict": outcome.verdict,
                "named": outcome.named,
                "said": outcome.said,
                "alert": outcome.alert,
                "seconds": outcome.seconds,
                "mended": outcome.problem.is_none(),
                "problem": outcome.problem.as_ref().map(Failure::in_short),
            })
        });
        rows.collect()
    }

    fn named_by(&self, outcome: &Outcome) -> String {
        let cells = self.0.iter().map(|column| {
            if outcome.named.contains(column.verdict) {
                " #"
            } else {
                " ."
            }
        });
        cells.collect::<Vec<_>>().join(" ")
    }
}

fn result(outcome: &Outcome) -> &'static str {
    if outcome.problem.is_none() {
        "named, mended"
    } else {
        "FAILED"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_a_diagonal_when_each_fault_is_named_by_its_own_verdict() {
        let outcome = |name, verdict, alert| Outcome {
            name,
            verdict,
            named: [verdict].into(),
            said: [verdict.to_owned()].into(),
            alert,
            seconds: 7,
            problem: None,
        };
        let mut report = Report::default();
        report.add(outcome("worker-down", "no_worker", Some("KorrigoServiceDown")));
        report.add(outcome("disk-full", "blobs_unwritable", None));
        assert!(report.is_good());
        assert_eq!(
            report.as_text(),
            "   FAULT        VERDICT            1  2  ALERT               TIME    RESULT\n \
             1 worker-down  no_worker          #  .  KorrigoServiceDown     7 s  named, mended\n \
             2 disk-full    blobs_unwritable   .  #  -                      7 s  named, mended"
        );
    }
}
