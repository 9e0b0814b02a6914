//! What the database says by itself: that messages wait to be published, and that a job changed.
//!
//! It says so at once, but not for sure: whoever listens also looks by themselves from time to time.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use diesel::PgConnection;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use domain::JobId;
use telemetry::events::{DatabaseListenerLost, DatabaseListenerRestored};
use tokio::sync::{broadcast, watch};

use crate::database::Database;

/// How often the connection is asked for what has come.
const TICK: Duration = Duration::from_millis(50);
/// After how long without a word the connection is tried.
const SILENCE: Duration = Duration::from_secs(10);
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How many changes a slow listener may be behind before it is told that it missed some.
const BACKLOG: usize = 1_024;

/// A change of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobChanged {
    /// This job changed.
    Job(JobId),
    /// The connection was interrupted; any job may have changed.
    Any,
}

/// Where to listen. The connection behind it ends with the last clone.
#[derive(Debug, Clone)]
pub struct Notifications(Arc<Channels>);

#[derive(Debug)]
struct Channels {
    outbox: watch::Sender<()>,
    jobs: broadcast::Sender<JobChanged>,
}

impl Notifications {
    /// Changes whenever messages may wait to be published.
    #[must_use]
    pub fn outbox(&self) -> watch::Receiver<()> {
        self.0.outbox.subscribe()
    }

    /// Changes of jobs.
    #[must_use]
    pub fn jobs(&self) -> broadcast::Receiver<JobChanged> {
        self.0.jobs.subscribe()
    }
}

impl Database {
    /// Listens on a connection and a thread of its own, and connects again for ever.
    #[must_use]
    pub fn listen(&self) -> Notifications {
        let channels = Arc::new(Channels {
            outbox: watch::Sender::new(()),
            jobs: broadcast::Sender::new(BACKLOG),
        });
        let listener = Listener {
            url: self.config().bounded_url(),
            channels: Arc::downgrade(&channels),
        };
        std::thread::spawn(move || listener.run());
        Notifications(channels)
    }
}

struct Listener {
    url: String,
    channels: Weak<Channels>,
}

/// Why the listener stops to pass on.
enum Stop {
    Unheard,
    Lost,
}

impl Listener {
    fn run(&self) {
        let mut pause = SHORTEST_PAUSE;
        let mut lost = false;
        while self.channels.strong_count() > 0 {
            if let Ok(mut connection) = self.subscribe() {
                if std::mem::take(&mut lost) {
                    telemetry::log(DatabaseListenerRestored {});
                }
                pause = SHORTEST_PAUSE;
                match self.pass_on(&mut connection) {
                    Stop::Unheard => return,
                    Stop::Lost => {}
                }
            }
            if !std::mem::replace(&mut lost, true) {
                telemetry::log(DatabaseListenerLost {});
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn subscribe(&self) -> ConnectionResult<PgConnection> {
        let mut connection = PgConnection::establish(&self.url)?;
        connection
            .batch_execute("LISTEN korrigo_outbox; LISTEN korrigo_jobs")
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(connection)
    }

    fn pass_on(&self, connection: &mut PgConnection) -> Stop {
        // Whatever was said while nobody listened is lost.
        if let Some(channels) = self.channels.upgrade() {
            channels.say_outbox();
            channels.say_job(JobChanged::Any);
        }
        let mut heard_at = Instant::now();
        loop {
            let Some(channels) = self.channels.upgrade() else {
                return Stop::Unheard;
            };
            // Reads what has arrived, and does not wait for more.
            for notification in connection.notifications_iter() {
                let Ok(notification) = notification else {
                    return Stop::Lost;
                };
                heard_at = Instant::now();
                channels.pass_on(&notification.channel, &notification.payload);
            }
            drop(channels);
            if heard_at.elapsed() > SILENCE {
                if connection.batch_execute("SELECT 1").is_err() {
                    return Stop::Lost;
                }
                heard_at = Instant::now();
            }
            std::thread::sleep(TICK);
        }
    }
}

impl Channels {
    fn pass_on(&self, channel: &str, payload: &str) {
        match (channel, payload.parse()) {
            ("korrigo_outbox", _) => self.say_outbox(),
            ("korrigo_jobs", Ok(job)) => self.say_job(JobChanged::Job(job)),
            _ => {}
        }
    }

    fn say_outbox(&self) {
        self.outbox.send_replace(());
    }

    fn say_job(&self, changed: JobChanged) {
        // Nobody listening is no fault.
        let _listeners = self.jobs.send(changed);
    }
}
