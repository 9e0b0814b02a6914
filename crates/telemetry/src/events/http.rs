//! HTTP requests at the gateway, one line for each.

use std::time::Duration;

use crate::code::Code;
use crate::http::{Method, Route};

events! {
    HTTP;

    HttpCompleted = Info "http.request.completed" "a request was answered" {
        method: Method,
        path: Route,
        status_code: u16,
        duration: Duration,
    }
    HttpRefused = Warning "http.request.refused" "a request was refused" {
        method: Method,
        path: Route,
        status_code: u16,
        duration: Duration,
        code: Option<Code>,
    }
    HttpFailed = Error "http.request.failed" "a request failed" {
        method: Method,
        path: Route,
        status_code: u16,
        duration: Duration,
        code: Option<Code>,
    }
}
