//! The places at which one transaction after the other is killed.

use std::collections::VecDeque;

use failpoint::Point;
use testkit::{System, eventually, evidence};

use super::killed;
use crate::rounds;

/// More statements than any transaction has that is killed here.
const MANY: u32 = 50;

/// The places that are left, and those at which a service has died.
pub(super) struct Places {
    left: VecDeque<String>,
    reached: Vec<String>,
}

impl Places {
    /// Of each transaction a statement, the end and what comes after it; at length each statement.
    pub(super) fn of(transactions: &[&str]) -> Self {
        Self {
            left: transactions.iter().flat_map(|name| all(name)).collect(),
            reached: Vec::new(),
        }
    }

    /// The same, but only at length: else of each transaction one place, and of the next one the next place. `first` is that of the
    /// first one.
    pub(super) fn one(first: usize, transactions: &[&str]) -> Self {
        if rounds() > 1 {
            return Self::of(transactions);
        }
        let places = (first..).zip(transactions);
        let one = |(place, name): (usize, &&str)| all(name).into_iter().cycle().nth(place);
        Self {
            left: places.filter_map(one).collect(),
            reached: Vec::new(),
        }
    }

    pub(super) fn next(&mut self) -> Option<String> {
        self.left.pop_front()
    }

    /// Whether the service has died there. A transaction that has not so many statements has no more either.
    pub(super) fn was(&mut self, plan: &str, died: bool) {
        let (statement, number) = plan.split_once('#').unwrap_or_default();
        if died {
            assert_ne!(
                number,
                MANY.to_string(),
                "{plan}: nobody knows how many more there are"
            );
            self.reached.push(plan.to_owned());
            return;
        }
        assert!(!["", "1"].contains(&number), "{plan} is never reached");
        self.left
            .retain(|plan| plan.split_once('#').is_none_or(|(other, _)| other != statement));
    }

    /// Says where services have died.
    pub(super) fn tell(self) {
        let reached = self.reached;
        evidence(format_args!(
            "killed {} times: {}",
            reached.len(),
            reached.join(" ")
        ));
    }
}

fn all(transaction: &str) -> Vec<String> {
    let place = |point: Point| format!("{}@{transaction}", point.as_str());
    let last = if rounds() == 1 { 1 } else { MANY };
    let statements = (1..=last).map(|number| format!("{}#{number}", place(Point::Statement)));
    let ends = [Point::Commit, Point::Committed].map(place);
    statements.chain(ends).collect()
}

/// Whether grading dies where it was told to; if so, it comes back. It need not where it was told of one more statement than there
/// are: then it is enough that all was done.
pub(super) async fn died(system: &mut System, plan: &str, is_done: impl Fn(&System) -> bool) -> bool {
    let may_be_one_more = plan.contains('#');
    let died = eventually(&format!("{plan} to be reached, or all to be done"), async || {
        if system.grading.over().is_some() {
            Ok(true)
        } else if may_be_one_more && is_done(system) {
            Ok(false)
        } else {
            Err("neither")
        }
    })
    .await;
    if died {
        killed(system, plan).await;
    } else {
        system.grading.kill();
        system.grading.disarm();
        system.grading.restart().await;
    }
    died
}
