//! The admin listener: `/livez`, `/readyz`, `/startupz`, `/metrics`. It answers until the very end, so that a
//! drain can be watched.
//!
//! It tells no secrets, but it is meant for a loopback or private address. The only thing that can be changed is which levels
//! are logged, with `PUT /log-level`, and only where a token is set.

use std::collections::VecDeque;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use domain::secret::Secret;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use subtle::ConstantTimeEq as _;
use telemetry::event::NotALevel;
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};

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

/// So many connections at a time; another one ends the oldest. Orchestrators and Prometheus keep a few.
const CONNECTIONS: usize = 256;

/// How long a connection may take to ask for something, and how long it is kept until it asks again.
const LONGEST_HEAD: Duration = Duration::from_secs(2);

/// How long a connection lives, whatever it sends or reads meanwhile.
const LONGEST_LIFE: Duration = Duration::from_secs(30);

/// How long nobody is accepted after that has failed.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers until the process ends. Whoever says nothing, or never to the end, keeps nobody else from being answered.
pub(crate) async fn serve(listener: TcpListener, admin: Admin) {
    let router = Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .route("/startupz", get(startupz))
        .route("/metrics", get(metrics))
        .route("/log-level", put(log_level))
        .layer(DefaultBodyLimit::max(LONGEST))
        .with_state(admin);
    let service = TowerToHyperService::new(router);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(LONGEST_HEAD);
    let mut connections = JoinSet::new();
    let mut oldest_first: VecDeque<AbortHandle> = VecDeque::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    oldest_first.retain(|connection| !connection.is_finished());
                    if oldest_first.len() >= CONNECTIONS && let Some(oldest) = oldest_first.pop_front() {
                        oldest.abort();
                    }
                    let served = http.serve_connection(TokioIo::new(stream), service.clone());
                    oldest_first.push_back(connections.spawn(timeout(LONGEST_LIFE, served)));
                }
                // There is no file for it. Some are given back in a moment.
                Err(_) => sleep(PAUSE).await,
            },
            Some(_ended) = connections.join_next() => {}
        }
    }
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
