//! Cuts a part out of an object as it is read.
//!
//! The object is read to its end whatever part is wanted: only then is it known to be undamaged, and only then the
//! last piece of the part is given out.

use std::ops::Range;

use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{Stream, TryStreamExt as _};

/// The bytes of `pieces` that lie in `wanted`.
pub(super) fn part(
    pieces: BoxStream<'static, blobs::Result<Bytes>>,
    wanted: Range<u64>,
) -> impl Stream<Item = blobs::Result<Bytes>> + 'static {
    let cutter = Cutter {
        pieces,
        wanted,
        position: 0,
        held: None,
    };
    stream::try_unfold(cutter, async |mut cutter| {
        Ok(cutter.next().await?.map(|piece| (piece, cutter)))
    })
}

struct Cutter {
    pieces: BoxStream<'static, blobs::Result<Bytes>>,
    wanted: Range<u64>,
    /// Where in the object the next piece begins.
    position: u64,
    /// The last piece that was cut.
    held: Option<Bytes>,
}

impl Cutter {
    async fn next(&mut self) -> blobs::Result<Option<Bytes>> {
        while let Some(piece) = self.pieces.try_next().await? {
            let cut = self.cut(&piece);
            if !cut.is_empty()
                && let Some(before) = self.held.replace(cut)
            {
                return Ok(Some(before));
            }
        }
        Ok(self.held.take())
    }

    /// What of the next piece is wanted.
    fn cut(&mut self, piece: &Bytes) -> Bytes {
        let begin = self.position;
        self.position = begin.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        let within = |position: u64| {
            let offset = position.clamp(begin, self.position).saturating_sub(begin);
            usize::try_from(offset).unwrap_or_default()
        };
        piece.slice(within(self.wanted.start)..within(self.wanted.end))
    }
}

#[cfg(test)]
mod tests {
    use blobs::Error;
    use domain::Digest;
    use futures::StreamExt as _;

    use super::*;

    fn pieces(good: bool) -> BoxStream<'static, blobs::Result<Bytes>> {
        let mut pieces = ["abc", "def", "ghi"].map(|text| Ok(Bytes::from(text)));
        if !good && let [.., last] = &mut pieces {
            *last = Err(Error::Corrupt(Digest::of(b"")));
        }
        stream::iter(pieces).boxed()
    }

    async fn read(good: bool, wanted: Range<u64>) -> (String, bool) {
        let given: Vec<_> = part(pieces(good), wanted).collect().await;
        let broken = given.iter().any(Result::is_err);
        let bytes: Vec<u8> = given.into_iter().flatten().flatten().collect();
        (String::from_utf8(bytes).unwrap(), broken)
    }

    #[tokio::test]
    async fn a_part_is_cut_wherever_the_pieces_end() {
        for first in 0..9 {
            for end in first + 1..=9 {
                let within = usize::try_from(first).unwrap()..usize::try_from(end).unwrap();
                let expected = "abcdefghi".get(within).unwrap().to_owned();
                assert_eq!(read(true, first..end).await, (expected, false));
            }
        }
    }

    #[tokio::test]
    async fn of_a_damaged_object_no_part_is_given_whole() {
        for wanted in [0..1, 0..6, 4..9] {
            let length = wanted.end - wanted.start;
            let (given, broken) = read(false, wanted).await;
            assert!(broken && given.len() < usize::try_from(length).unwrap());
        }
    }
}
