//! Stored things and people as callers see them.

use contracts::{annotation, grading as pb, timestamp};
use domain::batch::BatchState;
use domain::release::Release;
use domain::student::ClassName;
use domain::{BookletId, Draft, Exam, Timestamp, UserId};
use store::{AnnotationView, BatchView, ChangeSetView, CopyView, JobView, OwnResult, UserView};

/// A job, with the request that caused it.
pub(crate) fn job(view: &JobView) -> pb::Job {
    let job = &view.job;
    pb::Job {
        id: job.id.to_string(),
        kind: job.task.kind().to_string(),
        state: job.state.to_string(),
        attempt: job.attempt.into(),
        max_attempts: job.max_attempts.into(),
        done: job.progress.done,
        total: job.progress.total,
        error_code: job.failure.map(|code| code.to_string()).unwrap_or_default(),
        next_attempt_at: job.next_attempt_at.map(timestamp),
        copy_id: job.task.copy().map(|copy| copy.to_string()).unwrap_or_default(),
        revision: job.revision,
        batch_id: job
            .task
            .batch()
            .map(|batch| batch.to_string())
            .unwrap_or_default(),
        request_id: view.request_id.to_string(),
    }
}

/// A copy in a list, as `reader` may see who corrects it.
pub(crate) fn copy(view: &CopyView, reader: UserId, now: Timestamp) -> pb::Copy {
    let copy = &view.copy;
    let grading = copy.state.grading();
    let lock = copy.state.lock().filter(|lock| !lock.has_expired(now));
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
        score: grading
            .map(|grading| grading.score.to_string())
            .unwrap_or_default(),
        max: grading.map(|grading| grading.max.to_string()).unwrap_or_default(),
        finalize_job: None,
        retries: grading.map_or(0, |grading| grading.retries.into()),
        lock: lock.map(|lock| pb::CopyLock {
            mine: lock.owner == reader,
            expires_at: Some(timestamp(lock.expires_at)),
        }),
        corrector_id: copy.corrector.map(|user| user.to_string()).unwrap_or_default(),
        identity: None,
        booklets: Vec::new(),
    }
}

/// A booklet with the number of its pages.
pub(crate) fn booklet((id, pages): (BookletId, u16)) -> pb::CopyBooklet {
    pb::CopyBooklet {
        id: id.to_string(),
        pages: pages.into(),
    }
}

/// An exam with the classes that write it.
pub(crate) fn exam(exam: &Exam, classes: &[ClassName]) -> pb::Exam {
    pb::Exam {
        classes: classes.iter().map(|class| class.expose().to_owned()).collect(),
        ..pb::Exam::from(exam)
    }
}

/// A batch in a list.
pub(crate) fn batch(view: &BatchView) -> pb::Batch {
    let batch = &view.batch;
    let (pages, failure) = match batch.state {
        BatchState::Pending => (None, None),
        BatchState::Split { pages } => (Some(pages), None),
        BatchState::Failed { code } => (None, Some(code)),
    };
    pb::Batch {
        id: batch.id.to_string(),
        exam_id: batch.exam.to_string(),
        status: batch.state.status().to_string(),
        pages_per_copy: batch.splitting.pages_per_copy.get().into(),
        layout: batch.splitting.layout.to_string(),
        page_count: pages.map_or(0, |pages| pages.get().into()),
        error_code: failure.map(|code| code.to_string()).unwrap_or_default(),
        job_id: view.job.to_string(),
        created_at: Some(timestamp(view.created_at)),
        copies: Vec::new(),
        anomalies: Vec::new(),
    }
}

/// An annotation with its times.
pub(crate) fn annotation(view: &AnnotationView) -> pb::Annotation {
    pb::Annotation {
        created_at: Some(timestamp(view.created_at)),
        updated_at: Some(timestamp(view.updated_at)),
        ..pb::Annotation::from(&view.annotation)
    }
}

/// A draft, for who wrote it.
pub(crate) fn draft(draft: &Draft, saved_at: Timestamp) -> pb::Draft {
    pb::Draft {
        client_id: draft.content.client.expose().to_owned(),
        version: draft.version,
        payload: draft.content.payload.expose().to_owned(),
        updated_at: Some(timestamp(saved_at)),
    }
}

/// A set of changes.
pub(crate) fn change_set(view: &ChangeSetView) -> pb::ChangeSet {
    let change_set = &view.change_set;
    let question = change_set.question.as_ref();
    pb::ChangeSet {
        id: change_set.id.to_string(),
        created_by: change_set.by.to_string(),
        created_by_name: view.by_name.expose().to_owned(),
        created_at: Some(timestamp(change_set.at)),
        reason_code: change_set.reason.to_string(),
        reason: annotation::exposed(change_set.words.as_ref()),
        question_id: question.map(ToString::to_string).unwrap_or_default(),
        delta: change_set.delta.to_string(),
        copies: u32::try_from(view.copies).unwrap_or(u32::MAX),
    }
}

/// A release of an exam.
pub(crate) fn release(release: &Release) -> pb::ReleaseOfExam {
    let withdrawn = release.withdrawn;
    pb::ReleaseOfExam {
        number: release.number,
        released_by: release.by.to_string(),
        released_at: Some(timestamp(release.at)),
        withdrawn_by: withdrawn.map(|(by, _)| by.to_string()).unwrap_or_default(),
        withdrawn_at: withdrawn.map(|(_, at)| timestamp(at)),
    }
}

/// A released result, for who wrote the copy.
pub(crate) fn own_result(own: &OwnResult) -> pb::OwnResult {
    pb::OwnResult {
        copy_id: own.copy.to_string(),
        exam_id: own.exam.to_string(),
        exam_name: own.exam_name.expose().to_owned(),
        exam_date: own.exam_date.to_string(),
        released_at: Some(timestamp(own.released_at)),
        score: own.score.to_string(),
        max: own.max.to_string(),
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
