//! The metrics are those of the inventory, all there from the start, and true.

use std::collections::BTreeSet;

use testkit::{Scrape, Service, System, Upload, corpus, eventually};

/// A row of `docs/metrics.md`.
struct Declared {
    name: String,
    /// Labels with their values; none where the values are only described.
    labels: Vec<(String, Vec<String>)>,
    services: Vec<String>,
}

fn inventory() -> Vec<Declared> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/metrics.md");
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split(" | ").map(str::trim);
        let name = cells.next().unwrap().replace('`', "");
        let labels = cells.nth(1).unwrap().split("; ").filter_map(|label| {
            let (name, values) = label.split_once(": ")?;
            let values: Vec<String> = values.split(", ").map(str::to_owned).collect();
            let listed = values.iter().all(|value| !value.contains(' '));
            Some((name.replace('`', ""), if listed { values } else { Vec::new() }))
        });
        let labels = labels.collect();
        let services = cells.next().unwrap().split(", ").map(str::to_owned).collect();
        Declared {
            name,
            labels,
            services,
        }
    })
    .collect()
}

/// Each service, and how many series it may have: what its routes and calls make, and room for some more of them. See
/// `docs/adr/0017-bounds-of-telemetry.md`.
pub(crate) fn services(system: &System) -> [(&'static str, &Service, usize); 3] {
    [
        ("gateway", system.gateway(), 3_500),
        ("grading", &system.grading, 2_500),
        ("pdf-worker", system.workers.first().unwrap(), 1_000),
    ]
}

#[tokio::test]
async fn before_the_first_request_every_metric_of_the_inventory_is_there_and_no_other() {
    let system = System::start().await;
    let inventory = inventory();
    for (name, service, bound) in services(&system) {
        // Figures of the pool, the copies and the checks come with the first round of the tasks.
        let scrape = Scrape::of(service).await;
        let shown: BTreeSet<&str> = scrape
            .metrics()
            .filter(|metric| !metric.starts_with("process_"))
            .collect();
        let of_this = inventory
            .iter()
            .filter(|metric| metric.services.iter().any(|service| service == name));
        let declared: BTreeSet<&str> = of_this.clone().map(|metric| metric.name.as_str()).collect();
        assert_eq!(shown, declared, "{name}");
        assert!(
            scrape
                .metrics()
                .any(|metric| metric == "process_resident_memory_bytes"),
            "{name}"
        );
        for metric in of_this {
            for (label, values) in &metric.labels {
                for value in values {
                    let series = scrape.has(&metric.name, &[(label, value)]);
                    assert!(series, "{name} has no {} with {label} {value}", metric.name);
                }
            }
        }
        assert_eq!(scrape.faults(), "", "{name}");
        assert!(
            scrape.series.len() < bound,
            "{name} has {} series",
            scrape.series.len()
        );
    }
    bounds(&system).await;
    // Of the contract of the earlier system, word by word.
    let grading = Scrape::of(&system.grading).await;
    for status in [
        "STAGING",
        "READY",
        "LOCKED",
        "GRADING_IN_PROGRESS",
        "GRADED",
        "GRADING_FAILED",
    ] {
        assert!(
            grading.has("grading_copies_by_status", &[("status", status)]),
            "{status}"
        );
    }
    let worker = Scrape::of(system.workers.first().unwrap()).await;
    for bucket in ["1-10", "11-50", "51-100", "100+"] {
        let labels = [("status", "success"), ("pages_bucket", bucket)];
        assert!(worker.has("grading_import_duration_seconds", &labels), "{bucket}");
    }
}

/// What there is in all of what can be used up.
async fn bounds(system: &System) {
    let gateway = Scrape::of(system.gateway()).await;
    let worker = Scrape::of(system.workers.first().unwrap()).await;
    let shown = |scrape: &Scrape, series: &str| scrape.series.get(series).copied().unwrap_or_default();
    assert!(shown(&gateway, "http_upload_turns_limit") > 0.0);
    for lane in ["import", "finalize"] {
        let slots = format!("grading_job_slots{{lane=\"{lane}\"}}");
        assert!(shown(&worker, &slots) > 0.0, "{lane}");
    }
    for (scrape, volume) in [
        (&gateway, "blobs"),
        (&worker, "blobs"),
        (&gateway, "log"),
        (&worker, "log"),
    ] {
        let (free, size) = ["volume_free_bytes", "volume_size_bytes"]
            .map(|name| shown(scrape, &format!("{name}{{volume=\"{volume}\"}}")))
            .into();
        assert!(size > 0.0 && free <= size, "{volume}: {free} of {size}");
    }
}

#[tokio::test]
async fn every_service_answers_its_admin_listener() {
    let system = System::start().await;
    for (name, service, _) in services(&system) {
        for path in ["livez", "readyz", "startupz"] {
            let answer = reqwest::get(format!("{}/{path}", service.admin())).await.unwrap();
            assert_eq!(answer.status(), 200, "{name} {path}");
        }
    }
    let health = reqwest::get(format!("{}/api/health", system.gateway().url()))
        .await
        .unwrap();
    assert_eq!(health.status(), 200);
}

#[tokio::test]
async fn gauges_and_counters_add_up_to_what_the_database_has() {
    let system = System::start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    for number in 0..3 {
        let key = format!("counted-upload-{number}");
        let upload = Upload::new(&exam, corpus::scan(1, 500 + number), &key);
        teacher.upload(upload).await.expect(202);
    }
    system.settle().await;
    let agree = |scrape: &Scrape, metric: &str, query: &str| {
        let (shown, stored) = (scrape.sum(metric), system.count(query));
        // Both are small numbers.
        if format!("{shown}") == stored.to_string() {
            Ok(())
        } else {
            Err(format!("{metric} {shown} {stored}"))
        }
    };
    eventually("the gauges to be refreshed", async || {
        let grading = Scrape::of(&system.grading).await;
        agree(
            &grading,
            "grading_copies_by_status",
            "SELECT count(*) FROM grading.copies",
        )?;
        agree(
            &grading,
            "grading_events_created_total",
            "SELECT count(*) FROM grading.grading_events",
        )?;
        if grading.has("grading_copy_oldest_in_status_seconds", &[("status", "STAGING")])
            && grading.sum("grading_copy_oldest_in_status_seconds") > 0.0
        {
            Ok(())
        } else {
            Err("no copy waits".to_owned())
        }
    })
    .await;
    let worker = Scrape::of(system.workers.first().unwrap()).await;
    for stage in ["pdf.fetch", "pdf.rasterize", "store.put"] {
        let series = format!("pdf_stage_duration_seconds_count{{stage=\"{stage}\"}}");
        assert_eq!(worker.series.get(&series), Some(&3.0), "{stage}");
    }
    assert!(worker.sum("rpc_client_calls_total") > 0.0);
}

#[tokio::test]
async fn a_scrape_asks_neither_database_nor_broker_nor_collector() {
    let builder = System::builder().own_database().own_broker();
    let nobody = builder.setting("KORRIGO_OTLP_ENDPOINT", "http://127.0.0.1:9");
    let mut system = nobody.start().await;
    let refreshed = "grading_copies_by_status_updated_timestamp_seconds";
    eventually("a first count", async || {
        let grading = Scrape::of(&system.grading).await;
        if grading.sum(refreshed) > 0.0 {
            Ok(())
        } else {
            Err(())
        }
    })
    .await;
    system.postgres.as_mut().unwrap().stop().unwrap();
    system.rabbitmq.as_mut().unwrap().stop().unwrap();
    let before = Scrape::of(&system.grading).await.sum(refreshed);
    for (name, service, _) in services(&system) {
        assert!(Scrape::of(service).await.series.len() > 100, "{name}");
    }
    // Nothing is refreshed, and the gauge does not pretend that it was.
    eventually("the outage to be noticed", async || {
        let grading = Scrape::of(&system.grading).await;
        let database = grading.series.get("service_ready{check=\"database\"}").copied();
        if database == Some(0.0) {
            Ok(())
        } else {
            Err(database)
        }
    })
    .await;
    let after = Scrape::of(&system.grading).await.sum(refreshed);
    assert!((after - before).abs() < f64::EPSILON, "{before} {after}");
    system.postgres.as_mut().unwrap().restart().unwrap();
    system.rabbitmq.as_mut().unwrap().restart().unwrap();
    eventually("a count after the outage", async || {
        let grading = Scrape::of(&system.grading).await;
        if grading.sum(refreshed) > after {
            Ok(())
        } else {
            Err(())
        }
    })
    .await;
}
