//! One round: a system of its own, copies, a warm-up, and then what is measured.

use std::fs;
use std::path::Path;
use std::time::Duration;

use testkit::System;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::arguments::Arguments;
use crate::copies;
use crate::load::{self, Answered};
use crate::mode::Mode;
use crate::plan::plan;
use crate::usage::Usage;

/// How often somebody scrapes.
pub(crate) const SCRAPES: Duration = Duration::from_secs(5);
/// How many bytes a slow scraper takes at a time, and when it takes the next ones: a page lasts about a minute.
pub(crate) const SIP: usize = 512;
pub(crate) const SIPS: Duration = Duration::from_millis(100);

/// What was seen in a round.
pub(crate) struct Round {
    pub(crate) mode: Mode,
    pub(crate) number: u32,
    pub(crate) answers: Vec<Answered>,
    /// Each service before and after.
    pub(crate) services: Vec<(String, Usage, Usage)>,
    /// Lines that were logged meanwhile.
    pub(crate) lines: usize,
}

/// Measures. When it is over the books of the system are looked at, as after every test.
pub(crate) async fn run(arguments: &Arguments, mode: Mode, number: u32) -> anyhow::Result<Round> {
    let (builder, _silent) = mode.told(System::builder());
    let builder = if arguments.durable {
        builder.own_database().own_broker()
    } else {
        builder
    };
    let system = builder.start().await;
    let copies = copies::locked(&system, arguments.copies).await;
    let planned = |seconds, seed| plan(arguments.rate, seconds, arguments.mix, copies.len(), seed);
    let warm_up = planned(arguments.warm_up, arguments.seed.wrapping_add(1_000_000));
    let measured = planned(arguments.seconds, arguments.seed);
    let _scraping = scraped(&system, mode);

    load::send(&copies, &warm_up, 0).await;
    let names = system.services().map(|service| service.name().to_owned());
    let before: Vec<Usage> = system.services().map(Usage::of).collect();
    let lines = logged(&system.logs());
    let answers = load::send(&copies, &measured, warm_up.len()).await;
    let after = system.services().map(Usage::of);
    Ok(Round {
        mode,
        number,
        answers,
        services: names
            .zip(before.iter().copied().zip(after))
            .map(|(name, (before, after))| (name, before, after))
            .collect(),
        lines: logged(&system.logs()).saturating_sub(lines),
    })
}

/// Scrapes every service, as long as what it gives is kept. Where the collector is silent, somebody else asks too and reads
/// slowly.
fn scraped(system: &System, mode: Mode) -> JoinSet<()> {
    let mut scraping = JoinSet::new();
    for service in system.services().filter(|_| mode != Mode::Off) {
        let admin = service.admin();
        if mode == Mode::BlackHole {
            let address = admin.trim_start_matches("http://").to_owned();
            scraping.spawn(async move {
                loop {
                    // Whoever gets no answer asks again.
                    drop(sip(&address).await);
                    sleep(SIPS).await;
                }
            });
        }
        scraping.spawn(async move {
            loop {
                if let Ok(answer) = reqwest::get(format!("{admin}/metrics")).await {
                    drop(answer.bytes().await);
                }
                sleep(SCRAPES).await;
            }
        });
    }
    scraping
}

/// Asks for metrics and takes the answer in sips.
async fn sip(address: &str) -> std::io::Result<()> {
    let mut connection = TcpStream::connect(address).await?;
    let question = format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    connection.write_all(question.as_bytes()).await?;
    let mut taken = [0; SIP];
    while connection.read(&mut taken).await? > 0 {
        sleep(SIPS).await;
    }
    Ok(())
}

/// How many lines there are in the files below a directory.
fn logged(directory: &Path) -> usize {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let lines = entries.map(|entry| {
        let path = entry.path();
        if path.is_dir() {
            logged(&path)
        } else {
            let bytes = fs::read(&path).unwrap_or_default();
            bytes.split(|byte| *byte == b'\n').count() - 1
        }
    });
    lines.sum()
}
