//! Logins, and guesses that have to wait.

use domain::throttle::Scope;

use super::labels::{LoginEnd, texts};
use super::metric::{Kind, Label, Metric, Values};
use crate::name::ServiceName::Grading;

const LOGINS: Metric = Metric {
    name: "grading_logins_total",
    kind: Kind::Counter,
    help: "Logins whose password was checked, by outcome.",
    labels: &[Label {
        name: "outcome",
        values: Values::Closed(|| texts(LoginEnd::ALL)),
    }],
    services: &[Grading],
};

const THROTTLED: Metric = Metric {
    name: "grading_guesses_throttled_total",
    kind: Kind::Counter,
    help: "Passwords and invitations that were not checked because of too many failures, by what the failures were counted of.",
    labels: &[Label {
        name: "scope",
        values: Values::Closed(|| texts(Scope::ALL)),
    }],
    services: &[Grading],
};

pub(super) const FAMILY: &[&Metric] = &[&LOGINS, &THROTTLED];

/// A login was decided.
pub fn login_finished(end: LoginEnd) {
    LOGINS.add(&[end.as_str()], 1);
}

/// A guess was refused unheard.
pub fn guess_throttled(scope: Scope) {
    THROTTLED.add(&[scope.as_str()], 1);
}
