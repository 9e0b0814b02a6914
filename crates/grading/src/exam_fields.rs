//! The fields that making and changing an exam share.

use std::collections::BTreeSet;

use contracts::{FieldCode, Fields, Problem, grading as pb};
use domain::{IdentityZone, PageCount, Role, UserId};
use store::Tx;

use crate::error::Error;

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
