//! With failpoints: a plan that is made once, and the end that it leads to.

use std::str::FromStr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Signal, getpid, kill_process};

use crate::{Point, Unknown};

static PLAN: OnceLock<Plan> = OnceLock::new();
static REACHED: AtomicU32 = AtomicU32::new(0);

/// Where a process dies: `name`, `name@scope` or either with `#n` for the n-th time. The scope is the name of a
/// transaction, at the places that are in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    point: Point,
    scope: Option<String>,
    time: u32,
}

impl FromStr for Plan {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        let (text, time) = match text.split_once('#') {
            Some((text, time)) => (text, time.parse().map_err(|_not_a_number| Unknown)?),
            None => (text, 1),
        };
        let (name, scope) = match text.split_once('@') {
            Some((name, scope)) => (name, Some(scope.to_owned())),
            None => (text, None),
        };
        let mut points = Point::ALL.iter().copied();
        let point = points.find(|point| point.as_str() == name).ok_or(Unknown)?;
        if time == 0 {
            return Err(Unknown);
        }
        Ok(Self { point, scope, time })
    }
}

impl Plan {
    fn is_for(&self, point: Point, scope: Option<&str>) -> bool {
        self.point == point && (self.scope.is_none() || self.scope.as_deref() == scope)
    }
}

/// From now on the process dies where the plan says. The first plan counts.
pub fn arm(plan: Plan) {
    PLAN.get_or_init(|| plan);
}

/// Dies here, if that is the plan.
pub fn reach(point: Point) {
    come_to(point, None);
}

/// Dies here, if that is the plan for a transaction of this name.
pub fn reach_in(point: Point, scope: &str) {
    come_to(point, Some(scope));
}

fn come_to(point: Point, scope: Option<&str>) {
    let Some(plan) = PLAN.get().filter(|plan| plan.is_for(point, scope)) else {
        return;
    };
    if REACHED.fetch_add(1, Ordering::Relaxed) + 1 == plan.time {
        die();
    }
}

fn die() -> ! {
    // Nobody may refuse to signal itself, and nobody outlives this signal: what follows is for the compiler.
    let _dead = kill_process(getpid(), Signal::KILL);
    std::process::abort()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Result<Plan, Unknown> {
        text.parse()
    }

    #[test]
    fn a_plan_names_a_place_perhaps_a_transaction_and_which_time() {
        let third = plan("statement@create_annotation#3").unwrap();
        assert_eq!((third.point, third.time), (Point::Statement, 3));
        assert!(third.is_for(Point::Statement, Some("create_annotation")));
        assert!(!third.is_for(Point::Statement, Some("set_score")));
        assert!(!third.is_for(Point::Commit, Some("create_annotation")));
        assert!(plan("commit").unwrap().is_for(Point::Commit, Some("set_score")));
    }

    #[test]
    fn what_names_no_place_is_no_plan() {
        for text in [
            "",
            "nowhere",
            "statement#0",
            "statement#x",
            "Statement",
            "@statement",
        ] {
            assert_eq!(plan(text), Err(Unknown), "{text}");
        }
    }

    #[test]
    fn every_place_is_found_by_its_name() {
        for point in Point::ALL {
            assert_eq!(plan(point.as_str()).unwrap().point, *point);
        }
    }
}
