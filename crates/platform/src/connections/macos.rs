//! macOS: the kernel's list of TCP connections, looked at again and again while something is
//! watched. The system has no event for it that an ordinary user may have.

use std::{io, time::Duration};

use sysctl::{Ctl, CtlValue, Sysctl, SysctlError};

use super::{
    pcblist::{self, Unknown},
    seen::Seen,
    table::{Measured, Row, Stage},
};

/// Between two looks. Mail servers close a connection before their peer does; it then stays in the
/// list for half a minute.
const EVERY: Duration = Duration::from_millis(100);

/// The list, and what of it is known.
#[derive(Debug)]
pub(super) struct Source {
    table: Measured,
}

impl Source {
    /// What is over by now is not told of.
    pub(super) fn open() -> io::Result<Self> {
        let mut table = Measured::default();
        table.look(rows()?);
        Ok(Self { table })
    }

    /// The connections that have ended since the last call.
    pub(super) async fn next(&mut self) -> io::Result<Seen> {
        tokio::time::sleep(EVERY).await;
        let ended = match rows() {
            Ok(rows) => self.table.look(rows),
            // It grew between its size and its reading; the next look has it all.
            Err(error) if error.kind() == io::ErrorKind::OutOfMemory => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok(Seen::Connections(ended))
    }
}

/// Whether something listens on the port.
pub(super) fn listens(port: u16) -> io::Result<bool> {
    let listens = |it: &Row| it.stage == Stage::Listening && it.connection.local.port() == port;
    Ok(rows()?.iter().any(listens))
}

fn rows() -> io::Result<Vec<Row>> {
    match Ctl::new("net.inet.tcp.pcblist_n").and_then(|list| list.value()) {
        Ok(CtlValue::Struct(list)) => Ok(pcblist::rows(&list)?),
        Ok(_) => Err(Unknown.into()),
        Err(SysctlError::IoError(error)) => Err(error),
        Err(SysctlError::NotFound(name)) => Err(io::Error::new(io::ErrorKind::NotFound, name)),
        Err(error) => Err(io::Error::other(error)),
    }
}

impl From<Unknown> for io::Error {
    fn from(unknown: Unknown) -> Self {
        Self::new(io::ErrorKind::Unsupported, unknown)
    }
}
