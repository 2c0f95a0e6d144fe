//! What a system tells of connections.

use std::net::SocketAddr;

/// What was seen.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// These connections, to any port; perhaps none.
    Connections(Vec<Connection>),
    /// Too many connections ended at once: the system dropped some of what it had to tell.
    Overrun,
}

/// A connection. IPv4 in IPv6 is IPv4 here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// This machine's end.
    pub local: SocketAddr,
    /// The other end.
    pub peer: SocketAddr,
    /// What passed over it, where the system tells.
    pub traffic: Option<Traffic>,
}

/// Octets over a connection, in TCP's payload. TCP counts an end of the stream as one more, so each
/// may be one too high.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// From the peer to this machine.
    pub received: u64,
    /// From this machine to the peer, as far as the peer has acknowledged it.
    pub sent: u64,
}
