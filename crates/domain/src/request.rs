//! The two handles that follow a request everywhere: the request id and the trace parent.

use std::fmt;
use std::str::FromStr;

/// The support handle of one HTTP request: `[A-Za-z0-9._-]{8,64}`. It is not the trace id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestId(Box<str>);

impl RequestId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<uuid::Uuid> for RequestId {
    /// A request id of our own making.
    fn from(uuid: uuid::Uuid) -> Self {
        Self(uuid.to_string().into())
    }
}

impl FromStr for RequestId {
    type Err = NotARequestId;

    fn from_str(text: &str) -> Result<Self, NotARequestId> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if (8..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(NotARequestId)
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not a request id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a request id")]
pub struct NotARequestId;

/// A W3C `traceparent` of version 00.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TraceParent(Box<str>);

impl TraceParent {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The trace that it belongs to, by which it is found where traces are kept.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        self.0.split('-').nth(1).unwrap_or_default()
    }
}

impl FromStr for TraceParent {
    type Err = NotATraceParent;

    fn from_str(text: &str) -> Result<Self, NotATraceParent> {
        let parts: Vec<&str> = text.split('-').collect();
        let hex = |part: &str, length: usize| {
            part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        match parts.as_slice() {
            ["00", trace, span, flags]
                if hex(trace, 32)
                    && hex(span, 16)
                    && hex(flags, 2)
                    && trace.bytes().any(|byte| byte != b'0')
                    && span.bytes().any(|byte| byte != b'0') =>
            {
                Ok(Self(text.into()))
            }
            _ => Err(NotATraceParent),
        }
    }
}

/// The text is not a trace parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a trace parent")]
pub struct NotATraceParent;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_has_8_to_64_plain_characters() {
        for accepted in ["abcd-123", "A.b_c-9x", &"x".repeat(64)] {
            assert!(accepted.parse::<RequestId>().is_ok(), "{accepted}");
        }
        for refused in [
            "",
            "short",
            "with space",
            "line\nbreak",
            "accentué",
            &"x".repeat(65),
        ] {
            assert!(refused.parse::<RequestId>().is_err(), "{refused}");
        }
    }

    #[test]
    fn a_trace_parent_is_version_00_and_not_all_zero() {
        assert!(
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
                .parse::<TraceParent>()
                .is_ok()
        );
        for refused in [
            "",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        ] {
            assert!(refused.parse::<TraceParent>().is_err(), "{refused}");
        }
    }
}
