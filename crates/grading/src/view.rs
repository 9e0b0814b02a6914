//! Stored copies as callers see them.

use contracts::{grading as pb, timestamp};
use domain::{Job, Page};
use store::CopyView;

/// A copy in a list.
pub(crate) fn copy(view: &CopyView) -> pb::Copy {
    let copy = &view.copy;
    pb::Copy {
        id: copy.id.to_string(),
        exam_id: copy.exam.to_string(),
        anonymous_id: copy.anonymous_id.as_str().to_owned(),
        status: copy.state.status().to_string(),
        pages: Vec::new(),
        page_count: copy.state.pages().map_or(0, |pages| pages.get().into()),
        import_job: None,
        error_code: copy
            .state
            .failure()
            .map(|code| code.to_string())
            .unwrap_or_default(),
        version: copy.version,
        created_at: Some(timestamp(view.created_at)),
    }
}

/// A copy by itself, with its pages and the job that makes them.
pub(crate) fn whole_copy(view: &CopyView, pages: &[Page], import_job: Option<&Job>) -> pb::Copy {
    let pages = pages.iter().map(Into::into).collect();
    pb::Copy {
        pages,
        import_job: import_job.map(Into::into),
        ..copy(view)
    }
}
