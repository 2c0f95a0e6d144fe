//! Windows: the TCP table, looked at again and again while something is watched. The system has no
//! event for it that an ordinary user may have.

use std::{io, net::SocketAddr, time::Duration};

use netstat2::{
    AddressFamilyFlags, ProtocolFlags, ProtocolSocketInfo, TcpSocketInfo, TcpState,
    get_sockets_info,
};

use super::{seen::Seen, table::Table};

/// Between two looks. A delivery over a real line lives for several hundred milliseconds.
const EVERY: Duration = Duration::from_millis(50);

/// The table, and what of it is known.
#[derive(Debug)]
pub(super) struct Source {
    table: Table,
}

impl Source {
    /// What is in the table now is not new.
    pub(super) fn open() -> io::Result<Self> {
        let mut table = Table::default();
        table.look(connections()?.into_iter());
        Ok(Self { table })
    }

    /// The connections that are new since the last call.
    pub(super) async fn next(&mut self) -> io::Result<Seen> {
        tokio::time::sleep(EVERY).await;
        // On a busy server the table is long; no async task waits for it.
        let all = tokio::task::spawn_blocking(connections).await;
        let all = all.map_err(io::Error::other)??;
        Ok(Seen::Connections(self.table.look(all.into_iter())))
    }
}

/// Whether something listens on the port.
pub(super) fn listens(port: u16) -> io::Result<bool> {
    let listens = |it: TcpSocketInfo| it.state == TcpState::Listen && it.local_port == port;
    Ok(sockets()?.any(listens))
}

fn connections() -> io::Result<Vec<(SocketAddr, SocketAddr)>> {
    let ends = |it: TcpSocketInfo| {
        (
            SocketAddr::new(it.local_addr.to_canonical(), it.local_port),
            SocketAddr::new(it.remote_addr.to_canonical(), it.remote_port),
        )
    };
    Ok(sockets()?
        .filter(|it| it.state != TcpState::Listen)
        .map(ends)
        .collect())
}

fn sockets() -> io::Result<impl Iterator<Item = TcpSocketInfo>> {
    // With process ids: only that table has IPv6, and Windows gives it to anyone.
    let all = get_sockets_info(AddressFamilyFlags::all(), ProtocolFlags::TCP);
    let all = all.map_err(io::Error::other)?;
    Ok(all
        .into_iter()
        .filter_map(|it| match it.protocol_socket_info {
            ProtocolSocketInfo::Tcp(tcp) => Some(tcp),
            ProtocolSocketInfo::Udp(_) => None,
        }))
}
