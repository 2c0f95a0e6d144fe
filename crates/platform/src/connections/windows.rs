//! Windows: the TCP table, looked at again and again while something is watched. The system has no
//! event for it that an ordinary user may have.

use std::{io, net::SocketAddr, time::Duration};

use windows_sys::Win32::{
    Foundation::{ERROR_INSUFFICIENT_BUFFER, NO_ERROR},
    NetworkManagement::IpHelper::{GetTcp6Table, GetTcpTable},
};

use super::{
    seen::Seen,
    table::Table,
    tcp_table::{Socket, ipv4, ipv6},
};

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
    let listens = |it: Socket| it.listens && it.local.port() == port;
    Ok(sockets()?.into_iter().any(listens))
}

fn connections() -> io::Result<Vec<(SocketAddr, SocketAddr)>> {
    let connections = sockets()?.into_iter().filter(|it| !it.listens);
    Ok(connections.map(|it| (it.local, it.peer)).collect())
}

/// Both tables, without the processes, which nobody asks for and which take the system longest.
#[allow(unsafe_code)]
fn sockets() -> io::Result<Vec<Socket>> {
    // SAFETY: It writes as many octets as it is told that there are.
    let table = read(|table, octets| unsafe { GetTcpTable(table.cast(), octets, 0) })?;
    let mut sockets: Vec<_> = ipv4(&table).collect();
    // SAFETY: The same.
    let table = read(|table, octets| unsafe { GetTcp6Table(table.cast(), octets, 0) })?;
    sockets.extend(ipv6(&table));
    Ok(sockets)
}

/// A table in words. `call` is given where it goes and how many octets there are, says how many it takes,
/// and gives Windows' error.
fn read(call: impl Fn(*mut u32, *mut u32) -> u32) -> io::Result<Vec<u32>> {
    let mut table: Vec<u32> = Vec::new();
    loop {
        let mut octets = u32::try_from(size_of_val(&*table)).unwrap_or(u32::MAX);
        match call(table.as_mut_ptr(), &raw mut octets) {
            NO_ERROR => return Ok(table),
            // It may have grown by the next call, so half as much room again.
            ERROR_INSUFFICIENT_BUFFER => {
                let words = octets as usize / size_of::<u32>() + 1;
                table.resize(words + words / 2, 0);
            }
            error => return Err(io::Error::from_raw_os_error(error.cast_signed())),
        }
    }
}
