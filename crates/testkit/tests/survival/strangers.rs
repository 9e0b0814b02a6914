//! Clients that are slow on purpose, or many.

use std::time::{Duration, Instant};

use futures::future::join_all;
use testkit::{Service, System, evidence};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::corrector::Corrector;
use crate::ledger::judge;
use crate::rounds;

/// How many say nothing: at length, and for `make test`.
const MANY: usize = 5_000;
const FEW: usize = 200;
/// How much more memory the gateway may take for them.
const ALLOWED_KIB: u64 = 128 * 1024;

#[tokio::test]
async fn idle_connections_and_slow_clients_keep_nobody_from_working() {
    let idlers = if rounds() == 1 { FEW } else { MANY };
    let system = System::builder()
        .setting("KORRIGO_HEADER_TIMEOUT", "2s")
        .start()
        .await;
    let corrector = Corrector::of(&system).await;
    let before = resident_kib(system.gateway());
    let address = system.gateway().socket();
    let mut idle = Vec::new();
    for _ in 0..idlers {
        idle.push(TcpStream::connect(address).await.unwrap());
    }
    // One byte of a head now and then.
    for connection in idle.iter_mut().take(idlers / 10) {
        connection
            .write_all(b"GET /api/v1/exams HTTP/1.1\r\nHost: a\r\nX: ")
            .await
            .unwrap();
    }
    // Questions whose answers nobody reads.
    let mut deaf = Vec::new();
    for _ in 0..idlers / 25 {
        let mut connection = TcpStream::connect(address).await.unwrap();
        let question = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n".repeat(20);
        connection.write_all(&question).await.unwrap();
        deaf.push(connection);
    }
    let since = Instant::now();
    let copy = corrector.correct(700).await;
    let took = since.elapsed();
    let grown = resident_kib(system.gateway()).saturating_sub(before);
    assert!(grown < ALLOWED_KIB, "{grown} KiB more");
    // Who does not come to the point is hung up on.
    let ended = join_all(idle.iter_mut().take(idlers / 10).map(async |connection| {
        let mut answer = Vec::new();
        let read = connection.read_to_end(&mut answer);
        tokio::time::timeout(Duration::from_secs(10), read).await.is_ok()
    }))
    .await;
    assert!(ended.into_iter().all(|ended| ended), "slow heads are waited for");
    judge(&system, &[copy]).await;
    evidence(format_args!(
        "{idlers} idle connections, {} slow heads, {} deaf clients: {grown} KiB more, a copy corrected in {took:.1?}",
        idlers / 10,
        deaf.len()
    ));
}

fn resident_kib(service: &Service) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.pid())).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}
