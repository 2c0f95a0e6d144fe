//! Loopback addresses and ports that no other test of this machine uses.
//!
//! All of 127.0.0.0/8 answers on Linux and Windows without being configured. A client that binds
//! no source address comes from 127.0.0.1 whatever it connects to.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

use socket2::{Domain, Protocol, Socket, Type};

/// Where a client comes from that binds no source address.
pub const UNBOUND: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// An address of this test alone: two parts come from the process id, the last from a counter.
///
/// # Panics
/// After 250 addresses in one process.
pub fn address() -> Ipv4Addr {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let last = NEXT.fetch_add(1, Ordering::Relaxed);
    assert!(last <= 250, "this test has used up its loopback addresses");
    let process = std::process::id();
    let part = |n: u32| u8::try_from(1 + n % 250).expect("below 251");
    Ipv4Addr::new(127, part(process / 250), part(process), last)
}

/// A free port at `ip`, for a server that cannot bind port 0 itself. On an address of
/// [`address`] nothing else can take it meanwhile.
pub fn free_port(ip: Ipv4Addr) -> SocketAddr {
    let listener = TcpListener::bind((ip, 0)).expect("a free loopback port");
    listener.local_addr().expect("the address just bound")
}

/// Connects from `source`, so that the other side sees that address.
///
/// # Errors
/// What the system says when binding or connecting fails.
pub fn connect(source: IpAddr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, Some(Protocol::TCP))?;
    socket.bind(&SocketAddr::new(source, 0).into())?;
    socket.connect_timeout(&to.into(), Duration::from_secs(10))?;
    Ok(socket.into())
}

/// Makes the coming close of `stream` a reset (RST) instead of an orderly end.
pub fn reset_on_close(stream: &TcpStream) {
    let socket = socket2::SockRef::from(stream);
    socket
        .set_linger(Some(Duration::ZERO))
        .expect("SO_LINGER can be set");
}

#[test]
fn addresses_differ_and_can_be_bound() {
    let (one, two) = (address(), address());
    assert_ne!(one, two);
    assert!(one.is_loopback());
    let listener = TcpListener::bind(free_port(one)).unwrap();
    let stream = connect(two.into(), listener.local_addr().unwrap()).unwrap();
    let (_, peer) = listener.accept().unwrap();
    assert_eq!(peer.ip(), two);
    assert_eq!(stream.local_addr().unwrap(), peer);
}
