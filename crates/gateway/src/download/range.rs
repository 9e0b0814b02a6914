//! Which part of a file a request asks for. A `Range` that cannot be understood is as if it were not there.

use std::ops::Range;

use actix_web::HttpRequest;
use actix_web::http::header;

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    Whole,
    /// These bytes, at least one.
    Part(Range<u64>),
    /// Bytes behind its end only.
    Beyond,
}

/// What `request` wants of a file of `size` bytes. It wants the whole if `If-Range` names another one than `tag`.
pub(super) fn wanted(request: &HttpRequest, tag: &header::ETag, size: u64) -> Wanted {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let same = match request.headers().get(header::IF_RANGE) {
        None => true,
        Some(_) => text(header::IF_RANGE) == Some(tag.0.to_string().as_str()),
    };
    let range = text(header::RANGE).filter(|_| same);
    range.and_then(|range| of(range, size)).unwrap_or(Wanted::Whole)
}

/// One range; several would need an answer in several parts, which nobody has asked for yet.
fn of(range: &str, size: u64) -> Option<Wanted> {
    let (unit, bounds) = range.split_once('=')?;
    let (first, last) = bounds.trim().split_once('-')?;
    let part = match (first, last) {
        ("", "") => return None,
        ("", length) => size.saturating_sub(number(length)?)..size,
        (first, "") => number(first)?..size,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return None;
            }
            first..last.saturating_add(1).min(size)
        }
    };
    let wanted = if part.is_empty() {
        Wanted::Beyond
    } else {
        Wanted::Part(part)
    };
    unit.eq_ignore_ascii_case("bytes").then_some(wanted)
}

/// A position. One that is too large for a number is behind every end.
fn number(digits: &str) -> Option<u64> {
    let fine = digits.bytes().all(|byte| byte.is_ascii_digit());
    fine.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_to_the_file_and_what_is_behind_it_cannot_be_given() {
        for (range, expected) in [
            ("bytes=0-0", Some(Wanted::Part(0..1))),
            ("bytes=3-", Some(Wanted::Part(3..10))),
            ("Bytes=2-4", Some(Wanted::Part(2..5))),
            ("bytes=2-99", Some(Wanted::Part(2..10))),
            ("bytes=9-99999999999999999999999", Some(Wanted::Part(9..10))),
            ("bytes=-4", Some(Wanted::Part(6..10))),
            ("bytes=-99", Some(Wanted::Part(0..10))),
            ("bytes=10-", Some(Wanted::Beyond)),
            ("bytes=99999999999999999999999-", Some(Wanted::Beyond)),
            ("bytes=-0", Some(Wanted::Beyond)),
            ("bytes=4-2", None),
            ("bytes=0-1,3-4", None),
            ("bytes=-", None),
            ("bytes=+1-2", None),
            ("bytes=a-b", None),
            ("pages=0-1", None),
            ("bytes", None),
            ("", None),
        ] {
            assert_eq!(of(range, 10), expected, "{range}");
        }
    }
}
