//! The fields that making and changing an exam share.

use std::collections::BTreeSet;

use contracts::{FieldCode, Fields, Problem, grading as pb};
use domain::student::ClassName;
use domain::{IdentityZone, PageCount, Role, UserId};
use store::Tx;

use crate::error::Error;

/// No school has more classes that write one exam.
const MOST_CLASSES: usize = 200;

pub(crate) fn pages_per_copy(fields: &mut Fields, count: u32) -> Option<u16> {
    let pages = usize::try_from(count)
        .ok()
        .and_then(PageCount::new)
        .map(PageCount::get);
    fields.check("/pages_per_copy", pages, FieldCode::OutOfRange)
}

pub(crate) fn identity_zone(fields: &mut Fields, zone: &pb::IdentityZone) -> Option<IdentityZone> {
    fields.check(
        "/identity_zone",
        IdentityZone::try_from(zone).ok(),
        FieldCode::OutOfRange,
    )
}

pub(crate) fn correctors(fields: &mut Fields, correctors: &[String]) -> BTreeSet<UserId> {
    correctors
        .iter()
        .filter_map(|corrector| fields.parse("/correctors", corrector))
        .collect()
}

/// The classes, each once, in the order of their names.
pub(crate) fn classes(fields: &mut Fields, classes: &[String]) -> Vec<ClassName> {
    if classes.len() > MOST_CLASSES {
        fields.note("/classes", FieldCode::TooLong);
        return Vec::new();
    }
    let mut named: Vec<ClassName> = classes
        .iter()
        .filter_map(|class| fields.check("/classes", ClassName::new(class), FieldCode::Malformed))
        .collect();
    named.sort_by(|one, other| one.expose().cmp(other.expose()));
    named.dedup();
    named
}

/// Refuses correctors that are not teachers with access.
pub(crate) fn teachers_only(tx: &mut Tx<'_>, correctors: &[UserId]) -> Result<(), Error> {
    for corrector in correctors {
        if !is_teacher(tx, *corrector)? {
            return Err(Problem::field("/correctors", FieldCode::UnknownReference).into());
        }
    }
    Ok(())
}

/// Whether this is a teacher with access.
pub(crate) fn is_teacher(tx: &mut Tx<'_>, user: UserId) -> Result<bool, Error> {
    let found = tx.users().get(user)?;
    Ok(found.is_some_and(|user| user.role == Role::Teacher && !user.disabled))
}
