//! Settings of the gateway.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use service::Secret;
use service::config::{Invalid, duration};
use service::link::Callee;

use crate::admission::Places;
use crate::pace::Pace;
use crate::proxies::{Network, ProxyHeader, network};
use crate::state::Timeouts;

/// The gateway of Korrigo: HTTP in front of the grading service.
#[derive(Parser)]
#[command(name = "korrigo-gateway", version)]
pub struct Config {
    #[command(flatten)]
    pub(crate) service: service::Common,

    /// Where HTTP is served.
    #[arg(long, env = "KORRIGO_GATEWAY_LISTEN", default_value = "127.0.0.1:8088")]
    pub(crate) listen: SocketAddr,

    /// A file to write the address to that was really taken, for port 0.
    #[arg(long, env = "KORRIGO_GATEWAY_ADDRESS_FILE")]
    pub(crate) address_file: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) grading: Callee,

    /// How long a call to the grading service may take.
    #[arg(long, env = "KORRIGO_GRADING_TIMEOUT", default_value = "10s", value_parser = duration)]
    pub(crate) grading_timeout: Duration,

    /// How long a call may take in which all copies of an exam take part: sharing them out, releasing their results.
    #[arg(long, env = "KORRIGO_GRADING_BULK_TIMEOUT", default_value = "60s", value_parser = duration)]
    pub(crate) grading_bulk_timeout: Duration,

    /// The token by which Korrigo's services know each other, at least 16 characters.
    #[arg(long, env = "KORRIGO_SERVICE_TOKEN", hide_env_values = true, value_parser = service::config::token)]
    pub(crate) service_token: Secret,

    #[command(flatten)]
    pub(crate) blobs: blobs::Settings,

    /// The size of the largest PDF that is accepted, in bytes.
    #[arg(long, env = "KORRIGO_MAX_UPLOAD_BYTES", default_value_t = 100 * 1024 * 1024, value_parser = clap::value_parser!(u64).range(1024..))]
    pub(crate) max_upload_bytes: u64,

    /// How many uploads may be received at a time. As many more wait for their turn, and others are refused at once.
    #[arg(long, env = "KORRIGO_MAX_CONCURRENT_UPLOADS", default_value = "32")]
    pub(crate) max_concurrent_uploads: NonZeroUsize,

    /// How many requests may be answered at a time, uploads and streams apart; an eighth of it may check passwords. Others are refused at once and told when to come again.
    #[arg(long, env = "KORRIGO_MAX_CONCURRENT_REQUESTS", default_value = "128")]
    pub(crate) max_concurrent_requests: NonZeroUsize,

    /// How many bytes of JSON bodies there may be at a time, of all requests together. The first 4 KiB of each body are not counted; one that needs more than is left is refused at once.
    #[arg(long, env = "KORRIGO_MAX_JSON_BYTES", default_value_t = 32 * 1024 * 1024, value_parser = clap::value_parser!(u32).range(1024 * 1024..=1024 * 1024 * 1024))]
    pub(crate) max_json_bytes: u32,

    /// How many jobs may be followed at a time. Other followers are refused at once.
    #[arg(long, env = "KORRIGO_MAX_STREAMS", default_value = "1000")]
    pub(crate) max_streams: NonZeroUsize,

    /// How many files (page images, corrected documents, tables, archives) may be read at a time. Others are refused at once.
    #[arg(long, env = "KORRIGO_MAX_DOWNLOADS", default_value = "256")]
    pub(crate) max_downloads: NonZeroUsize,

    /// How many connections may be open at a time, each of which may take 200 KiB. Others wait to be accepted.
    #[arg(long, env = "KORRIGO_MAX_CONNECTIONS", default_value = "4000")]
    pub(crate) max_connections: NonZeroUsize,

    /// The token that opens `/metrics` on the public port, at least 16 characters. Without it only administrators may read it there.
    #[arg(long, env = "KORRIGO_METRICS_TOKEN", hide_env_values = true, value_parser = service::config::token)]
    pub(crate) metrics_token: Option<Secret>,

    /// Lets the session cookie travel without TLS. For development only.
    #[arg(long, env = "KORRIGO_INSECURE_COOKIES")]
    pub(crate) insecure_cookies: bool,

    /// Other origins whose pages may use the session cookie, separated by commas: `https://marks.example`.
    #[arg(long, env = "KORRIGO_ALLOWED_ORIGINS", value_delimiter = ',', value_parser = origin)]
    pub(crate) allowed_origins: Vec<String>,

    /// The proxies in front, as addresses or networks, separated by commas: `10.0.0.0/8`. Only they are believed when they say for whom they act.
    #[arg(long, env = "KORRIGO_TRUSTED_PROXIES", value_delimiter = ',', value_parser = network)]
    pub(crate) trusted_proxies: Vec<Network>,

    /// The header in which they say it. The other one is ignored.
    #[arg(
        long,
        env = "KORRIGO_PROXY_HEADER",
        value_enum,
        default_value = "x-forwarded-for"
    )]
    pub(crate) proxy_header: ProxyHeader,

    /// Whether the `traceparent` of callers continues their trace: only where all of them are ours. If not, a new one begins and links to it.
    #[arg(long, env = "KORRIGO_TRUST_TRACEPARENT", default_value_t = false, action = clap::ArgAction::Set)]
    pub(crate) trust_traceparent: bool,

    /// How long the head of a request may take to arrive.
    #[arg(long, env = "KORRIGO_HEADER_TIMEOUT", default_value = "10s", value_parser = duration)]
    pub(crate) header_timeout: Duration,

    /// How long a JSON body may take to arrive.
    #[arg(long, env = "KORRIGO_BODY_TIMEOUT", default_value = "20s", value_parser = duration)]
    pub(crate) body_timeout: Duration,

    /// How long a connection may be idle between two requests.
    #[arg(long, env = "KORRIGO_IDLE_TIMEOUT", default_value = "75s", value_parser = duration)]
    pub(crate) idle_timeout: Duration,

    /// How long an upload may pause.
    #[arg(long, env = "KORRIGO_UPLOAD_STALL_TIMEOUT", default_value = "30s", value_parser = duration)]
    pub(crate) upload_stall_timeout: Duration,

    /// How long an upload may take as a whole.
    #[arg(long, env = "KORRIGO_UPLOAD_TIMEOUT", default_value = "15m", value_parser = duration)]
    pub(crate) upload_timeout: Duration,

    /// How long who gets an answer may take none of it. Then the connection ends.
    #[arg(long, env = "KORRIGO_ANSWER_STALL_TIMEOUT", default_value = "30s", value_parser = duration)]
    pub(crate) answer_stall_timeout: Duration,

    /// How many bytes of an answer must be taken in a second, of a file or a list of lines, on average and after that time. Then the connection ends.
    #[arg(long, env = "KORRIGO_ANSWER_LOWEST_RATE", default_value_t = 8 * 1024)]
    pub(crate) answer_lowest_rate: u32,

    /// How many percent of the volume of blobs are kept free: with less, scans are refused, and what workers make of the others still finds room. Not asked of a bucket.
    #[arg(long, env = "KORRIGO_BLOBS_RESERVE", default_value_t = 15, value_parser = clap::value_parser!(u8).range(..=100))]
    pub(crate) blobs_reserve: u8,

    /// How many threads serve HTTP; one per core if it is not given.
    #[arg(long, env = "KORRIGO_GATEWAY_THREADS")]
    pub(crate) threads: Option<NonZeroUsize>,
}

impl AsRef<service::Common> for Config {
    fn as_ref(&self) -> &service::Common {
        &self.service
    }
}

impl Config {
    /// How many of each kind there may be at a time.
    pub(crate) fn places(&self) -> Places {
        Places {
            requests: self.max_concurrent_requests.get(),
            uploads: self.max_concurrent_uploads.get(),
            streams: self.max_streams.get(),
            downloads: self.max_downloads.get(),
        }
    }

    /// How long callers may take.
    pub(crate) fn timeouts(&self) -> Timeouts {
        Timeouts {
            body: self.body_timeout,
            stall: self.upload_stall_timeout,
            upload: self.upload_timeout,
        }
    }

    /// How slowly answers may be read.
    pub(crate) fn pace(&self) -> Pace {
        Pace {
            grace: self.answer_stall_timeout,
            lowest: self.answer_lowest_rate,
        }
    }

    /// Where the blobs are.
    pub(crate) fn blobs(&self) -> Result<blobs::Config, Invalid> {
        let config = self.blobs.config();
        config.map_err(|unclear| Invalid::new(unclear.key, unclear.problem))
    }
}

impl service::Settings for Config {
    fn check(&self) -> Result<(), Invalid> {
        self.grading.link()?;
        self.blobs()?;
        Ok(())
    }
}

/// An origin, exactly as browsers write it: no path, no slash at the end.
fn origin(text: &str) -> Result<String, NotAnOrigin> {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let plain = |host: &str| {
        !host.is_empty()
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".:-[]".contains(&byte))
    };
    if host.is_some_and(plain) {
        Ok(text.to_owned())
    } else {
        Err(NotAnOrigin)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("expected https://host, without a path")]
struct NotAnOrigin;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_no_path() {
        assert!(origin("https://marks.example").is_ok() && origin("http://localhost:5173").is_ok());
        for refused in [
            "",
            "*",
            "null",
            "https://",
            "https://marks.example/",
            "marks.example",
        ] {
            assert!(origin(refused).is_err(), "{refused}");
        }
    }
}
