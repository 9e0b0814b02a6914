//! HTTP at the gateway. Names and labels are a contract.

use std::time::Duration;

use super::labels::texts;
use super::metric::{Kind, Label, Metric, REQUEST, Values};
use crate::http::{Method, Route};
use crate::name::ServiceName::Gateway;

const METHOD: Label = Label {
    name: "method",
    values: Values::Named("the methods of the routes, and _OTHER"),
};
const PATH: Label = Label {
    name: "path",
    values: Values::Named("the templates of the routes, and _unmatched"),
};

pub(super) const REQUESTS: Metric = Metric {
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

pub(super) const DURATION: Metric = Metric {
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

pub(super) const FAMILY: &[&Metric] = &[&REQUESTS, &DURATION, &IN_FLIGHT];

/// Statuses whose series exist from the start for every route.
pub(super) const FROM_THE_START: &[&str] = &["200", "500", "503"];

/// A request has come.
pub fn http_begun() {
    IN_FLIGHT.shift(&[], 1.0);
}

/// A request was answered.
pub fn http_finished(method: Method, route: Route, status: u16, duration: Duration) {
    // Strangers choose the method of a request that no route takes: it must not make series.
    let method = if route == Route::UNMATCHED {
        Method::Other
    } else {
        method
    };
    REQUESTS.add(&[method.as_str(), route.as_str(), status_text(status)], 1);
    DURATION.observe(&[method.as_str(), route.as_str()], duration);
    IN_FLIGHT.shift(&[], -1.0);
}

/// Method label of requests that no route takes, so that the series exists from the start.
pub(super) fn unmatched() -> (&'static str, &'static str) {
    (Method::Other.as_str(), Route::UNMATCHED.as_str())
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
