//! Whether anybody has begun with a copy.

use diesel::dsl::exists;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use domain::JobKind;

use crate::schema::{annotations, appreciations, copies, drafts, jobs, remarks, scores};

/// Whether somebody has written on the copy of the query, scored it, drafted something, or finalized it.
pub(crate) fn touched() -> Box<dyn BoxableExpression<copies::table, Pg, SqlType = Bool>> {
    let annotated = annotations::table.filter(annotations::copy_id.eq(copies::id));
    let scored = scores::table.filter(scores::copy_id.eq(copies::id));
    let remarked = remarks::table.filter(remarks::copy_id.eq(copies::id));
    let appreciated = appreciations::table.filter(appreciations::copy_id.eq(copies::id));
    let drafted = drafts::table
        .filter(drafts::copy_id.eq(copies::id))
        .filter(drafts::payload.is_not_null());
    let finalized = jobs::table
        .filter(jobs::copy_id.eq(copies::id.nullable()))
        .filter(jobs::kind.eq(JobKind::FinalizeCopy.as_str()));
    Box::new(
        exists(annotated)
            .or(exists(scored))
            .or(exists(remarked))
            .or(exists(appreciated))
            .or(exists(drafted))
            .or(exists(finalized)),
    )
}
