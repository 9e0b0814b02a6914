//! All endpoints in one list, and what is made of it.

use std::sync::LazyLock;

use actix_web::dev::ServiceRequest;
use actix_web::http::Method as HttpMethod;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, Resource, web};
use telemetry::http::{Method, Route, Routes};
use utoipa::OpenApi;

use super::{
    annotations_create, annotations_delete, annotations_list, annotations_update, appreciation_set,
    archive_get, archive_order, archive_zip, audit_checkpoints, audit_events, audit_export, batch_discard,
    batches_get, batches_list, batches_upload, change_sets_create, change_sets_list, copies_get, copies_list,
    copies_upload, copy_booklets, copy_corrector, copy_discard, copy_document, copy_events, copy_finalize,
    copy_merge, copy_reopen, copy_retry_import, copy_validate, draft_delete, draft_get, draft_put,
    exams_create, exams_dispatch, exams_get, exams_list, exams_marking_scheme, exams_progress,
    exams_statistics, exams_update, exams_validate_all, health, identification_queue, identity_clear,
    identity_image, identity_set, job_cancel, job_events, job_get, lock_acquire, lock_force_release,
    lock_get, lock_heartbeat, lock_release, metrics, openapi_document, own_copies_get, own_copies_list,
    page_image, problem_type, pronote_csv, release_create, release_withdraw, releases_get, releases_list,
    remarks_set, results_csv, scores_get, scores_set, session_close, session_current, session_invitation,
    session_open, session_password, student_erase, students_get, students_import, students_invite,
    students_list, students_update, suggestions_get, suggestions_order, suggestions_order_all, users_create,
    users_get, users_invite, users_list, users_update,
};
use crate::endpoint::Endpoint;

/// Every endpoint.
pub(crate) const ENDPOINTS: &[Endpoint] = &[
    session_open::ENDPOINT,
    session_current::ENDPOINT,
    session_close::ENDPOINT,
    session_password::ENDPOINT,
    session_invitation::ENDPOINT,
    users_list::ENDPOINT,
    users_create::ENDPOINT,
    users_get::ENDPOINT,
    users_update::ENDPOINT,
    users_invite::ENDPOINT,
    students_list::ENDPOINT,
    students_import::ENDPOINT,
    students_get::ENDPOINT,
    students_update::ENDPOINT,
    student_erase::ENDPOINT,
    students_invite::ENDPOINT,
    exams_list::ENDPOINT,
    exams_create::ENDPOINT,
    exams_get::ENDPOINT,
    exams_update::ENDPOINT,
    exams_marking_scheme::ENDPOINT,
    exams_validate_all::ENDPOINT,
    exams_dispatch::ENDPOINT,
    exams_progress::ENDPOINT,
    exams_statistics::ENDPOINT,
    identification_queue::ENDPOINT,
    suggestions_order_all::ENDPOINT,
    change_sets_create::ENDPOINT,
    change_sets_list::ENDPOINT,
    release_create::ENDPOINT,
    release_withdraw::ENDPOINT,
    releases_list::ENDPOINT,
    releases_get::ENDPOINT,
    results_csv::ENDPOINT,
    pronote_csv::ENDPOINT,
    archive_order::ENDPOINT,
    archive_get::ENDPOINT,
    archive_zip::ENDPOINT,
    own_copies_list::ENDPOINT,
    own_copies_get::ENDPOINT,
    batches_upload::ENDPOINT,
    batches_list::ENDPOINT,
    batches_get::ENDPOINT,
    batch_discard::ENDPOINT,
    copies_upload::ENDPOINT,
    copies_list::ENDPOINT,
    copies_get::ENDPOINT,
    page_image::ENDPOINT,
    identity_image::ENDPOINT,
    identity_set::ENDPOINT,
    identity_clear::ENDPOINT,
    copy_merge::ENDPOINT,
    copy_booklets::ENDPOINT,
    suggestions_order::ENDPOINT,
    suggestions_get::ENDPOINT,
    copy_validate::ENDPOINT,
    copy_retry_import::ENDPOINT,
    copy_discard::ENDPOINT,
    copy_corrector::ENDPOINT,
    lock_acquire::ENDPOINT,
    lock_get::ENDPOINT,
    lock_release::ENDPOINT,
    lock_heartbeat::ENDPOINT,
    lock_force_release::ENDPOINT,
    annotations_list::ENDPOINT,
    annotations_create::ENDPOINT,
    annotations_update::ENDPOINT,
    annotations_delete::ENDPOINT,
    scores_get::ENDPOINT,
    scores_set::ENDPOINT,
    remarks_set::ENDPOINT,
    appreciation_set::ENDPOINT,
    draft_get::ENDPOINT,
    draft_put::ENDPOINT,
    draft_delete::ENDPOINT,
    copy_finalize::ENDPOINT,
    copy_reopen::ENDPOINT,
    copy_document::ENDPOINT,
    copy_events::ENDPOINT,
    audit_events::ENDPOINT,
    audit_export::ENDPOINT,
    audit_checkpoints::ENDPOINT,
    job_get::ENDPOINT,
    job_events::ENDPOINT,
    job_cancel::ENDPOINT,
    health::ENDPOINT,
    metrics::ENDPOINT,
    openapi_document::ENDPOINT,
    problem_type::ENDPOINT,
];

/// What the handlers say of themselves for the OpenAPI document.
#[derive(OpenApi)]
#[openapi(paths(
    session_open::handle,
    session_current::handle,
    session_close::handle,
    session_password::handle,
    session_invitation::handle,
    users_list::handle,
    users_create::handle,
    users_get::handle,
    users_update::handle,
    users_invite::handle,
    students_list::handle,
    students_import::handle,
    students_get::handle,
    students_update::handle,
    student_erase::handle,
    students_invite::handle,
    exams_list::handle,
    exams_create::handle,
    exams_get::handle,
    exams_update::handle,
    exams_marking_scheme::handle,
    exams_validate_all::handle,
    exams_dispatch::handle,
    exams_progress::handle,
    exams_statistics::handle,
    identification_queue::handle,
    suggestions_order_all::handle,
    change_sets_create::handle,
    change_sets_list::handle,
    release_create::handle,
    release_withdraw::handle,
    releases_list::handle,
    releases_get::handle,
    results_csv::handle,
    pronote_csv::handle,
    archive_order::handle,
    archive_get::handle,
    archive_zip::handle,
    own_copies_list::handle,
    own_copies_get::handle,
    batches_upload::handle,
    batches_list::handle,
    batches_get::handle,
    batch_discard::handle,
    copies_upload::handle,
    copies_list::handle,
    copies_get::handle,
    page_image::handle,
    identity_image::handle,
    identity_set::handle,
    identity_clear::handle,
    copy_merge::handle,
    copy_booklets::handle,
    suggestions_order::handle,
    suggestions_get::handle,
    copy_validate::handle,
    copy_retry_import::handle,
    copy_discard::handle,
    copy_corrector::handle,
    lock_acquire::handle,
    lock_get::handle,
    lock_release::handle,
    lock_heartbeat::handle,
    lock_force_release::handle,
    annotations_list::handle,
    annotations_create::handle,
    annotations_update::handle,
    annotations_delete::handle,
    scores_get::handle,
    scores_set::handle,
    remarks_set::handle,
    appreciation_set::handle,
    draft_get::handle,
    draft_put::handle,
    draft_delete::handle,
    copy_finalize::handle,
    copy_reopen::handle,
    copy_document::handle,
    copy_events::handle,
    audit_events::handle,
    audit_export::handle,
    audit_checkpoints::handle,
    job_get::handle,
    job_events::handle,
    job_cancel::handle,
    health::handle,
    metrics::handle,
    openapi_document::handle,
    problem_type::handle
))]
pub(crate) struct Documented;

static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let templates = paths().into_iter();
    templates
        .map(|path| {
            let methods = of(path).flat_map(Endpoint::methods);
            let methods: Vec<Method> = methods.map(|method| Method::of(method.as_str())).collect();
            // Made once, and named in metrics and log lines until the process ends.
            Route::new(path, methods.leak())
        })
        .collect()
});

/// The routes by their templates, as metrics and log lines name them.
pub(crate) fn routes() -> Routes {
    Routes::new(ROUTES.as_slice())
}

/// The endpoint that a request is for. A HEAD is a GET.
pub(crate) fn endpoint_of(request: &ServiceRequest) -> Option<&'static Endpoint> {
    let pattern = request.match_pattern()?;
    let method = Method::of(request.method().as_str());
    let method = if method == Method::Head {
        Method::Get
    } else {
        method
    };
    of(&pattern).find(|endpoint| endpoint.method == method)
}

/// Gives the application a resource for each path.
pub(crate) fn configure(app: &mut web::ServiceConfig) {
    for path in paths() {
        app.service(resource(path));
    }
}

/// Every path once: the endpoints of one stand together.
fn paths() -> Vec<&'static str> {
    let mut paths: Vec<&str> = ENDPOINTS.iter().map(|endpoint| endpoint.path).collect();
    paths.dedup();
    paths
}

fn of(path: &str) -> impl Iterator<Item = &'static Endpoint> {
    ENDPOINTS.iter().filter(move |endpoint| endpoint.path == path)
}

fn resource(path: &'static str) -> Resource {
    let mut resource = web::resource(path);
    let mut allowed = Vec::new();
    for endpoint in of(path) {
        for method in endpoint.methods() {
            allowed.push(method.to_string());
            resource = resource.route((endpoint.route)(method));
        }
    }
    allowed.push(HttpMethod::OPTIONS.to_string());
    let allowed = HeaderValue::from_str(&allowed.join(", ")).ok();
    let options = move || {
        let mut answer = HttpResponse::NoContent();
        if let Some(allowed) = &allowed {
            answer.insert_header((header::ALLOW, allowed));
        }
        std::future::ready(answer.finish())
    };
    resource.route(web::method(HttpMethod::OPTIONS).to(options))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_of_one_path_stand_together_so_that_each_path_is_one_resource() {
        let mut paths = paths();
        let count = paths.len();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), count);
    }
}
