//! HTTP at the gateway. Names and labels are a contract.

use std::time::Duration;

use super::labels::texts;
use super::metric::{Kind, Label, Metric, REQUEST, Values, number};
use crate::http::{Method, Route};
use crate::name::ServiceName::Gateway;

const METHOD: Label = Label {
    name: "method",
    values: Values::Named("the methods of the routes, and _OTHER for what is none"),
};
const PATH: Label = Label {
    name: "path",
    values: Values::Named("the templates of the routes, and _unmatched for what is none"),
};

const REQUESTS: Metric = Metric {
    name: "http_requests_total",
    kind: Kind::Counter,
    help: "Answered requests; status 499 is a client that went away.",
    labels: &[
        METHOD,
        PATH,
        Label {
            name: "status",
            values: Values::Named("the statuses of HTTP"),
        },
    ],
    services: &[Gateway],
};

const DURATION: Metric = Metric {
    name: "http_request_duration_seconds",
    kind: Kind::Histogram(REQUEST),
    help: "From the head of a request to the head of its answer.",
    labels: &[METHOD, PATH],
    services: &[Gateway],
};

const IN_FLIGHT: Metric = Metric {
    name: "http_requests_inflight",
    kind: Kind::Gauge,
    help: "Requests that are being answered.",
    labels: &[],
    services: &[Gateway],
};

const TURNS: Metric = Metric {
    name: "http_upload_turns_limit",
    kind: Kind::Gauge,
    help: "How many uploads are received at a time.",
    labels: &[],
    services: &[Gateway],
};

const TURNS_IN_USE: Metric = Metric {
    name: "http_upload_turns_in_use",
    kind: Kind::Gauge,
    help: "Uploads that are being received; at the limit, others wait for their turn.",
    labels: &[],
    services: &[Gateway],
};

const BUDGET: Label = Label {
    name: "budget",
    values: Values::Closed(|| texts(Budget::ALL)),
};
const COUNTED: Label = Label {
    name: "budget",
    values: Values::Closed(|| texts(Budget::COUNTED)),
};

const BUDGETS: Metric = Metric {
    name: "http_requests_budget",
    kind: Kind::Gauge,
    help: "How many requests of a kind are let in at a time.",
    labels: &[COUNTED],
    services: &[Gateway],
};

const SHED: Metric = Metric {
    name: "http_requests_shed_total",
    kind: Kind::Counter,
    help: "Requests that were refused because there was no room for one more of their kind.",
    labels: &[BUDGET],
    services: &[Gateway],
};

const BODIES: Metric = Metric {
    name: "http_bodies_limit_bytes",
    kind: Kind::Gauge,
    help: "How many bytes of JSON bodies are held at a time.",
    labels: &[],
    services: &[Gateway],
};

const BODIES_HELD: Metric = Metric {
    name: "http_bodies_held_bytes",
    kind: Kind::Gauge,
    help: "Room that JSON bodies under way have taken; at the limit, larger ones are refused.",
    labels: &[],
    services: &[Gateway],
};

pub(super) const FAMILY: &[&Metric] = &[
    &REQUESTS,
    &DURATION,
    &IN_FLIGHT,
    &TURNS,
    &TURNS_IN_USE,
    &BUDGETS,
    &SHED,
    &BODIES,
    &BODIES_HELD,
];

closed! {
    /// A kind of requests that has room of its own at the gateway.
    Budget {
        /// What people do at their desks.
        Desk = "desk",
        /// What checks or sets a password.
        Login = "login",
        /// Scans.
        Upload = "upload",
        /// Those who follow a job.
        Stream = "stream",
        /// Files that are read.
        Download = "download",
        /// Large JSON bodies, whatever they are for.
        Body = "body",
        /// Scans, while too little of the volume of blobs is free.
        Volume = "volume",
    }
}

impl Budget {
    /// Those that let in so many requests at a time; the others go by bytes.
    const COUNTED: &[Self] = &[
        Self::Desk,
        Self::Login,
        Self::Upload,
        Self::Stream,
        Self::Download,
    ];
}

/// What is answered to a request that is no method of a route, or that nobody waits for any more.
const UNMATCHED: &[u16] = &[204, 404, 405, 406, 499, 500];

/// A request has come.
pub fn http_begun() {
    IN_FLIGHT.shift(&[], 1.0);
}

/// A request was answered.
pub fn http_finished(method: Method, route: Route, status: u16, duration: Duration) {
    let (method, route) = route.counted(method);
    REQUESTS.add(&[method.as_str(), route.as_str(), status_text(status)], 1);
    DURATION.observe(&[method.as_str(), route.as_str()], duration);
    IN_FLIGHT.shift(&[], -1.0);
}

/// So many uploads may be received at a time.
pub fn upload_turns(limit: usize) {
    TURNS.set(&[], number(u64::try_from(limit).unwrap_or(u64::MAX)));
}

/// So many requests of a kind are let in at a time.
pub fn budget(budget: Budget, places: usize) {
    BUDGETS.set(
        &[budget.as_str()],
        number(u64::try_from(places).unwrap_or(u64::MAX)),
    );
}

/// A request found no room.
pub fn request_shed(budget: Budget) {
    SHED.add(&[budget.as_str()], 1);
}

/// An upload counts as being received until the value is dropped.
pub fn upload_turn() -> UploadTurn {
    TURNS_IN_USE.shift(&[], 1.0);
    UploadTurn(())
}

/// An upload that is being received.
#[derive(Debug)]
#[must_use = "the upload counts as being received until this is dropped"]
pub struct UploadTurn(());

impl Drop for UploadTurn {
    fn drop(&mut self) {
        TURNS_IN_USE.shift(&[], -1.0);
    }
}

/// So many bytes of JSON bodies are held at a time.
pub fn bodies_limit(bytes: u32) {
    BODIES.set(&[], bytes.into());
}

/// The room that one JSON body has taken, until this is dropped.
#[derive(Debug, Default)]
#[must_use = "the room counts as taken until this is dropped"]
pub struct BodyBytes(u32);

impl BodyBytes {
    /// The body takes so many bytes more.
    pub fn grow(&mut self, by: u32) {
        self.0 = self.0.saturating_add(by);
        BODIES_HELD.shift(&[], by.into());
    }
}

impl Drop for BodyBytes {
    fn drop(&mut self) {
        BODIES_HELD.shift(&[], -f64::from(self.0));
    }
}

/// The gateway answers these routes with these statuses: the series exist from here on.
pub fn begin_routes(answers: impl IntoIterator<Item = (Method, Route, u16)>) {
    let unmatched = UNMATCHED
        .iter()
        .map(|status| (Method::Other, Route::UNMATCHED, *status));
    for (method, route, status) in answers.into_iter().chain(unmatched) {
        let (method, route) = route.counted(method);
        REQUESTS.touch(&[method.as_str(), route.as_str(), status_text(status)]);
        DURATION.touch(&[method.as_str(), route.as_str()]);
    }
}

closed! {
    /// The statuses that the gateway answers with.
    StatusText {
        /// OK.
        Ok = "200",
        /// Created.
        Created = "201",
        /// Accepted.
        Accepted = "202",
        /// No content.
        NoContent = "204",
        /// A part of the content.
        PartialContent = "206",
        /// See other.
        SeeOther = "303",
        /// Not modified.
        NotModified = "304",
        /// Bad request.
        BadRequest = "400",
        /// Who is asking?
        Unauthorized = "401",
        /// Not allowed.
        Forbidden = "403",
        /// Not there.
        NotFound = "404",
        /// Not with this method.
        MethodNotAllowed = "405",
        /// Not in a form the client accepts.
        NotAcceptable = "406",
        /// The client was too slow.
        RequestTimeout = "408",
        /// Not in this state.
        Conflict = "409",
        /// Gone.
        Gone = "410",
        /// No length.
        LengthRequired = "411",
        /// Not this version.
        PreconditionFailed = "412",
        /// Too large.
        PayloadTooLarge = "413",
        /// Not in this form.
        UnsupportedMediaType = "415",
        /// No such range.
        RangeNotSatisfiable = "416",
        /// Not acceptable content.
        Unprocessable = "422",
        /// A version is required.
        PreconditionRequired = "428",
        /// Too many.
        TooManyRequests = "429",
        /// Headers too large.
        HeadersTooLarge = "431",
        /// The client went away.
        ClosedByClient = "499",
        /// A fault here.
        Internal = "500",
        /// Not implemented.
        NotImplemented = "501",
        /// A fault behind.
        BadGateway = "502",
        /// Not now.
        Unavailable = "503",
        /// Too late behind.
        GatewayTimeout = "504",
        /// No room.
        InsufficientStorage = "507",
        /// Any other.
        Other = "other",
    }
}

fn status_text(status: u16) -> &'static str {
    let text = status.to_string();
    texts(StatusText::ALL)
        .into_iter()
        .find(|known| *known == text)
        .unwrap_or(StatusText::Other.as_str())
}
