//! One use case per file: parse, one transaction, answer. Metrics and log lines follow the commit.

pub(crate) mod authorize_upload;
pub(crate) mod claim_job;
pub(crate) mod close_session;
pub(crate) mod complete_import;
pub(crate) mod create_exam;
pub(crate) mod current_session;
pub(crate) mod fail_job;
pub(crate) mod find_unreferenced;
pub(crate) mod get_copy;
pub(crate) mod get_exam;
pub(crate) mod get_job;
pub(crate) mod get_page_image;
pub(crate) mod hand_back_job;
pub(crate) mod heartbeat_job;
pub(crate) mod list_copies;
pub(crate) mod list_events;
pub(crate) mod list_exams;
pub(crate) mod open_session;
pub(crate) mod register_copy;
pub(crate) mod validate_copy;
pub(crate) mod watch_job;
