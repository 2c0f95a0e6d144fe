//! Linux: netlink's socket monitoring. The kernel sends a message for each TCP connection that ends
//! to whoever has joined the group; it asks for no privilege.

use std::{io, os::fd::OwnedFd};

use rustix::{
    io::Errno,
    net::{SendFlags, SocketFlags, netlink::SOCK_DIAG, send, sockopt},
};
use tokio::io::unix::AsyncFd;

use super::{
    diag::{self, Message},
    seen::Seen,
};
use crate::{
    netlink::{AF_INET, AF_INET6, open, read_dump, receive},
    readiness::readable,
};

/// What the kernel may keep for us until it is read: some thousand connections, where the machine's
/// limit allows as much.
const KEPT: usize = 1 << 20;
/// A message about one ended connection has some 400 octets.
const ENDED: usize = 4096;

/// The kernel's messages about connections that have ended.
#[derive(Debug)]
pub(super) struct Source {
    socket: AsyncFd<OwnedFd>,
}

impl Source {
    /// From now on the kernel keeps what there is to tell.
    pub(super) fn open() -> io::Result<Self> {
        Self::keeping(KEPT)
    }

    fn keeping(octets: usize) -> io::Result<Self> {
        let socket = open(
            Some(SOCK_DIAG),
            SocketFlags::NONBLOCK,
            diag::ENDED_CONNECTIONS,
        )?;
        sockopt::set_socket_recv_buffer_size(&socket, octets)?;
        Ok(Self {
            socket: readable(socket)?,
        })
    }

    /// What has ended since the last call, or next.
    pub(super) async fn next(&mut self) -> io::Result<Seen> {
        let mut buffer = [0; ENDED];
        loop {
            let mut ready = self.socket.readable().await?;
            let received = match ready.try_io(|socket| Ok(receive(socket.get_ref(), &mut buffer)?))
            {
                Ok(received) => received,
                Err(_would_block) => continue,
            };
            let datagram = match received {
                Ok(datagram) => datagram,
                Err(error) if error.raw_os_error() == Some(Errno::NOBUFS.raw_os_error()) => {
                    return Ok(Seen::Overrun);
                }
                Err(error) => return Err(error),
            };
            let ended = diag::messages(datagram).filter_map(|message| match message {
                // A socket without a peer is a listener that was closed.
                Message::Socket(it) => Some(it).filter(|it| it.peer.port() != 0),
                Message::Done(_) | Message::Other => None,
            });
            return Ok(Seen::Connections(ended.collect()));
        }
    }
}

/// Whether something listens on the port. Asking has the kernel load `tcp_diag`, without which it
/// would tell of nothing.
pub(super) fn listens(port: u16) -> io::Result<bool> {
    let socket = open(Some(SOCK_DIAG), SocketFlags::empty(), 0)?;
    let mut found = false;
    for family in [AF_INET, AF_INET6] {
        send(
            &socket,
            &diag::ask_listening(family, port),
            SendFlags::empty(),
        )?;
        read_dump(&socket, |kind, body| {
            found |= matches!(diag::message(kind, body), Message::Socket(_));
        })?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        net::{TcpListener, TcpStream},
        time::Duration,
    };

    use tokio::time::{sleep, timeout};

    /// Time for the kernel to tell of what it has put off.
    const PAUSE: Duration = Duration::from_millis(100);

    #[test]
    fn a_listener_is_found_in_either_family_and_a_closed_one_is_not() {
        for address in ["127.0.0.1:0", "[::1]:0", "[::]:0"] {
            let listener = TcpListener::bind(address).unwrap();
            let port = listener.local_addr().unwrap().port();
            assert!(listens(port).unwrap(), "{address}");
            drop(listener);
            assert!(!listens(port).unwrap(), "{address}");
        }
    }

    /// More than the kernel was asked to keep, while nobody reads.
    #[tokio::test]
    async fn an_overrun_is_said_and_the_watching_goes_on() {
        let mut source = Source::keeping(0).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connect = || {
            let peer = TcpStream::connect(address).unwrap();
            let (own, from) = listener.accept().unwrap();
            drop(peer);
            drop(own);
            from
        };
        // The kernel tells of them when it comes to it, which on a busy machine may be later, while
        // they are read here. Until it is too much at once, there are more.
        'overrun: loop {
            for _ in 0..200 {
                connect();
            }
            sleep(PAUSE).await;
            while let Ok(seen) = timeout(PAUSE, source.next()).await {
                if matches!(seen.unwrap(), Seen::Overrun) {
                    break 'overrun;
                }
            }
        }
        // What was kept is read first; until then the kernel drops what is new.
        let mut later = Vec::new();
        loop {
            later.push(connect());
            match source.next().await.unwrap() {
                Seen::Connections(ended) if ended.iter().any(|it| later.contains(&it.peer)) => {
                    break;
                }
                Seen::Connections(_) | Seen::Overrun => {}
            }
        }
    }
}
