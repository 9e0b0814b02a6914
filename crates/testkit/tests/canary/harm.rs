//! Harm that somebody or something does: to blobs, to jobs, to the trail, to locks, to processes that start or end.

use std::fs;
use std::time::{Duration, SystemTime};

use blobs::object_name;
use reqwest::Method;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use testkit::{System, children, corpus, eventually};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};

use crate::driver::{Driver, json};
use crate::faults::events;
use crate::kinds::{ANNOTATION, AUTHOR, EMAIL, NAME};
use crate::work::{Office, held, key, talkative, uploading};

impl Driver {
    pub(crate) async fn endure(&mut self, system: &mut System, office: &Office) {
        violations(system);
        self.lapsed_lock(system, office).await;
        self.altered_blob(system, office).await;
        self.no_store(system, office).await;
        forgotten_blob(system).await;
        self.no_queue(system, office).await;
        self.full_broker(system, office).await;
        self.late_worker(system, office).await;
        self.called_off(system, office).await;
        self.lost_files(system, office).await;
        self.crashing_children(system, office).await;
        altered_trail(system).await;
        self.no_key(system, office).await;
        unknown_schema(system).await;
        self.impatient_operator(system, office).await;
    }

    /// A corrector who does not come back.
    async fn lapsed_lock(&mut self, system: &System, office: &Office) {
        let (copy, _) = self
            .uploaded(system, &office.teacher, &office.exam, talkative(30))
            .await;
        self.desk(system, office, &copy).await;
        system.database.run(&format!(
            "UPDATE grading.locks SET expires_at = now() - interval '1 second' WHERE copy_id = '{copy}'"
        ));
        system.logged("lock.lapsed").await;
    }

    /// A copy that is validated and locked.
    async fn desk(&mut self, system: &System, office: &Office, copy: &str) -> String {
        let path = format!("/copies/{copy}");
        let validate = office.teacher.request(Method::POST, &format!("{path}/validate"));
        self.send(system, validate).await.expect(200);
        let take = json(&office.teacher, Method::POST, &format!("{path}/lock"), &json!({}));
        let lock = self.send(system, take).await.expect(201).text("/token");
        self.secret("lock", lock)
    }

    /// A document that is another one when it is needed again.
    async fn altered_blob(&mut self, system: &System, office: &Office) {
        let (copy, _) = self
            .uploaded(system, &office.teacher, &office.exam, talkative(31))
            .await;
        let lock = self.desk(system, office, &copy).await;
        let source = domain::Digest::of(&talkative(31)).to_string();
        fs::write(system.blob(&source).unwrap(), talkative(32)).unwrap();
        let finalize = held(
            &office.teacher,
            Method::POST,
            &format!("/copies/{copy}/finalize"),
            &lock,
        );
        self.send(system, finalize.header("Idempotency-Key", key()))
            .await
            .expect(202);
        eventually("the last attempt", async || {
            system.database.hurry();
            let failed = "SELECT count(*) FROM grading.copies WHERE status = 'GRADING_FAILED' AND id = ";
            match system.count(&format!("{failed}'{copy}'")) {
                1 => Ok(()),
                other => Err(other),
            }
        })
        .await;
        system.logged("blob.corrupt").await;
    }

    /// The store is not what it was: a file lies in its place.
    async fn no_store(&mut self, system: &System, office: &Office) {
        let away = system.path("blobs that are away");
        fs::rename(system.blobs(), &away).unwrap();
        fs::write(system.blobs(), AUTHOR).unwrap();
        let uploads = format!("/exams/{}/copies", office.exam);
        let upload = uploading(&office.teacher, &uploads, talkative(33));
        self.send(system, upload).await.expect(503);
        system.logged("blob.store_unavailable").await;
        system.logged("blob.sweep_failed").await;
        fs::remove_file(system.blobs()).unwrap();
        fs::rename(&away, system.blobs()).unwrap();
    }

    /// A message that comes when its queue is gone.
    async fn no_queue(&mut self, system: &mut System, office: &Office) {
        system.broker.delete_queue("korrigo.pdf.finalize").await;
        system.logged("broker.consumer_cancelled").await;
        system.worker().kill();
        system.worker().ended();
        system.broker.delete_queue("korrigo.pdf.import").await;
        let uploads = format!("/exams/{}/copies", office.exam);
        let upload = uploading(&office.teacher, &uploads, talkative(34));
        self.send(system, upload).await.expect(202);
        system.logged("outbox.returned").await;
        system.worker().restart().await;
        system.settle_in_a_hurry().await;
    }

    /// A broker that takes no messages, since there is no room for them.
    async fn full_broker(&mut self, system: &System, office: &Office) {
        let keep_free = |room| {
            let broker = system.rabbitmq.as_ref().unwrap();
            broker.ctl(&["set_disk_free_limit", room]).unwrap();
        };
        keep_free("1000000GB");
        let uploads = format!("/exams/{}/copies", office.exam);
        let upload = uploading(&office.teacher, &uploads, talkative(37));
        self.send(system, upload).await.expect(202);
        system.logged("broker.blocked").await;
        keep_free("1MB");
        system.logged("broker.unblocked").await;
        system.settle_in_a_hurry().await;
    }

    /// An import that is called off while no worker takes it, and what operators make of that and of dead letters.
    async fn called_off(&mut self, system: &mut System, office: &Office) {
        system.worker().kill();
        system.worker().ended();
        let uploads = format!("/exams/{}/copies", office.exam);
        let upload = uploading(&office.teacher, &uploads, talkative(36));
        let job = self.send(system, upload).await.expect(202).text("/job/id");
        let cancel = office
            .teacher
            .request(Method::POST, &format!("/jobs/{job}/cancel"));
        self.send(system, cancel).await.expect(202);
        let letter = contracts::jobs::encode(job.parse().unwrap());
        let kind = contracts::jobs::JOB_MESSAGE_V1;
        system
            .broker
            .publish("korrigo.pdf.import.dead", kind, letter)
            .await;
        let listed = self.operate(system, &["dead-letters", "list", "--json"]);
        let letters: Vec<Value> = serde_json::from_slice(&listed.stdout).unwrap();
        let ours = letters.iter().find(|letter| letter["job"] == job.as_str());
        let ours = ours.unwrap()["letter"].as_str().unwrap();
        for words in [["jobs", "retry", &job], ["dead-letters", "discard", ours]] {
            let operator = ["--operator", system.admin_login()];
            let done = self.operate(system, &[&words[..], &operator].concat());
            assert!(done.status.success(), "{done:?}");
        }
        system.worker().restart().await;
        system.settle_in_a_hurry().await;
    }

    /// A scan that is to be taken apart, and an image that is to be read, when both are gone.
    async fn lost_files(&mut self, system: &mut System, office: &Office) {
        let (copy, _) = self
            .uploaded(system, &office.teacher, &office.exam, talkative(38))
            .await;
        system.worker().kill();
        system.worker().ended();
        let order = format!("/copies/{copy}/identity/suggestions");
        let order = office.admin.request(Method::POST, &order);
        self.send(system, order).await.expect(202);
        let batches = format!("/exams/{}/batches", office.exam);
        let scan = uploading(&office.teacher, &batches, talkative(39));
        self.send(system, scan).await.expect(202);
        let scan = domain::Digest::of(&talkative(39)).to_string();
        fs::remove_file(system.blob(&scan).unwrap()).unwrap();
        let image = format!(
            "SELECT encode(identity_digest, 'hex') FROM grading.pages WHERE copy_id = '{copy}' AND index = 0"
        );
        let image = system.blob(&system.database.texts(&image).concat()).unwrap();
        // Other copies have the same one.
        let away = system.path("an image that is away");
        fs::rename(&image, &away).unwrap();
        system.worker().restart().await;
        system.settle_in_a_hurry().await;
        fs::rename(&away, &image).unwrap();
    }

    /// A worker that falls asleep over a document, and wakes up when the job is another's.
    async fn late_worker(&mut self, system: &mut System, office: &Office) {
        let uploads = format!("/exams/{}/copies", office.exam);
        let upload = uploading(&office.teacher, &uploads, corpus::scan(16, 35));
        let accepted = self.send(system, upload).await.expect(202);
        let job = accepted.text("/job/id");
        self.begun(system).await;
        system.worker().signal(Signal::STOP);
        eventually("the lease to end", async || {
            let queued = "SELECT count(*) FROM grading.jobs WHERE state = 'QUEUED' AND id = ";
            match system.count(&format!("{queued}'{job}'")) {
                1 => Ok(()),
                other => Err(other),
            }
        })
        .await;
        system.worker().signal(Signal::CONT);
        system.logged("job.lease_lost").await;
        system.logged("job.report_late").await;
        system.settle_in_a_hurry().await;
    }

    /// Waits until a process works on a document.
    async fn begun(&mut self, system: &System) {
        eventually("the import to begin", async || {
            self.passing.look(system);
            match child_of_worker(system) {
                Some(_) => Ok(()),
                None => Err("no child"),
            }
        })
        .await;
    }

    /// A document that a worker does not get done with before it has to stop, and over which the next one loses process
    /// after process.
    async fn crashing_children(&mut self, system: &mut System, office: &Office) {
        let mut document = corpus::endless();
        document.extend(format!("\n%% {AUTHOR}\n").into_bytes());
        let uploads = format!("/exams/{}/copies", office.exam);
        let upload = uploading(&office.teacher, &uploads, document);
        self.send(system, upload).await.expect(202);
        self.begun(system).await;
        system.worker().end().await;
        system.logged("job.handed_back").await;
        system.worker().restart().await;
        let event = "import.exhausted";
        eventually(event, async || {
            self.passing.look(system);
            system.database.hurry();
            if let Some(child) = child_of_worker(system) {
                // It may just have ended by itself.
                let _gone = kill_process(child, Signal::KILL);
            }
            if events(system, event) > 0 {
                Ok(())
            } else {
                Err("not yet")
            }
        })
        .await;
        system.settle_in_a_hurry().await;
    }

    /// The key that signs checkpoints is away.
    async fn no_key(&mut self, system: &System, office: &Office) {
        let away = system.path("a key that is away");
        fs::rename(system.audit_key(), &away).unwrap();
        let path = format!("/copies/{}/annotations/{}", office.copy, office.annotation);
        let seen = office
            .teacher
            .request(Method::GET, &format!("/copies/{}/annotations", office.copy));
        let seen = self.send(system, seen).await.expect(200).json();
        let version = seen["items"][0]["version"].to_string();
        let amend = held(&office.teacher, Method::PATCH, &path, &office.lock);
        let amend = amend.header("If-Match", format!("\"{version}\""));
        let amend = amend.json(&json!({"text": format!("{ANNOTATION}, sans clé")}));
        self.send(system, amend).await.expect(200);
        system.logged("audit.checkpoint_failed").await;
        fs::rename(&away, system.audit_key()).unwrap();
    }

    /// Somebody who does not wait for an upload that goes on.
    async fn impatient_operator(&mut self, system: &mut System, office: &Office) {
        let upload = self.half_sent(system, office).await;
        let before = events(system, "service.draining");
        let gateway = system.gateways.first_mut().unwrap();
        gateway.terminate();
        eventually("the gateway to drain", async || {
            match events(system, "service.draining") {
                more if more > before => Ok(()),
                other => Err(other),
            }
        })
        .await;
        let gateway = system.gateways.first_mut().unwrap();
        gateway.terminate();
        assert_eq!(gateway.ended().code(), Some(1));
        drop(upload);
        gateway.restart().await;
        system.logged("service.hard_stop").await;
    }
}

/// The service's own role writes what the tables refuse: twice, not at all, and what may not be.
fn violations(system: &System) {
    let mut connection = PgConnection::establish(&system.database.app_url()).unwrap();
    let columns = "INSERT INTO grading.users (id, login_normalized, login, display_name, role) VALUES";
    for values in [
        format!("(gen_random_uuid(), '{EMAIL}', '{EMAIL}', '{NAME}', 'TEACHER')"),
        format!("(gen_random_uuid(), NULL, '{EMAIL}', '{NAME}', 'TEACHER')"),
        format!("(gen_random_uuid(), 'other', '{EMAIL}', '{NAME}', '{NAME}')"),
    ] {
        let refused = connection.batch_execute(&format!("{columns} {values}"));
        // The words of the refusal are for who asked, and quote what was asked.
        assert!(refused.unwrap_err().to_string().contains("constraint"));
    }
}

/// Somebody who rules the database changes what was written, and tables beside it.
async fn altered_trail(system: &System) {
    let alter = |by: i32| {
        system.database.run(&format!(
            "SET session_replication_role = replica;
             UPDATE grading.grading_events SET copy_version = copy_version + {by} WHERE action = 'LOCK';
             UPDATE grading.copies SET ev_seq = ev_seq + {by} WHERE ev_seq > 0"
        ));
    };
    alter(1000);
    system.logged("audit.tampered").await;
    system.logged("audit.mismatch").await;
    alter(-1000);
}

/// A service that does not know the tables that it finds.
async fn unknown_schema(system: &mut System) {
    system.grading.kill();
    system.grading.ended();
    let oldest = system.count("SELECT oldest::bigint FROM grading.schema_support");
    support_from(system, 9999);
    system.grading.launch();
    assert_eq!(system.grading.ended().code(), Some(1));
    support_from(system, oldest);
    system.grading.restart().await;
    system.logged("database.schema_refused").await;
    system.logged("service.start_failed").await;
}

fn support_from(system: &System, oldest: i64) {
    let support = format!("UPDATE grading.schema_support SET oldest = '{oldest:04}'");
    system.database.run(&support);
}

/// A blob that nobody refers to, old enough to be swept.
async fn forgotten_blob(system: &System) {
    let bytes = AUTHOR.as_bytes();
    let digest = domain::Digest::of(bytes);
    let file = system.blobs().join(object_name(&digest));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, bytes).unwrap();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_hours(24);
    fs::File::options()
        .append(true)
        .open(&file)
        .unwrap()
        .set_modified(long_ago)
        .unwrap();
    system.logged("blob.swept").await;
    assert!(!file.exists());
}

/// A process that works on a document.
fn child_of_worker(system: &System) -> Option<Pid> {
    let worker = system.workers.first().unwrap();
    let child = children(worker.pid()).first().copied()?;
    Pid::from_raw(i32::try_from(child).unwrap())
}
