//! What an endpoint is: everything that the router, the checks before it and the OpenAPI document need to
//! know of it, said once, beside its handler.

use actix_web::Route;
use actix_web::http::Method as HttpMethod;
use contracts::Code;
use telemetry::http::Method;

/// One method of one path.
pub(crate) struct Endpoint {
    pub(crate) method: Method,
    /// The template of the path, which is its name in logs and metrics.
    pub(crate) path: &'static str,
    pub(crate) who: Who,
    pub(crate) takes: Takes,
    pub(crate) gives: Gives,
    /// The refusals that are its own; those that follow from the other fields are added.
    pub(crate) problems: &'static [Code],
    /// Its handler, for a method: the one above, or HEAD.
    pub(crate) route: fn(HttpMethod) -> Route,
}

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// Anybody.
    Anyone,
    /// Who has a session.
    LoggedIn,
}

/// What the request's body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    Nothing,
    Json,
    Form,
    Csv,
}

/// What the answer's body is, if all goes well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gives {
    Nothing,
    Json,
    Image,
    /// The image of what says who wrote a copy.
    IdentityImage,
    Pdf,
    Csv,
    Zip,
    Events,
    Lines,
    Metrics,
}

impl Gives {
    /// Whether it comes in pieces, so that how long it takes is for who reads it to say. Streams of events have a rhythm of
    /// their own.
    pub(crate) fn takes_long(self) -> bool {
        self == Self::Lines || self.is_file()
    }

    /// Whether it is a file.
    pub(crate) fn is_file(self) -> bool {
        match self {
            Self::Image | Self::IdentityImage | Self::Pdf | Self::Csv | Self::Zip => true,
            Self::Nothing | Self::Json | Self::Events | Self::Lines | Self::Metrics => false,
        }
    }

    /// The media types that the answer may have.
    pub(crate) fn media_types(self) -> &'static [&'static str] {
        match self {
            Self::Nothing => &[],
            Self::Json => &["application/json"],
            Self::Image | Self::IdentityImage => &["image/png", "image/jpeg", "image/webp"],
            Self::Pdf => &["application/pdf"],
            Self::Csv => &["text/csv"],
            Self::Zip => &["application/zip"],
            Self::Events => &[crate::sse::MEDIA_TYPE],
            Self::Lines => &["application/x-ndjson"],
            Self::Metrics => &["text/plain"],
        }
    }
}

impl Endpoint {
    /// The methods to route to the handler: a HEAD is a GET whose body the server leaves out. Streams have
    /// none: they do not end. Neither have documents, tables and who wrote a copy: asking for one is recorded as having
    /// got it.
    pub(crate) fn methods(&self) -> impl Iterator<Item = HttpMethod> {
        let recorded = matches!(
            self.gives,
            Gives::Pdf | Gives::Csv | Gives::Zip | Gives::Lines | Gives::IdentityImage
        );
        let head = self.method == Method::Get && self.gives != Gives::Events && !recorded;
        self.http_method()
            .into_iter()
            .chain(head.then_some(HttpMethod::HEAD))
    }

    /// Every code that it may refuse or fail with.
    pub(crate) fn codes(&self) -> Vec<Code> {
        let mut codes = self.problems.to_vec();
        codes.extend_from_slice(&[Code::NotAcceptable, Code::Internal]);
        let changes = !matches!(self.method, Method::Get | Method::Head | Method::Options);
        match self.who {
            Who::Anyone => {}
            Who::LoggedIn => {
                let asking = [
                    Code::Unauthenticated,
                    Code::DbContention,
                    Code::Unavailable,
                    Code::Timeout,
                ];
                codes.extend_from_slice(&asking);
                codes.extend(changes.then_some(Code::Csrf));
            }
        }
        match self.takes {
            Takes::Nothing => {}
            Takes::Json | Takes::Form | Takes::Csv => codes.extend_from_slice(&[
                Code::Invalid,
                Code::RequestTimeout,
                Code::TooLarge,
                Code::UnsupportedMediaType,
            ]),
        }
        codes.extend((self.takes == Takes::Json).then_some(Code::InvalidJson));
        codes.sort_by_key(|code| (code.http(), code.as_str()));
        codes.dedup();
        codes
    }

    fn http_method(&self) -> Option<HttpMethod> {
        HttpMethod::from_bytes(self.method.as_str().as_bytes()).ok()
    }
}
