//! The admin listener: `/livez`, `/readyz`, `/startupz`, `/metrics`. It answers until the very end, so that a
//! drain can be watched.
//!
//! It tells no secrets and changes nothing, but it is meant for a loopback or private address.

use std::io;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::secret::Secret;
use subtle::ConstantTimeEq as _;
use tokio::net::TcpListener;

use crate::health::{self, Watchdog};
use crate::lifecycle::Lifecycle;

/// What the listener shows.
#[derive(Debug, Clone)]
pub(crate) struct Admin {
    pub lifecycle: Lifecycle,
    pub watchdog: Watchdog,
    /// Asked of whoever scrapes, if set.
    pub token: Option<Secret>,
}

/// Answers until the process ends.
pub(crate) async fn serve(listener: TcpListener, admin: Admin) -> io::Result<()> {
    let router = Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .route("/startupz", get(startupz))
        .route("/metrics", get(metrics))
        .with_state(admin);
    axum::serve(listener, router).await
}

async fn livez(State(admin): State<Admin>) -> (StatusCode, &'static str) {
    if admin.watchdog.is_alive() {
        (StatusCode::OK, "alive\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "stuck\n")
    }
}

async fn readyz(State(admin): State<Admin>) -> Response {
    let (ready, body) = health::readiness(&admin.lifecycle);
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        [(header::CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response()
}

async fn startupz(State(admin): State<Admin>) -> (StatusCode, &'static str) {
    if admin.lifecycle.has_started() {
        (StatusCode::OK, "started\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "starting\n")
    }
}

async fn metrics(State(admin): State<Admin>, headers: HeaderMap) -> Response {
    if let Some(token) = &admin.token
        && !bears(&headers, token)
    {
        return (
            StatusCode::UNAUTHORIZED,
            [(header::WWW_AUTHENTICATE, "Bearer")],
            "",
        )
            .into_response();
    }
    let content_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (content_type, admin.lifecycle.metrics_text()).into_response()
}

fn bears(headers: &HeaderMap, token: &Secret) -> bool {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .is_some_and(|sent| sent.as_bytes().ct_eq(token.expose().as_bytes()).into())
}
