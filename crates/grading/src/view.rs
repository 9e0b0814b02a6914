//! Stored copies and people as callers see them.

use contracts::{grading as pb, timestamp};
use domain::{Job, Page};
use store::{CopyView, UserView};

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

/// A person, as administrators see them.
pub(crate) fn account(view: &UserView) -> pb::UserAccount {
    let user = &view.user;
    pb::UserAccount {
        id: user.id.to_string(),
        role: user.role.to_string(),
        login: user.login.expose().to_owned(),
        display_name: user.display_name.expose().to_owned(),
        disabled: user.disabled,
        invited: user.password_hash.is_none(),
        created_at: Some(timestamp(view.created_at)),
    }
}
