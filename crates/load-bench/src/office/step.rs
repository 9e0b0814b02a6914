//! One step, measured: how long it took, how long its slowest request, and what memory each service has needed so far.

use std::future::Future;
use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::bail;
use futures::{StreamExt as _, stream};
use reqwest::RequestBuilder;
use testkit::{Answer, Client, System};

use crate::usage::Usage;

/// What was seen of a step.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) took: Duration,
    /// How many things were done: requests, or copies.
    pub(crate) count: u32,
    /// How long each request took, where there were some to measure.
    pub(crate) requests: Vec<Duration>,
    /// The most memory that each service has had so far, in KiB.
    pub(crate) peaks: Vec<(String, u64)>,
}

/// The steps so far.
pub(super) struct Steps<'a> {
    pub(super) system: &'a System,
    done: Vec<Step>,
}

impl<'a> Steps<'a> {
    pub(super) fn of(system: &'a System) -> Self {
        Self {
            system,
            done: Vec::new(),
        }
    }

    pub(super) fn done(self) -> Vec<Step> {
        self.done
    }

    /// One request.
    pub(super) async fn one(
        &mut self,
        name: &'static str,
        request: RequestBuilder,
    ) -> anyhow::Result<Answer> {
        let start = Instant::now();
        let answer = answered(request).await?;
        let took = start.elapsed();
        self.note(name, took, 1, vec![took]);
        Ok(answer)
    }

    /// Many requests, so many of them at once.
    pub(super) async fn many(
        &mut self,
        name: &'static str,
        at_once: usize,
        requests: Vec<RequestBuilder>,
    ) -> anyhow::Result<()> {
        let start = Instant::now();
        let timed = async |request| {
            let start = Instant::now();
            answered(request).await.map(|_answer| start.elapsed())
        };
        let mut sent = stream::iter(requests).map(timed).buffer_unordered(at_once);
        let mut each = Vec::new();
        while let Some(took) = sent.next().await {
            each.push(took?);
        }
        let count = u32::try_from(each.len())?;
        each.sort();
        self.note(name, start.elapsed(), count, each);
        Ok(())
    }

    /// Something longer, done to so many copies.
    pub(super) async fn whole(
        &mut self,
        name: &'static str,
        count: u32,
        work: impl Future<Output = anyhow::Result<()>>,
    ) -> anyhow::Result<()> {
        let start = Instant::now();
        work.await?;
        self.note(name, start.elapsed(), count, Vec::new());
        Ok(())
    }

    fn note(&mut self, name: &'static str, took: Duration, count: u32, requests: Vec<Duration>) {
        let peak = |service: &testkit::Service| (service.name().to_owned(), Usage::of(service).peak_kib);
        _ = writeln!(std::io::stderr(), "{name}: {:.2} s", took.as_secs_f64());
        self.done.push(Step {
            name,
            took,
            count,
            requests,
            peaks: self.system.services().map(peak).collect(),
        });
    }
}

/// The answer to a request that is to be well.
pub(super) async fn answered(request: RequestBuilder) -> anyhow::Result<Answer> {
    let answer = Client::try_send(request).await?;
    if answer.status >= 300 {
        bail!(
            "refused with {}: {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
    }
    Ok(answer)
}
