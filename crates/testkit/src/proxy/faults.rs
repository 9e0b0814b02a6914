//! What is wrong with the network, and what that means for a connection and each of its two ways.

use std::num::NonZeroU32;
use std::os::fd::AsFd;
use std::time::Duration;

use socket2::{SockFilter, SockRef};

/// The kind of a message and the beginning of its length are within as many bytes, whether PostgreSQL, a broker, or whoever
/// speaks HTTP/2 says it, and make no sense turned over.
const HEAD: usize = 5;

/// What is wrong with the network.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Faults {
    /// Connections made before the last cut carry a smaller number, and end.
    pub(super) cuts: u64,
    /// The same for half of a connection: this way is over, and the other one goes on.
    pub(super) ended: Ways<u64>,
    /// And again: the next piece of data that goes this way is garbled.
    pub(super) garbled: Ways<u64>,
    /// Those made before it was forgotten last carry a smaller number: nothing that is sent over them arrives any more.
    pub(super) forgotten: u64,
    pub(super) held: Ways<bool>,
    pub(super) lose_replies: bool,
    /// Nothing arrives, and nobody is told: neither data nor that it was received.
    pub(super) swallows: bool,
    pub(super) latency: Duration,
    /// How many bytes pass in a second, each way.
    pub(super) bandwidth: Option<NonZeroU32>,
}

/// One of the two ways over a connection.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    /// From the client to the server.
    Request,
    /// From the server to the client.
    Reply,
}

/// Something of each way.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ways<T> {
    requests: T,
    replies: T,
}

impl<T: Copy> Ways<T> {
    pub(super) fn of(self, way: Way) -> T {
        match way {
            Way::Request => self.requests,
            Way::Reply => self.replies,
        }
    }

    pub(super) fn at(&mut self, way: Way) -> &mut T {
        match way {
            Way::Request => &mut self.requests,
            Way::Reply => &mut self.replies,
        }
    }
}

impl Faults {
    pub(super) fn loses(self, way: Way) -> bool {
        matches!(way, Way::Reply) && self.lose_replies
    }

    /// How long it takes until so many bytes have passed.
    pub(super) fn passage(self, bytes: usize) -> Duration {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.bandwidth
            .map_or(Duration::ZERO, |rate| Duration::from_secs(1) * bytes / rate.get())
    }

    /// How much is passed on at a time: of a narrow way no more than what passes in a tenth of a second.
    pub(super) fn piece(self, most: usize) -> usize {
        let narrow = self
            .bandwidth
            .and_then(|rate| usize::try_from(rate.get() / 10).ok());
        narrow.map_or(most, |piece| piece.clamp(1, most))
    }
}

/// Turns over every bit of so much of the beginning of a piece as the head of a message of any kind has.
pub(super) fn garble(piece: &mut [u8]) {
    for byte in piece.iter_mut().take(HEAD) {
        *byte = !*byte;
    }
}

/// From now on the kernel drops all that comes for this socket before it looks at it, so that not even its receipt is
/// confirmed: for the other side the network is a hole. Or no longer.
pub(super) fn swallow(socket: &impl AsFd, swallows: bool) {
    /// A program that keeps nothing of a packet: `BPF_RET`, 0 bytes.
    const NOTHING: [SockFilter; 1] = [SockFilter::new(0x06, 0, 0, 0)];
    let socket = SockRef::from(socket);
    if swallows {
        socket.attach_filter(&NOTHING).expect("the kernel takes a filter");
    } else {
        // It fails where there is none to take away.
        let _ = socket.detach_filter();
    }
}
