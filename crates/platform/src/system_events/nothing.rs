//! A system that tells of nothing.

use std::{collections::BTreeSet, convert::Infallible, io};

/// There is none.
#[derive(Debug)]
pub(super) struct Sleep(Infallible);

impl Sleep {
    pub(super) fn open() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) async fn over(&mut self) -> io::Result<()> {
        match self.0 {}
    }
}

/// There is none.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) ways: BTreeSet<Infallible>,
    never: Infallible,
}

impl Network {
    pub(super) fn open() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) async fn changed(&mut self) -> io::Result<()> {
        match self.never {}
    }
}

pub(super) fn ways() -> io::Result<BTreeSet<Infallible>> {
    Err(io::ErrorKind::Unsupported.into())
}
