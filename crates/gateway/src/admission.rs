//! How many requests of each kind a gateway answers at a time. What comes beyond that is refused at once, with the time
//! after which to come again: it costs next to nothing, and those who were let in are answered as quickly as ever.
//!
//! Each kind has room of its own, so that a heap of scans or a morning on which everybody logs in takes none from who
//! corrects. What the gateway answers by itself (its health, its metrics, its documents) is never refused.

use std::sync::Arc;

use contracts::Code;
use telemetry::http::Method;
use telemetry::metrics::{self, Budget};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::endpoint::{Endpoint, Gives, Takes, Who};

/// Of so many requests at a time, one may check a password, which takes grading a good part of a second.
const REQUESTS_PER_LOGIN: usize = 8;
/// For one upload that is received, one more may wait for its turn.
const UPLOADS_PER_TURN: usize = 2;

/// The room for each kind.
#[derive(Debug)]
pub(crate) struct Admission {
    desk: Room,
    login: Room,
    upload: Room,
    stream: Room,
    download: Room,
}

/// How many of each kind there may be at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places {
    pub(crate) requests: usize,
    /// Uploads that are received; as many more may wait.
    pub(crate) uploads: usize,
    pub(crate) streams: usize,
    pub(crate) downloads: usize,
}

#[derive(Debug)]
struct Room {
    budget: Budget,
    places: Arc<Semaphore>,
}

/// A request that was let in, until this is dropped.
#[derive(Debug)]
pub(crate) struct Admitted {
    _place: OwnedSemaphorePermit,
}

impl Admission {
    /// Room for so many.
    pub(crate) fn new(places: Places) -> Self {
        let Places {
            requests,
            uploads,
            streams,
            downloads,
        } = places;
        Self {
            desk: Room::new(Budget::Desk, requests),
            login: Room::new(Budget::Login, requests.div_ceil(REQUESTS_PER_LOGIN)),
            upload: Room::new(Budget::Upload, uploads.saturating_mul(UPLOADS_PER_TURN)),
            stream: Room::new(Budget::Stream, streams),
            download: Room::new(Budget::Download, downloads),
        }
    }

    /// Lets a request to this endpoint in; `None` for one that takes no room, or that lasts longer than its answer's
    /// head and takes it by itself.
    pub(crate) fn admit(&self, endpoint: &Endpoint) -> Result<Option<Admitted>, Code> {
        let room = match (endpoint.who, endpoint.takes, endpoint.gives) {
            (_, _, Gives::Events | Gives::Metrics) => return Ok(None),
            (_, Takes::Form | Takes::Csv, _) => &self.upload,
            (_, _, _) if checks_password(endpoint) => &self.login,
            (Who::LoggedIn, _, _) => &self.desk,
            (Who::Anyone, _, _) => return Ok(None),
        };
        room.enter().map(Some)
    }

    /// Lets the file in that the endpoint gives, if it gives one, until it has been read to its end: an answer takes memory
    /// and an open blob for as long as somebody reads it, which is longer than who asked for it is worked for.
    pub(crate) fn download(&self, endpoint: &Endpoint) -> Result<Option<Admitted>, Code> {
        let file = endpoint.gives.is_file();
        file.then(|| self.download.enter()).transpose()
    }

    /// Lets a stream in.
    pub(crate) fn stream(&self) -> Result<Admitted, Code> {
        self.stream.enter()
    }
}

fn checks_password(endpoint: &Endpoint) -> bool {
    endpoint.method == Method::Post && endpoint.path.starts_with("/api/v1/session")
}

impl Room {
    fn new(budget: Budget, places: usize) -> Self {
        metrics::budget(budget, places);
        Self {
            budget,
            places: Arc::new(Semaphore::new(places)),
        }
    }

    fn enter(&self) -> Result<Admitted, Code> {
        match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => Ok(Admitted { _place: place }),
            Err(_full) => {
                metrics::request_shed(self.budget);
                Err(Code::Unavailable)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::ENDPOINTS;

    /// So many of each kind.
    fn admission(places: usize) -> Admission {
        Admission::new(Places {
            requests: places,
            uploads: places,
            streams: places,
            downloads: places,
        })
    }

    fn endpoint(method: Method, path: &str) -> &'static Endpoint {
        let mut endpoints = ENDPOINTS.iter();
        endpoints
            .find(|endpoint| endpoint.method == method && endpoint.path == path)
            .unwrap()
    }

    #[test]
    fn a_kind_that_has_no_room_left_takes_none_from_another() {
        let admission = admission(1);
        let read = endpoint(Method::Get, "/api/v1/copies/{id}");
        let kinds = [
            read,
            endpoint(Method::Post, "/api/v1/session"),
            endpoint(Method::Post, "/api/v1/exams/{id}/copies"),
        ];
        let _let_in: Vec<_> = kinds
            .iter()
            .map(|kind| admission.admit(kind).unwrap().unwrap())
            .collect();
        assert_eq!(admission.admit(read).unwrap_err(), Code::Unavailable);
        let _stream = admission.stream().unwrap();
        assert_eq!(admission.stream().unwrap_err(), Code::Unavailable);
        let image = endpoint(Method::Get, "/api/v1/copies/{id}/pages/{index}");
        let _file = admission.download(image).unwrap().unwrap();
        assert_eq!(admission.download(image).unwrap_err(), Code::Unavailable);
        assert!(admission.download(read).unwrap().is_none());
    }

    #[test]
    fn what_the_gateway_answers_by_itself_is_never_refused() {
        let admission = admission(0);
        let own = |endpoint: &&Endpoint| endpoint.who == Who::Anyone || endpoint.path == "/metrics";
        for endpoint in ENDPOINTS.iter().filter(own) {
            let admitted = admission.admit(endpoint);
            assert_eq!(admitted.is_err(), checks_password(endpoint), "{}", endpoint.path);
        }
    }
}
