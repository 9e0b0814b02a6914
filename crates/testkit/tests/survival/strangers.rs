//! Clients that are slow on purpose, or many.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures::future::join_all;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use testkit::{Service, System, eventually, evidence};
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
    as_many_files_as_allowed();
    let idlers = if rounds() == 1 { FEW } else { MANY };
    let system = System::builder()
        .setting("KORRIGO_MAX_CONNECTIONS", "10000")
        .setting("KORRIGO_HEADER_TIMEOUT", "2s")
        .setting("KORRIGO_IDLE_TIMEOUT", "2s")
        .setting("KORRIGO_ANSWER_STALL_TIMEOUT", "2s")
        .start()
        .await;
    let corrector = Corrector::of(&system).await;
    let before = resident_kib(system.gateway());
    let address = system.gateway().socket();
    let connected = connections(address);
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
    // So is who says nothing, and who does not listen: the other sides of all these connections are still held here.
    let all = idlers + deaf.len();
    eventually("idle and deaf connections to end", async || {
        let left = connections(address).saturating_sub(connected);
        if left < all / 100 { Ok(()) } else { Err(left) }
    })
    .await;
    judge(&system, &[copy]).await;
    evidence(format_args!(
        "{idlers} idle connections, {} slow heads, {} deaf clients: {grown} KiB more, a copy corrected in {took:.1?}",
        idlers / 10,
        deaf.len()
    ));
}

/// Who asks for the longest answer that anybody may have, and does not read it.
const DEAF: u32 = 200;
/// How much more memory the gateway may take for them: of the answer, of half a MiB, no whole copy for each.
const ALLOWED_FOR_DEAF_KIB: u64 = 64 * 1024;

#[tokio::test]
async fn answers_that_nobody_reads_are_not_kept_whole_for_each_who_asked() {
    let system = System::start().await;
    let address = system.gateway().socket();
    let question = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n".repeat(20);
    let before = resident_kib(system.gateway());
    let mut held = Vec::new();
    for _ in 0..DEAF {
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(&question).await.unwrap();
        held.push(connection);
    }
    // Each has got the beginning of an answer; then nothing moves any more.
    for connection in &held {
        assert_eq!(connection.peek(&mut [0]).await.unwrap(), 1);
    }
    let (mut answered, mut since) = (0.0, Instant::now());
    eventually("all to be answered as far as they take it", async || {
        let labels = "path=\"/api/v1/openapi.json\"";
        let now = system.gateway().metric("http_requests_total", labels).await;
        if now > answered {
            (answered, since) = (now, Instant::now());
        }
        if since.elapsed() > Duration::from_secs(1) {
            Ok(())
        } else {
            Err(now)
        }
    })
    .await;
    let grown = resident_kib(system.gateway()).saturating_sub(before);
    assert!(grown < ALLOWED_FOR_DEAF_KIB, "{grown} KiB more");
    drop(held);
    evidence(format_args!(
        "{DEAF} clients that read none of {answered} answers: {grown} KiB more"
    ));
}

/// Bodies that are begun and never finished, by nobody who has a session.
const BODIES: usize = 1_000;
/// What each of them sends: more together than the gateway may take for all of it.
const BEGUN: usize = 600 * 1024;
/// The room for bodies, what is made of it, and what the HTTP library reads ahead on each connection.
const ALLOWED_FOR_BODIES_KIB: u64 = 320 * 1024;

#[tokio::test]
async fn a_thousand_bodies_that_are_never_finished_take_bounded_memory_and_nobody_elses_room() {
    as_many_files_as_allowed();
    let system = System::start().await;
    let corrector = Corrector::of(&system).await;
    let before = resident_kib(system.gateway());
    let address = system.gateway().socket();
    let held = join_all((0..BODIES).map(|_| unfinished(address))).await;
    let since = Instant::now();
    let copy = corrector.correct(710).await;
    let took = since.elapsed();
    let grown = resident_kib(system.gateway()).saturating_sub(before);
    assert!(grown < ALLOWED_FOR_BODIES_KIB, "{grown} KiB more");
    let refused = system
        .gateway()
        .metric("http_requests_shed_total", "budget=\"body\"")
        .await;
    assert!(refused > 0.0, "nobody was refused");
    drop(held);
    eventually("the room for bodies to be there again", async || {
        let taken = system.gateway().metric("http_bodies_held_bytes", "").await;
        if taken < 1.0 { Ok(()) } else { Err(taken) }
    })
    .await;
    judge(&system, &[copy]).await;
    evidence(format_args!(
        "{BODIES} unfinished bodies of {BEGUN} bytes: {refused} refused, {grown} KiB more, a copy corrected in {took:.1?}"
    ));
}

/// Begins to write an annotation and goes on for as long as somebody reads it.
async fn unfinished(address: SocketAddr) -> TcpStream {
    let mut connection = TcpStream::connect(address).await.unwrap();
    let copy = "0197c000-0000-7000-8000-00000000000c";
    let head = format!(
        "POST /api/v1/copies/{copy}/annotations HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer made-up\r\n\
         Idempotency-Key: k\r\nX-Lock-Token: t\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let beginning = vec![b' '; BEGUN];
    // Who is refused may be hung up on while they still send, or find that nobody takes any more.
    let sending = connection.write_all(&beginning);
    let _refused = tokio::time::timeout(Duration::from_secs(5), sending).await;
    connection
}

/// Not only as many as a shell gives: each connection is one file here and one in the gateway, which this process starts.
fn as_many_files_as_allowed() {
    let allowed = getrlimit(Resource::Nofile).maximum;
    let limit = Rlimit {
        current: allowed,
        maximum: allowed,
    };
    setrlimit(Resource::Nofile, limit).unwrap();
}

/// How many connections whoever serves at this address has not hung up on, or still has a file for.
fn connections(address: SocketAddr) -> usize {
    /// Both sides are there, or only this one.
    const HELD: [&str; 2] = ["01", "08"];
    const LISTENING: &str = "0A";
    const NO_FILE: &str = "0";
    let SocketAddr::V4(address) = address else {
        panic!("{address}")
    };
    let host = u32::from_le_bytes(address.ip().octets());
    let local = format!("{host:08X}:{:04X}", address.port());
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let held = table.lines().filter(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (&[_, here, _, state, ..], Some(&file)) = (words.as_slice(), words.get(9)) else {
            return false;
        };
        here == local && state != LISTENING && (HELD.contains(&state) || file != NO_FILE)
    });
    held.count()
}

fn resident_kib(service: &Service) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.pid())).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}
