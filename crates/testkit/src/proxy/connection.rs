//! One connection over the proxy, to its end.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd as _, OwnedFd};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::watch;
use tokio::time::sleep;

use super::faults::{Faults, Way, garble, swallow};

/// How much is read at a time.
const PIECE: usize = 64 * 1024;

/// Carries one connection to its end, or until it is cut.
pub(super) async fn carry(
    mut client: TcpStream,
    upstreams: Vec<SocketAddr>,
    mut faults: watch::Receiver<Faults>,
) {
    let born = *faults.borrow();
    // Given a list, it goes through it.
    let Ok(mut server) = TcpStream::connect(&*upstreams).await else {
        return;
    };
    for stream in [&client, &server] {
        // Small pieces go on at once, as they came. It fails on a connection that is gone already.
        let _ = stream.set_nodelay(true);
    }
    let sockets = [&client, &server].map(|stream| stream.as_fd().try_clone_to_owned());
    let [Ok(client_socket), Ok(server_socket)] = sockets else {
        return;
    };
    let (client_reads, client_writes) = client.split();
    let (server_reads, server_writes) = server.split();
    let requests = pump(client_reads, server_writes, (Way::Request, born), faults.clone());
    let replies = pump(server_reads, client_writes, (Way::Reply, born), faults.clone());
    let hole = swallow_when_told([client_socket, server_socket], born, faults.clone());
    let cut = tokio::select! {
        _ = async { tokio::try_join!(requests, replies) } => false,
        _ = faults.wait_for(|faults| faults.cuts != born.cuts) => true,
        () = hole => false,
    };
    if cut {
        // So that closing is a reset and not a goodbye.
        let _ = client.set_zero_linger();
        let _ = server.set_zero_linger();
    }
}

/// Makes a black hole of both sockets while the network is one, and for ever when this connection is forgotten.
async fn swallow_when_told(sockets: [OwnedFd; 2], born: Faults, mut faults: watch::Receiver<Faults>) {
    loop {
        let known = *faults.borrow_and_update();
        let swallows = known.swallows || known.forgotten != born.forgotten;
        for socket in &sockets {
            swallow(socket, swallows);
        }
        if faults.changed().await.is_err() {
            return;
        }
    }
}

async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    (way, born): (Way, Faults),
    mut faults: watch::Receiver<Faults>,
) -> io::Result<()> {
    let mut buffer = vec![0; PIECE];
    let mut garbled = born.garbled.of(way);
    let is_over = |faults: &Faults| faults.ended.of(way) != born.ended.of(way);
    loop {
        let piece = faults.borrow().piece(PIECE);
        let piece = buffer.get_mut(..piece).unwrap_or_default();
        let over = async { faults.clone().wait_for(is_over).await.is_ok() };
        let read = tokio::select! {
            read = from.read(piece) => read?,
            true = over => return half_closed(from, to).await,
        };
        let known = *faults.borrow();
        sleep(known.latency + known.passage(read)).await;
        let passing = faults
            .wait_for(|faults| !faults.held.of(way) || is_over(faults))
            .await;
        let known = *passing.map_err(io::Error::other)?;
        if is_over(&known) {
            return half_closed(from, to).await;
        }
        if read > 0 && known.loses(way) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        match piece.get_mut(..read) {
            None | Some([]) => return to.shutdown().await,
            Some(bytes) => {
                let told = known.garbled.of(way);
                if told != garbled {
                    garbled = told;
                    garble(bytes);
                }
                to.write_all(bytes).await?;
            }
        }
    }
}

/// Says goodbye one way, and throws away what would still have gone it.
async fn half_closed(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> io::Result<()> {
    to.shutdown().await?;
    tokio::io::copy(&mut from, &mut tokio::io::sink()).await?;
    Ok(())
}
