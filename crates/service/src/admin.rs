//! The admin listener: `/livez`, `/readyz`, `/startupz`, `/metrics`. It answers until the very end, so that a
//! drain can be watched.
//!
//! It tells no secrets, but it is meant for a loopback or private address. The only thing that can be changed is which levels
//! are logged, with `PUT /log-level`, and only where a token is set.

use std::io;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use domain::secret::Secret;
use subtle::ConstantTimeEq as _;
use telemetry::event::NotALevel;
use tokio::net::TcpListener;

use crate::health::{self, Watchdog};
use crate::lifecycle::Lifecycle;

/// What the listener shows.
#[derive(Debug, Clone)]
pub(crate) struct Admin {
    pub lifecycle: Lifecycle,
    pub watchdog: Watchdog,
    /// Asked of whoever scrapes, if set. Without it nothing can be changed.
    pub token: Option<Secret>,
}

/// No level has a longer name.
const LONGEST: usize = 16;

/// Answers until the process ends.
pub(crate) async fn serve(listener: TcpListener, admin: Admin) -> io::Result<()> {
    let router = Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .route("/startupz", get(startupz))
        .route("/metrics", get(metrics))
        .route("/log-level", put(log_level))
        .layer(DefaultBodyLimit::max(LONGEST))
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

async fn log_level(
    State(admin): State<Admin>,
    headers: HeaderMap,
    wanted: String,
) -> (StatusCode, &'static str) {
    match &admin.token {
        None => return (StatusCode::FORBIDDEN, "no token is set\n"),
        Some(token) if !bears(&headers, token) => return (StatusCode::UNAUTHORIZED, ""),
        Some(_) => {}
    }
    match wanted.trim().parse() {
        Ok(level) => {
            telemetry::write_from(level);
            (StatusCode::NO_CONTENT, "")
        }
        Err(NotALevel) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "debug, info, warning, error or critical\n",
        ),
    }
}

fn bears(headers: &HeaderMap, token: &Secret) -> bool {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .is_some_and(|sent| sent.as_bytes().ct_eq(token.expose().as_bytes()).into())
}
