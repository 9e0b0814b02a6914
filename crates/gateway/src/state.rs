//! What every handler may use, made once at start.

use std::time::Duration;

use actix_web::{HttpRequest, web};
use blobs::Blobs;
use contracts::Code;
use domain::{Digest, Ids};
use service::Lifecycle;

use crate::admission::Admission;
use crate::bodies::Bodies;
use crate::cookie::Cookies;
use crate::csrf::Origins;
use crate::grading::Grading;
use crate::health::Health;
use crate::pace::Pace;
use crate::problem::Refused;
use crate::proxies::Proxies;
use crate::upload::Uploads;

/// The parts that answer requests.
pub(crate) struct State {
    pub(crate) grading: Grading,
    pub(crate) blobs: Blobs,
    pub(crate) uploads: Uploads,
    pub(crate) admission: Admission,
    pub(crate) bodies: Bodies,
    pub(crate) health: Health,
    pub(crate) ids: Ids,
    pub(crate) cookies: Cookies,
    pub(crate) origins: Origins,
    pub(crate) proxies: Proxies,
    pub(crate) timeouts: Timeouts,
    pub(crate) pace: Pace,
    /// Of the token that opens `/metrics`; none if only administrators may read it.
    pub(crate) metrics_token: Option<Digest>,
    pub(crate) trust_traceparent: bool,
    pub(crate) lifecycle: Lifecycle,
}

/// How long callers may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeouts {
    /// For a JSON body as a whole.
    pub(crate) body: Duration,
    /// Between two pieces of an upload.
    pub(crate) stall: Duration,
    /// For an upload as a whole.
    pub(crate) upload: Duration,
}

/// The state behind a request.
pub(crate) fn of(request: &HttpRequest) -> Result<&web::Data<State>, Refused> {
    request
        .app_data::<web::Data<State>>()
        .ok_or_else(|| Code::Internal.into())
}

#[cfg(test)]
impl State {
    /// A state with nobody behind it.
    pub(crate) fn for_test(directory: &std::path::Path) -> Self {
        use std::time::Duration;

        use crate::admission::Places;
        use crate::upload::Reserve;

        let token = domain::secret::Secret::new("the-token-of-a-test");
        let token = contracts::PresentServiceToken::new(&token).unwrap();
        let nobody = service::link::Callee {
            grading_url: Box::new(tonic::transport::Endpoint::from_static("http://127.0.0.1:1")),
            certificates: service::link::Certificates::default(),
        };
        let nobody = nobody.link().unwrap();
        let channel = crate::grading::observed(crate::grading::connect(&nobody, token));
        let second = Duration::from_secs(1);
        Self {
            grading: Grading::new(channel, second, second),
            blobs: Blobs::open(&blobs::Config::directory(directory)).unwrap(),
            uploads: Uploads::new(1024, 1, Reserve(0)),
            admission: Admission::new(Places {
                requests: 1,
                uploads: 1,
                streams: 1,
                downloads: 1,
            }),
            bodies: Bodies::new(0),
            health: Health::default(),
            ids: Ids::sequence(),
            cookies: Cookies { insecure: false },
            origins: Origins::default(),
            proxies: Proxies {
                trusted: Vec::new(),
                header: crate::proxies::ProxyHeader::XForwardedFor,
            },
            timeouts: Timeouts {
                body: second,
                stall: second,
                upload: second,
            },
            pace: Pace {
                grace: second,
                lowest: 1,
            },
            metrics_token: None,
            trust_traceparent: false,
            lifecycle: Lifecycle::for_test().0,
        }
    }
}
