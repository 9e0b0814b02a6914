//! How each fault is done, and undone: what a person does with their hands before the commands of *Actions* help.
//!
//! What somebody who rules the database did is undone by nobody's hand: there is a backup of before, and the commands bring it back.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;
use std::time::{Duration, Instant};

use blobs::object_name;
use domain::Digest;
use reqwest::Method;
use serde_json::json;

use crate::Failure;
use crate::drill::bench::Bench;
use crate::drill::fault::{Fault, Harm, Holder};
use crate::drill::shell::Access;
use crate::drill::wait::{MOMENT, until};
use crate::stack::{Error, Postgres, RabbitMq, Server};

const DATABASE: &str = "korrigo";
/// It begins like a document and is none.
const BROKEN: &[u8] = b"%PDF-1.7\nnothing of it came out of the scanner\n";
/// More than any disk has.
const SHORT: &str = "100000GB";
/// What the stack's broker is started with.
const ENOUGH: &str = "100MB";
/// As somebody who can turn the rules of the database off.
const UNRULED: &str = "SET session_replication_role = replica;";
/// Whether the last checkpoint vouches for every event.
const VOUCHED: &str =
    "SELECT size = (SELECT count(*) FROM grading.grading_events) FROM grading.audit_vouched";
/// How long it may take until one does.
const VOUCHING_LIMIT: Duration = Duration::from_mins(1);
/// All services, as systemd knows them.
const UNITS: [&str; 3] = ["korrigo-gateway", "korrigo-grading", "korrigo-pdf-worker"];
/// What takes backups on a machine, and not in a drill.
const OF_BACKUPS: [&str; 2] = ["korrigo-backup.timer", "korrigo-backup.service"];

impl Bench {
    /// Does it.
    pub(super) async fn inject(&mut self, fault: Fault) -> Result<Harm, Failure> {
        match fault {
            Fault::BrokenScan => {
                let copy = self.uploaded(BROKEN.to_vec()).await?;
                Ok(on(copy))
            }
            Fault::WorkerDown => {
                self.services.worker.kill();
                self.upload_more().await
            }
            Fault::WorkerHangs => {
                self.services.worker.freeze();
                self.upload_more().await
            }
            Fault::SourceGone => self.take_source_away().await,
            Fault::LockKept => {
                let copy = self.ready().await?;
                self.taken(&copy).await?;
                Ok(on(copy))
            }
            Fault::TransactionsBlocked => self.keep_a_transaction_open().await,
            Fault::ChangeWithoutEvent => {
                self.alter("UPDATE grading.copies SET status = 'STAGING' WHERE id =")
                    .await
            }
            Fault::EventAltered => {
                self.alter(
                    "UPDATE grading.grading_events SET actor_kind = 'service' WHERE action = 'VALIDATE' AND copy_id =",
                )
                .await
            }
            Fault::BrokerFull => {
                self.rabbitmq()?.ctl(&["set_disk_free_limit", SHORT])?;
                self.upload_more().await
            }
            Fault::BrokerDown => {
                self.servers.rabbitmq.as_mut().map_or(Ok(()), RabbitMq::stop)?;
                self.upload_more().await
            }
            Fault::DatabaseDown => {
                let copy = self.ready().await?;
                self.servers.postgres.as_mut().map_or(Ok(()), Postgres::stop)?;
                Ok(on(copy))
            }
            Fault::VolumeFull => {
                let copy = self.ready().await?;
                self.volume.fill()?;
                Ok(on(copy))
            }
        }
    }

    /// Undoes what no command of *Actions* can: room is made, a file comes back.
    pub(super) fn mend(&self, fault: Fault, harm: &Harm) -> Result<(), Failure> {
        match fault {
            Fault::SourceGone => {
                if let Some((away, path)) = &harm.moved {
                    fs::rename(away, path).map_err(Error::file(path))?;
                }
            }
            Fault::BrokerFull => self.rabbitmq()?.ctl(&["set_disk_free_limit", ENOUGH])?,
            Fault::VolumeFull => self.volume.clear()?,
            Fault::BrokenScan
            | Fault::WorkerDown
            | Fault::WorkerHangs
            | Fault::LockKept
            | Fault::TransactionsBlocked
            | Fault::ChangeWithoutEvent
            | Fault::EventAltered
            | Fault::BrokerDown
            | Fault::DatabaseDown => {}
        }
        Ok(())
    }

    /// A new copy, whose import somebody waits for.
    async fn upload_more(&mut self) -> Result<Harm, Failure> {
        let scan = self.scan()?;
        Ok(on(self.uploaded(scan).await?))
    }

    async fn take_source_away(&mut self) -> Result<Harm, Failure> {
        let scan = self.scan()?;
        let source = self.home.path("blobs").join(object_name(&Digest::of(&scan)));
        let copy = self.ready_of(scan).await?;
        let token = self.taken(&copy).await?;
        let away = source.with_extension("away");
        fs::rename(&source, &away).map_err(Error::file(&source))?;
        let headers = [
            ("X-Lock-Token", token.as_str()),
            ("Idempotency-Key", "drill-finalize"),
        ];
        let path = format!("/copies/{copy}/finalize");
        let finalized = self
            .teacher
            .write(Method::POST, &path, &headers, &json!({}))
            .await?;
        finalized.made("finalizing")?;
        Ok(Harm {
            moved: Some((away, source)),
            ..on(copy)
        })
    }

    /// Somebody opens a transaction by hand and forgets it, while a teacher wants to work.
    async fn keep_a_transaction_open(&mut self) -> Result<Harm, Failure> {
        let copy = self.ready().await?;
        let mut command = self.postgres()?.console(DATABASE);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let failed = |source| Error::Run {
            program: "psql".to_owned(),
            source,
        };
        let mut holder = Holder(command.spawn().map_err(failed)?);
        let words = "BEGIN; LOCK TABLE grading.copies IN ACCESS EXCLUSIVE MODE; SELECT pg_backend_pid();\n";
        let mut blocker = String::new();
        if let (Some(input), Some(output)) = (&mut holder.0.stdin, &mut holder.0.stdout) {
            input.write_all(words.as_bytes()).map_err(failed)?;
            BufReader::new(output).read_line(&mut blocker).map_err(failed)?;
        }
        let mut harm = Harm {
            blocker: blocker.trim().to_owned(),
            _holder: Some(holder),
            ..on(copy.clone())
        };
        let (teacher, path) = (self.teacher.clone(), format!("/copies/{copy}/lock"));
        harm.people.spawn(async move {
            // Whoever gets no answer tries again, until they get one.
            while !matches!(teacher.post(&path, &json!({})).await, Ok(answer) if answer.status.is_success()) {
            }
        });
        Ok(harm)
    }

    /// Alters what the database guards of a copy, as somebody does who rules it. The copy is in the last backup.
    async fn alter(&mut self, change: &str) -> Result<Harm, Failure> {
        let harm = on(self.ready().await?);
        self.back_up(&harm).await?;
        let change = format!("{UNRULED} {change} '{}'", harm.copy);
        self.postgres()?.psql(DATABASE, &change)?;
        Ok(harm)
    }

    /// Takes a backup as every night: of what a checkpoint has vouched for.
    async fn back_up(&mut self, harm: &Harm) -> Result<(), Failure> {
        until(Instant::now() + VOUCHING_LIMIT, MOMENT, async || {
            let late = || Failure::new("no checkpoint vouches for all events", "read grading's log");
            Ok((self.postgres()?.psql(DATABASE, VOUCHED)? != "t").then(late))
        })
        .await?;
        let taken = self
            .run_line("korrigo backup take \"$BACKUP\"", Access::Act, harm)
            .await?;
        if taken.code == 0 {
            Ok(())
        } else {
            Err(Failure::new(taken.printed, "`korrigo backup take --help`"))
        }
    }
}

impl Bench {
    /// What `systemctl` does on the machines of the playbook.
    pub(super) async fn systemctl(&mut self, words: &[&str]) -> Result<(), Failure> {
        match words {
            ["stop", units @ ..] if units.iter().all(|unit| is_known(unit)) => {
                for unit in units.iter().filter(|unit| UNITS.contains(unit)) {
                    self.services.stop(unit.trim_start_matches("korrigo-")).await;
                }
                Ok(())
            }
            ["start", units @ ..] if UNITS.iter().all(|unit| units.contains(unit)) => {
                self.start_services().await
            }
            ["start" | "restart", "korrigo-pdf-worker"] => {
                self.services.restart_worker(&self.home, &self.addresses).await
            }
            ["start" | "restart", "postgresql"] => {
                let server = self.servers.postgres.as_mut();
                let server = server.ok_or(Error::Missing {
                    server: Server::PostgreSql,
                });
                Ok(server?.restart()?)
            }
            ["start" | "restart", "rabbitmq-server"] => {
                let server = self.servers.rabbitmq.as_mut();
                let server = server.ok_or(Error::Missing {
                    server: Server::RabbitMq,
                });
                Ok(server?.restart()?)
            }
            _ => Err(Failure::new(
                format!("the drill does not know: systemctl {}", words.join(" ")),
                "teach it in crates/korrigo/src/drill/faults.rs",
            )),
        }
    }
}

fn is_known(unit: &str) -> bool {
    UNITS.contains(&unit) || OF_BACKUPS.contains(&unit)
}

fn on(copy: String) -> Harm {
    Harm {
        copy,
        ..Harm::default()
    }
}
