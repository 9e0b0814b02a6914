//! Answers in small pieces. The server copies a piece before it is taken: of an answer in one piece it would keep a whole copy
//! beside it, for each who asks and does not read, of the description of the API too, which all answers share.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use bytes::Bytes;

/// The most that is handed out at once.
const PIECE: usize = 16 * 1024;

/// A body that is handed out piece by piece.
pub(crate) struct Pieces {
    body: BoxBody,
    rest: Bytes,
}

impl Pieces {
    pub(crate) fn of(body: BoxBody) -> Self {
        Self {
            body,
            rest: Bytes::new(),
        }
    }
}

impl MessageBody for Pieces {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_next(context)) {
                Some(Ok(given)) => self.rest = given,
                end => return Poll::Ready(end),
            }
        }
        let length = self.rest.len().min(PIECE);
        Poll::Ready(Some(Ok(self.rest.split_to(length))))
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::io;

    use actix_web::body::BodyStream;
    use futures::stream;

    use super::*;

    #[tokio::test]
    async fn a_large_body_comes_in_small_pieces_and_a_small_one_as_it_is() {
        let given = [(1, 2 * PIECE + 5), (2, 7), (3, PIECE)].map(|(byte, length)| vec![byte; length]);
        let body = stream::iter(given.clone().map(|piece| Ok::<_, io::Error>(Bytes::from(piece))));
        let mut pieces = Pieces::of(BoxBody::new(BodyStream::new(body)));
        let mut got = Vec::new();
        while let Some(piece) = poll_fn(|context| Pin::new(&mut pieces).poll_next(context)).await {
            got.push(piece.unwrap());
        }
        let lengths: Vec<_> = got.iter().map(Bytes::len).collect();
        assert_eq!(lengths, [PIECE, PIECE, 5, 7, PIECE]);
        assert_eq!(got.concat(), given.concat());
    }

    #[test]
    fn how_long_it_is_stays_known() {
        let pieces = Pieces::of(BoxBody::new("an answer"));
        assert_eq!(pieces.size(), BodySize::Sized(9));
    }
}
