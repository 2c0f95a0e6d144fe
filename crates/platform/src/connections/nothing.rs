//! Systems that do not tell an ordinary user of other programs' connections.

use std::io;

use super::seen::Seen;

/// Cannot be opened.
#[derive(Debug)]
pub(super) struct Source;

impl Source {
    pub(super) fn open() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) async fn next(&mut self) -> io::Result<Seen> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

pub(super) fn listens(_port: u16) -> io::Result<bool> {
    Err(io::ErrorKind::Unsupported.into())
}
