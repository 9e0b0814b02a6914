//! The endpoints, one file each. A handler parses, asks grading, and shapes the answer; it decides nothing.

mod copies_get;
mod copies_list;
mod copies_upload;
mod copy_events;
mod copy_validate;
mod exams_create;
mod exams_get;
mod exams_list;
mod health;
mod job_events;
mod job_get;
mod metrics;
mod openapi_document;
mod page_image;
pub(crate) mod problem_type;
mod session_close;
mod session_current;
mod session_invitation;
mod session_open;
mod session_password;
mod table;
mod users_create;
mod users_get;
mod users_invite;
mod users_list;
mod users_update;

pub use table::routes;
pub(crate) use table::{Documented, ENDPOINTS, configure};
