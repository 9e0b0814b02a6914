//! The bounded queue of a sink and the thread that empties it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::time::{Duration, Instant};

use super::json::Identity;
use super::record::{Logger, Record};
use super::sink::Sink;
use super::writer::Writer;
use crate::error::Error;
use crate::event::Event as _;
use crate::events::LinesDropped;
use crate::metrics;
use crate::place::Place;

#[derive(Debug)]
pub(super) struct Queue {
    sender: SyncSender<Message>,
    losses: Arc<Losses>,
}

#[derive(Debug)]
enum Message {
    Line(Arc<Record>),
    Flush(SyncSender<()>),
}

/// Lines that a sink lost and has not told of.
#[derive(Debug)]
struct Losses {
    sink: Sink,
    untold: AtomicU64,
}

impl Losses {
    fn add(&self, count: u64) {
        self.untold.fetch_add(count, Ordering::Relaxed);
        metrics::lines_dropped(self.sink, count);
    }
}

impl Queue {
    /// Starts the thread that writes with `writer`.
    pub(super) fn start(writer: Writer, identity: Identity) -> Result<Self, Error> {
        let (sender, receiver) = mpsc::sync_channel(writer.capacity());
        let losses = Arc::new(Losses {
            sink: writer.sink(),
            untold: AtomicU64::new(0),
        });
        let told = Arc::clone(&losses);
        std::thread::Builder::new()
            .name(format!("log-{}", writer.sink()))
            .spawn(move || empty(&receiver, writer, &identity, &told))
            .map_err(Error::LogThread)?;
        Ok(Self { sender, losses })
    }

    /// Puts a line into the queue, or loses it if the queue is full.
    pub(super) fn offer(&self, record: &Arc<Record>) {
        if self.sender.try_send(Message::Line(Arc::clone(record))).is_err() {
            self.losses.add(1);
        }
    }

    /// Waits until what is in the queue is written.
    pub(super) fn flush(&self, deadline: Instant) {
        let (done, written) = mpsc::sync_channel(1);
        let mut message = Message::Flush(done);
        loop {
            match self.sender.try_send(message) {
                Ok(()) => break,
                Err(TrySendError::Full(again)) if Instant::now() < deadline => {
                    message = again;
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => return,
            }
        }
        let left = deadline.saturating_duration_since(Instant::now());
        _ = written.recv_timeout(left);
    }
}

fn empty(receiver: &Receiver<Message>, mut writer: Writer, identity: &Identity, losses: &Losses) {
    for message in receiver {
        match message {
            Message::Line(record) => {
                tell(losses, &mut writer, identity);
                if writer.write(&record, identity).is_err() {
                    losses.add(1);
                }
            }
            Message::Flush(done) => {
                tell(losses, &mut writer, identity);
                _ = done.send(());
            }
        }
    }
}

/// Says how many lines are missing at this point.
fn tell(losses: &Losses, writer: &mut Writer, identity: &Identity) {
    let lines = losses.untold.swap(0, Ordering::Relaxed);
    if lines > 0 {
        let place = Place::of(std::panic::Location::caller());
        let values = LinesDropped { lines }.values();
        let record = Record::event(LinesDropped::DESCRIPTOR, values, Logger::Own(place), 0);
        if writer.write(&record, identity).is_err() {
            losses.untold.fetch_add(lines, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::ServiceStarting;
    use crate::log::lines::Lines;

    const CAPACITY: usize = 16_384;

    fn identity() -> Identity {
        Identity {
            service: "grading",
            version: "1",
            instance: "grading-1".to_owned(),
            environment: "test".to_owned(),
        }
    }

    fn record() -> Arc<Record> {
        let place = Place::of(std::panic::Location::caller());
        let values = ServiceStarting {}.values();
        Arc::new(Record::event(
            ServiceStarting::DESCRIPTOR,
            values,
            Logger::Own(place),
            0,
        ))
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    #[test]
    fn a_sink_that_is_stuck_holds_nobody_up_and_tells_later_what_it_lost() {
        let lines = Lines::new();
        let queue = Queue::start(Writer::Memory(lines.clone()), identity()).unwrap();
        lines.while_stuck(|| {
            // One line may be in the hands of the thread.
            for _ in 0..CAPACITY + 101 {
                queue.offer(&record());
            }
        });
        queue.flush(soon());
        let told: Vec<serde_json::Value> = lines
            .with("log.lines_dropped")
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let lost: u64 = told.iter().map(|line| line["lines"].as_u64().unwrap()).sum();
        assert!((100..=101).contains(&lost), "{lost}");
        let written = u64::try_from(lines.with("service.starting").len()).unwrap();
        assert_eq!(written + lost, u64::try_from(CAPACITY).unwrap() + 101);
    }

    #[test]
    fn a_flush_of_a_stuck_sink_gives_up() {
        let lines = Lines::new();
        let queue = Queue::start(Writer::Memory(lines.clone()), identity()).unwrap();
        lines.while_stuck(|| {
            queue.offer(&record());
            queue.flush(Instant::now() + Duration::from_millis(20));
        });
        queue.flush(soon());
        assert_eq!(lines.all().len(), 1);
    }

    #[test]
    fn a_file_on_a_full_disk_loses_lines_and_counts_them() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("grading.log");
        std::os::unix::fs::symlink("/dev/full", &path).unwrap();
        let writer = Writer::service(directory.path(), crate::ServiceName::Grading).unwrap();
        let queue = Queue::start(writer, identity()).unwrap();
        queue.offer(&record());
        queue.flush(soon());
        assert_eq!(queue.losses.untold.load(Ordering::Relaxed), 1);
    }
}
