//! All endpoints in one list, and what is made of it.

use std::sync::LazyLock;

use actix_web::http::Method as HttpMethod;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, Resource, web};
use telemetry::http::{Method, Routes};
use utoipa::OpenApi;

use super::{
    copies_get, copies_list, copies_upload, copy_events, copy_validate, exams_create, exams_get, exams_list,
    health, job_events, job_get, metrics, openapi_document, page_image, problem_type, session_close,
    session_current, session_invitation, session_open, session_password, users_create, users_get,
    users_invite, users_list, users_update,
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
    exams_list::ENDPOINT,
    exams_create::ENDPOINT,
    exams_get::ENDPOINT,
    copies_upload::ENDPOINT,
    copies_list::ENDPOINT,
    copies_get::ENDPOINT,
    page_image::ENDPOINT,
    copy_validate::ENDPOINT,
    copy_events::ENDPOINT,
    job_get::ENDPOINT,
    job_events::ENDPOINT,
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
    exams_list::handle,
    exams_create::handle,
    exams_get::handle,
    copies_upload::handle,
    copies_list::handle,
    copies_get::handle,
    page_image::handle,
    copy_validate::handle,
    copy_events::handle,
    job_get::handle,
    job_events::handle,
    health::handle,
    metrics::handle,
    openapi_document::handle,
    problem_type::handle
))]
pub(crate) struct Documented;

static LIST: LazyLock<Vec<(Method, &'static str)>> = LazyLock::new(|| {
    ENDPOINTS
        .iter()
        .map(|endpoint| (endpoint.method, endpoint.path))
        .collect()
});

/// The routes by their templates, as metrics and log lines name them.
#[must_use]
pub fn routes() -> Routes {
    Routes::new(LIST.as_slice())
}

/// Gives the application a resource for each path.
pub(crate) fn configure(app: &mut web::ServiceConfig) {
    let mut paths: Vec<&str> = ENDPOINTS.iter().map(|endpoint| endpoint.path).collect();
    paths.dedup();
    for path in paths {
        app.service(resource(path));
    }
}

fn resource(path: &'static str) -> Resource {
    let mut resource = web::resource(path);
    let mut allowed = Vec::new();
    for endpoint in ENDPOINTS.iter().filter(|endpoint| endpoint.path == path) {
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
        let mut paths: Vec<&str> = ENDPOINTS.iter().map(|endpoint| endpoint.path).collect();
        paths.dedup();
        let count = paths.len();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), count);
    }
}
