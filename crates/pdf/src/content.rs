//! How much the content of a page unpacks to, found out before anything is done with it.

use std::collections::HashMap;
use std::io::{Read, copy, sink};

use flate2::read::ZlibDecoder;
use hayro::hayro_syntax::Filter;
use hayro::hayro_syntax::object::{Array, Object, Stream};
use hayro::hayro_syntax::page::Page;

use crate::error::Error;

/// Nobody packs a stream more often than this.
const MAX_CHAIN: usize = 8;

/// Refuses a page whose content unpacks to more than `limit` bytes.
pub(crate) fn check(page: &Page<'_>, limit: u64) -> Result<(), Error> {
    // The same stream may be named a million times.
    let mut known = HashMap::new();
    let mut total = 0_u64;
    let single = page.raw().get::<Stream<'_>>("Contents");
    let several = page.raw().get::<Array<'_>>("Contents");
    let parts = several
        .iter()
        .flat_map(Array::iter::<Object<'_>>)
        .filter_map(Object::into_stream);
    for stream in single.into_iter().chain(parts) {
        let size = known
            .entry(stream.obj_id())
            .or_insert_with(|| unpacked(&stream, limit));
        total = total.saturating_add(*size);
        if total > limit {
            return Err(Error::TooMuchData);
        }
    }
    Ok(())
}

/// How large a stream becomes, at most one byte over the limit. Only zlib makes much out of little; what other filters
/// do is left to the limits of the process.
fn unpacked(stream: &Stream<'_>, limit: u64) -> u64 {
    let packed = stream.raw_data();
    let mut reader: Box<dyn Read + '_> = Box::new(&*packed);
    for _ in stream
        .filters()
        .iter()
        .take_while(|filter| **filter == Filter::FlateDecode)
        .take(MAX_CHAIN)
    {
        reader = Box::new(ZlibDecoder::new(reader));
    }
    let mut counted = reader.take(limit.saturating_add(1));
    // What is damaged counts as far as it goes; the engine reads no further either.
    copy(&mut counted, &mut sink()).unwrap_or_else(|_damaged| limit.saturating_add(1) - counted.limit())
}
