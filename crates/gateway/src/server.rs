//! The HTTP server: its middleware, its limits, and how it ends.
//!
//! When the process drains, it stops accepting, closes idle connections, lets requests under way end (an
//! upload included) and closes each connection after its answer. What has not ended by the time that the
//! process must stop is cut off.
//!
//! What is not even HTTP (a malformed request line, a head that is too large or too slow) is answered by the
//! HTTP library before any of this, with a bare 400 or 408: it has no request that could be named.

use std::any::Any;
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::time::Duration;

use actix_web::dev::Extensions;
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::{App, HttpServer, web};
use anyhow::Context as _;
use service::Lifecycle;
use telemetry::Code;
use telemetry::events::ListenerReady;

use crate::config::Config;
use crate::middleware::{admit, complete, cors, negotiate, observe};
use crate::routes;
use crate::state::State;

/// Longer than any drain: when to give up is said by the lifecycle.
const A_DAY: u64 = 24 * 60 * 60;

/// How long an answer to a request whose body was not read may take to reach the client.
const LINGER: Duration = Duration::from_secs(5);

/// The server counts the connections of each of its threads by itself.
fn connections_per_thread(config: &Config) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = config.threads.map_or_else(cores, NonZeroUsize::get);
    config.max_connections.get().div_ceil(threads)
}

/// Has the system end a connection whose other side takes nothing of an answer for so long: no byte that it confirms, no room
/// that it makes. Only the system sees that also of what was handed over to it already.
fn end_of_patience(patience: Duration) -> impl Fn(&dyn Any, &mut Extensions) {
    let patience = u32::try_from(patience.as_millis()).unwrap_or(u32::MAX);
    move |connection, _| {
        if let Some(connection) = connection.downcast_ref::<TcpStream>() {
            // One that is gone again already has nobody to wait for.
            let _gone = rustix::net::sockopt::set_tcp_user_timeout(connection, patience);
        }
    }
}

/// Takes the address and starts to serve.
pub(crate) fn start(config: &Config, state: State, lifecycle: &Lifecycle) -> anyhow::Result<()> {
    let listener = TcpListener::bind(config.listen).context("binding the HTTP address")?;
    let address = listener.local_addr()?;
    let state = web::Data::new(state);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .configure(routes::configure)
            .wrap(from_fn(admit))
            .wrap(from_fn(negotiate))
            .wrap(from_fn(complete))
            .wrap(from_fn(cors))
            .wrap(from_fn(observe))
    })
    .disable_signals()
    .max_connections(connections_per_thread(config))
    .keep_alive(config.idle_timeout)
    .client_request_timeout(config.header_timeout)
    // Who has hung up waits for nothing: what is done for them ends, and others get their room.
    .h1_allow_half_closed(false)
    .client_disconnect_timeout(LINGER)
    .tcp_nodelay(true)
    .on_connect(end_of_patience(config.answer_stall_timeout))
    .shutdown_signal(lifecycle.draining().cancelled_owned())
    .shutdown_timeout(A_DAY);
    let server = match config.threads {
        Some(threads) => server.workers(threads.get()),
        None => server,
    };
    let server = server.listen(listener).context("listening for HTTP")?.run();
    let handle = server.handle();
    let stopping = lifecycle.stopping();
    lifecycle.spawn("http", async move {
        tokio::select! {
            // A server that ends before the drain ends the process: the lifecycle sees to that.
            _ = server => {}
            () = stopping.cancelled() => handle.stop(false).await,
        }
    });
    if let Some(path) = &config.address_file {
        service::announce(path, address)?;
    }
    telemetry::log(ListenerReady {
        listener: Code::of("http"),
        port: address.port(),
    });
    lifecycle.latch("http").ready();
    Ok(())
}
